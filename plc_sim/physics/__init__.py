"""Process models of the simulated plant: pure functions and small states, no clock, no tags, no unseeded chance.

Every module names its equations, units and ranges, and marks each number as published (with its source), computed from
published ones, or a design default. `docs/explanation/plant-models.md` lists them all.
"""
