"""Measurements of a finished dub, on the file that a person plays."""
