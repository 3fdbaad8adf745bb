"""What the report shows of a run with a target for each whole image."""
