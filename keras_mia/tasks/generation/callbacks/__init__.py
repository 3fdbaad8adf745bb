"""What watches a game while it is played."""
