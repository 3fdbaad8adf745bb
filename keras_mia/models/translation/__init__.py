"""Networks that make an image of an image, in a game with one that knows real images."""
