"""The training stream, and what it draws."""
