"""Pieces of a page, each a small function that draws one thing."""
