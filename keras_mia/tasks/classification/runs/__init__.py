"""Runs evaluated: when they end, again by their tables, and side by side."""
