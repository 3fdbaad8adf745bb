"""What Keras lacks: layers of any rank, fast normalization, resizing, mirrored borders."""
