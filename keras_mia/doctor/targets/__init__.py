"""What may be wrong with the targets of whole images: a module a kind, and one table of them."""
