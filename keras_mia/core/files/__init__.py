"""Files that are either whole or not there, and who may write them."""
