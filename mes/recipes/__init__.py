"""Recipes: text becomes a checked master recipe, a master recipe becomes the control recipe of one batch."""
