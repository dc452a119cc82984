"""What the models give for published measurements, and how far off it is."""
