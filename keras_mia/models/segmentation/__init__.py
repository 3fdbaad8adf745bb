"""Networks that name every voxel."""
