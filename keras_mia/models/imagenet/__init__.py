"""Networks of `keras.applications` with what they learned from photographs (ImageNet)."""
