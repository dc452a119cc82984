"""A recipe is shown with all it has: limits, scaling, balance, and every construct of its procedure."""

from __future__ import annotations

import pytest

from mes.cli.recipe_text import as_text
from mes.recipes.reader import read_recipe
from tests.recipes.conftest import SMALL
from tests.recipes.everything import EVERYTHING

SHOWN = as_text(read_recipe(EVERYTHING, "e.yaml"))

LINES = [
    "a hold holds its unit procedure",
    "mill_time 10 h 8 h to 16 h high 9 h to 15 h, soft 9.5 h to 12 h at the start",
    "rest 2 min up to 1 kg, 5 min up to 2 kg 2 min to 5 min when first needed",
    "ratio 10 + 2 per kg 10 to 20",
    "salt Salt 510.204081633 g of the pure substance, at a yield of 98 %",
    "powder Powder product 890 g",
    "loses 100 g per kg + 0.1 g, closes within 2 %",
    "prompt Who mills: Choose the shift. [choice of early, late]",
    "prompt Look at the lot: Scan it once more. [scan of salt]",
    "prompt Which route: 1 is the short one. [number, 1 to 3]",
    "unit procedure Weigh on WS-111, uses SCR-002",
    'phase WEIGH Weigh sugar: target report("Weigh salt", net_weight) * $lot.salt.assay * 0.9',
    "acquire FU-301",
    "repeat: Mill until clean",
    "unit procedure Mill on a MILL (longest idle: BM-202) where jar_volume >= 2 L",
    "choose",
    'when answer("Which route") == 1',
    "wait 10 min",
    "wait until BM-201.T_JAR < 40 degC, at most 2 h",
    "otherwise",
    "when BM-201.T_JAR > 50 degC: speed $mill_speed - 50 rpm",
    "gate QC of powder: peak 0 to 5 %",
    "exception Too hot when BM-201.T_JAR > 70 degC for 10 s, at most 2 times",
    "then jump to Run",
    'until result("QC", peak) <= 5 %, at most 3 times',
    "release FU-301",
    "starts together as Both boxes",
    "exception Anything else on failure any, at most 3 times",
    "then end",
]


@pytest.mark.parametrize("line", LINES)
def test_each_construct_is_shown_in_a_line_of_its_own(line: str) -> None:
    assert line in [" ".join(shown.split()) for shown in SHOWN.splitlines()]


def test_what_a_recipe_does_not_have_takes_no_room() -> None:
    shown = as_text(read_recipe(SMALL))
    assert all(word not in shown for word in ("Material balance", "a hold holds", "asked", "expected "))
