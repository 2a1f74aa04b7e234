"""Text made ready for people and for speech engines."""
