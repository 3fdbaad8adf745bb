"""New images made by a trained network, for `sample`."""
