"""What the texts of targets say: numbers, boxes, and whether they are what they seem."""
