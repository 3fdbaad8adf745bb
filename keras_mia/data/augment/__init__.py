"""Random changes: drawn first, then applied."""
