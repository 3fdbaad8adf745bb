"""Predictions of segmentation scored: of a run, of files, and of two runs side by side."""
