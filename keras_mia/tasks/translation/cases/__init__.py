"""The cases of translation: pairs, or two kinds of images without, and what they hold."""
