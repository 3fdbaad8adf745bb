"""Images that were made, scored by those that were to be made."""
