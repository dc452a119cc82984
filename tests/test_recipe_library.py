"""The page on the recipes that come with mes tells what they are, and that each was run as it is."""

from __future__ import annotations

from tests.recipe_library import PAGE, digest_of, not_run, renewed


def test_the_page_on_the_recipes_is_fresh() -> None:
    page = PAGE.read_text("utf-8")
    assert page == renewed(page), "recipes have changed: run python -m tests.recipe_library"


def test_every_recipe_that_comes_with_mes_was_run_as_it_is() -> None:
    left = list(not_run())
    assert not left, f"run python -m tests.recipe_library {' '.join(left)}"


def test_a_comment_does_not_make_a_run_worthless_but_a_value_does() -> None:
    assert digest_of("# why\nrecipe: X\n") == digest_of("# because\nrecipe: X\n")
    assert digest_of("recipe: X\n") != digest_of("recipe: Y\n")
