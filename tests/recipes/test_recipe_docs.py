"""The recipe in the how-to runs in the shipped plant, and the mistakes it shows are told in those words."""

from __future__ import annotations

import re
from pathlib import Path

from mes.model.equipment import ProcessCell
from mes.recipes.binding import bind
from mes.recipes.check import check
from mes.recipes.fieldtypes import AMOUNT
from mes.recipes.reader import read_recipe
from mes.recipes.schema import recipe_schema
from mes.recipes.strict_yaml import DEEPEST, LARGEST_BYTES, MOST_VALUES

DOCS = Path(__file__).resolve().parents[2] / "docs"
HOW_TO = (DOCS / "how-to/write-a-recipe.md").read_text("utf-8")
REFERENCE = (DOCS / "reference/recipe.md").read_text("utf-8")


def shown_recipe() -> str:
    (text,) = re.findall(r"```yaml\n(recipe: .*?)```", HOW_TO, re.DOTALL)
    return str(text)


def test_the_recipe_of_the_how_to_has_no_mistake(cell: ProcessCell) -> None:
    master = read_recipe(shown_recipe(), "D1-milled-licl.yaml")
    assert check(master, cell) == []
    assert bind(master, cell).recipe_id == "D1"


def test_the_mistakes_of_the_how_to_are_told_in_its_words(cell: ProcessCell) -> None:
    text = shown_recipe().replace("tolerance: 0.5 %", "tolerance: 0.5").replace("speed: 400 rpm", "speed: 4000 rpm")
    (told,) = re.findall(r"```text\n(.*?)```", HOW_TO, re.DOTALL)
    found = check(read_recipe(text, "D1-milled-licl.yaml"), cell)
    assert "\n".join(str(problem) for problem in found) == told.strip()


def test_the_reference_names_every_key_and_the_limits() -> None:
    for key in set(re.findall(r'^ {4,10}"([a-z_]+)": \{$', recipe_schema(), re.MULTILINE)) - {"properties"}:
        assert key in REFERENCE, f"docs/reference/recipe.md does not name {key!r}"
    values = f"{MOST_VALUES:,}".replace(",", " ")
    assert f"more than {LARGEST_BYTES // 1024**2} MiB, {values} values or {DEEPEST} levels" in REFERENCE


def test_every_amount_of_the_reference_is_one() -> None:
    (line,) = re.findall(
        r"An amount is a number, one space and a unit of measure: (.*?)\. A bare", REFERENCE, re.DOTALL
    )
    amounts = re.findall(r"`([^`]+)`", line)
    assert len(amounts) > 3
    assert all(re.fullmatch(AMOUNT, amount) for amount in amounts)
