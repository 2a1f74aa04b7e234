"""Tiny models with random weights, in the layout of the real ones."""
