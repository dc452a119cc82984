"""The recipe in the how-to runs in the shipped plant, and the mistakes it shows are told in those words."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from mes.model.equipment import ProcessCell
from mes.recipes.binding import bind
from mes.recipes.check import check
from mes.recipes.fieldtypes import AMOUNT
from mes.recipes.reader import read_recipe
from mes.recipes.schema import recipe_schema
from mes.recipes.strict_yaml import DEEPEST, LARGEST_BYTES, MOST_VALUES
from tests.recipes.everything import with_second_mill

DOCS = Path(__file__).resolve().parents[2] / "docs"
HOW_TO = (DOCS / "how-to/write-a-recipe.md").read_text("utf-8")
REFERENCE = (DOCS / "reference/recipe.md").read_text("utf-8")
AROUND = """\
recipe: X1
version: "1.0"
title: {en: Example}
product: Powder
batch_size: {default: 1 kg, minimum: 0.5 kg, maximum: 2 kg}
formula:
  soak_temperature: {default: 550 degC, minimum: 545 degC, maximum: 570 degC}
inputs:
  Li2S: {material: Li2S, per: 427.96 g, assay_corrected: true}
  P2S5: {material: P2S5, per: 414.08 g, assay_corrected: true}
  LiCl: {material: LiCl, per: 157.96 g, assay_corrected: true}
outputs:
  powder: {material: Powder}
procedure:
  - prompt: Shade
    text: {en: Compare it with the card.}
    answer: {number: {uom: "1", minimum: 1, maximum: 5}}
  - unit_procedure: Weigh
    unit: WS-111
    operations:
      - operation: Weigh
        phases:
          - phase: WEIGH
            name: Weigh Li2S
            scan: [Li2S]
            parameters: {target: $input.Li2S}
          - gate: QC
            results:
              li2s_peak: {uom: "%", minimum: 0, maximum: 100, spec: [0, 5]}
"""


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


def examples() -> list[str]:
    """Give the YAML examples of the reference: keys of the header, or items of a procedure."""
    return [text for text in re.findall(r"```yaml\n(.*?)```", REFERENCE, re.DOTALL) if not text.startswith("#")]


def completed(example: str) -> str:
    """Give a recipe around an example, with the names that examples use."""
    if not example.startswith("- "):
        keys = set(re.findall(r"^(\w+):", example, re.MULTILINE))
        kept = [part for part in re.split(r"^(?=\w)", AROUND, flags=re.MULTILINE) if part.split(":")[0] not in keys]
        return "".join(kept) + example
    kinds = set(re.findall(r"^ *- (\w+):", example, re.MULTILINE))
    unit = "CT-701" if "phase: COAT" in example else "WS-111" if "WEIGH" in example else "BM-201"
    if "unit_procedure" in kinds or "acquire" in kinds:
        return AROUND + textwrap.indent(example, "  ")
    head = f"  - unit_procedure: Example\n    unit: {'FU-301' if 'operation' in kinds else unit}\n    operations:\n"
    if "operation" in kinds:
        return AROUND + head + textwrap.indent(example, " " * 6)
    return f"{AROUND}{head}      - operation: Example\n        phases:\n" + textwrap.indent(example, " " * 10)


def test_every_example_of_the_reference_is_read_and_names_what_the_plant_has(cell: ProcessCell) -> None:
    assert len(examples()) > 15
    for example in examples():
        found = check(read_recipe(completed(example), "example.yaml"), with_second_mill(cell))
        unknown = [str(problem) for problem in found if re.search(r"there is no|has no |does not fit", problem.message)]
        assert not unknown, f"{unknown} in\n{example}"


def test_every_amount_of_the_reference_is_one() -> None:
    (line,) = re.findall(
        r"An amount is a number, one space and a unit of measure: (.*?)\. A bare", REFERENCE, re.DOTALL
    )
    amounts = re.findall(r"`([^`]+)`", line)
    assert len(amounts) > 3
    assert all(re.fullmatch(AMOUNT, amount) for amount in amounts)
