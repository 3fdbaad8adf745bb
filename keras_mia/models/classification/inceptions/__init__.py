"""GoogLeNet and what followed from it: networks that are tables of parallel branches."""
