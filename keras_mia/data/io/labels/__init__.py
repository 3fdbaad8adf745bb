"""What the numbers in a file of labels mean."""
