"""Scores of classes, and of their probabilities."""
