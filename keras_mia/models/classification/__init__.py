"""Builders of networks that give one prediction for the whole image."""
