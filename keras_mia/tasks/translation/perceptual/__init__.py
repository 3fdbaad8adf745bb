"""Images that have to be alike to a classifier: whose features join the loss, and in which unit."""
