"""How good samples are, by the features and the classes of a network that is not the game's."""
