"""What every room needs; imports nothing of the house."""
