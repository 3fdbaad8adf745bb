"""Which files are images, and which belong together."""
