"""The groups of options that apps share."""
