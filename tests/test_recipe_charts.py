"""The charts in the documentation are those of the recipes as they are."""

from __future__ import annotations

from tests.recipe_charts import stale


def test_the_charts_of_the_documentation_are_fresh() -> None:
    assert not stale(), "recipes or charts have changed: run python -m tests.recipe_charts"
