"""Tables, values and what a terminal must not be told."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

from mes.cli.written import bar, clean, plain, table, width
from mes.model.quantity import Quantity


def test_columns_stand_below_each_other_with_chinese_words() -> None:
    lines = table(("name", "amount"), [("硫化锂", "1 g"), ("LiCl", "2 g")]).split("\n")
    assert {width(line[: line.rindex(" ") - 1]) for line in lines[1:]} == {width("硫化锂  ")}
    assert lines[1] == "硫化锂  1 g"
    assert lines[2] == "LiCl    2 g"


def test_a_text_cannot_command_the_terminal() -> None:
    assert "\x1b" not in clean("\x1b[2Jgone")
    assert "\x1b" not in table(("a",), [("\x1b]0;title\x07",)])


def test_values_become_json() -> None:
    at = datetime(2026, 3, 1, 9, 0, tzinfo=timezone(timedelta(hours=8)))
    assert plain({"q": Quantity(Decimal("1.50"), "g"), "at": at, "all": (Decimal("1E+3"),)}) == {
        "q": {"value": "1.50", "uom": "g"},
        "at": "2026-03-01T01:00:00.000+00:00",
        "all": ["1000"],
    }


def test_a_bar_of_nothing_is_empty() -> None:
    assert bar(0, 0) == "[" + "-" * 24 + "] 0/0"
    assert bar(3, 3) == "[" + "#" * 24 + "] 3/3"
