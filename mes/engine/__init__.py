"""The engine: a pure step and the thin shell of one process cell around it."""
