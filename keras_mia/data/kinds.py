"""The kinds of answer to a whole image; in a file of its own, so that help texts load nothing."""

KINDS = ("class", "several", "number", "box")
