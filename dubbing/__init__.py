"""Dubs English talks into Russian in the speaker's own voice, and measures how good the dub is."""

__version__ = "0.1.0"
