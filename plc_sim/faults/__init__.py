"""Faults by name: what can go wrong with a PLC, its link, its signals and the plant under it, and when."""
