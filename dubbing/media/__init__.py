"""Reading and writing media files: the only callers of PyAV and ffmpeg."""
