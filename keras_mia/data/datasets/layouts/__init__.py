"""The layouts of folders and files that data sets come in."""
