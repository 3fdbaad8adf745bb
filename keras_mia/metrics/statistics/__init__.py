"""What holds beyond the cases that were scored: intervals and tests."""
