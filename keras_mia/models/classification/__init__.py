"""Builders of networks that give one answer for the whole image."""
