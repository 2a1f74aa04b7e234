"""Many videos: on this machine or on a Ray cluster."""
