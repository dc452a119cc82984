"""The demonstration: three simulated PLCs, the engine, the page, and an operator who never tires."""
