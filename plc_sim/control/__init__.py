"""The control API of the simulated plant: faults, panel, time, material and truth over HTTP on loopback."""
