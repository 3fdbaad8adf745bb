"""Images, predictions and networks to look at."""
