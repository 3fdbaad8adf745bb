"""The command `keras-mia`, and what the apps share."""
