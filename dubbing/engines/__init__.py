"""Models and programs behind one interface per kind; see `base`."""
