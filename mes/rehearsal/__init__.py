"""The dry run of a recipe: a batch of it on a simulated plant of its own, and what came of it."""
