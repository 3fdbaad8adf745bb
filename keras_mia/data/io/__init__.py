"""Files to images and label maps, and back: one table from suffix to reader and writer."""
