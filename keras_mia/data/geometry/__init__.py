"""Voxel grids: their orientation, their affines and their resampling."""
