"""The app's own code: what its pages read, say and draw. Only it and the pages know Streamlit."""
