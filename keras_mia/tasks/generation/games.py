"""The names of games and of scales of images, known without TensorFlow."""

GAMES = ("non_saturating", "minimax", "least_squares", "hinge", "wasserstein")
SMOOTHED = ("non_saturating", "minimax", "least_squares")
"""Those whose discriminator learns labels."""
SCHEMES = ("range", "set", "zscore", "ct", "none")
"""Of normalization, as `ImagePlan` has them."""
