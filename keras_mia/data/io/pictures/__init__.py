"""Formats of pictures, and their channels."""
