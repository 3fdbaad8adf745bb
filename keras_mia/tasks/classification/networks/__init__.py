"""The networks of a plan, compiled: with random weights, or pretrained ones."""
