"""Generation: images that are like those of training."""
