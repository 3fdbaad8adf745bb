"""One fit: settings, steps, validation, the best network, and going on after a stop."""
