"""The demonstration: the simulated plant, the engine, the page, and an operator who never tires."""
