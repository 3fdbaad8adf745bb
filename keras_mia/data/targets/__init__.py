"""What is learnt, as arrays and back."""
