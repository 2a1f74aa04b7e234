"""The steps of the pipeline, each a pure function of values: media in, dub out."""
