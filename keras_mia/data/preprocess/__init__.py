"""Plans as data, images as the network sees them, and the exact way back."""
