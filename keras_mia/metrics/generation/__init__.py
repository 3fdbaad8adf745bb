"""Metrics of sets of samples: how far they are from real images, and how they fail."""
