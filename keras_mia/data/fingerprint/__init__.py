"""Facts about a data set, found by reading each case once."""
