"""The names of games, known without TensorFlow."""

GAMES = ("non_saturating", "minimax", "least_squares", "hinge", "wasserstein")
SMOOTHED = ("non_saturating", "minimax", "least_squares")
"""Those whose discriminator learns labels."""
