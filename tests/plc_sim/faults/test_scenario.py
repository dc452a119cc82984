"""Scenario files: faults at their process times, and every mistake told with file and entry."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from plc_sim.faults.scenario import read_scenario

GOOD = """
[[fault]]
name = "link-down"
target = "SY"
at = "10min"
for = 60

[[fault]]
name = "argon-loss"
pressure = 3.5
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "night.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_scenario_is_read_in_its_order(tmp_path: Path) -> None:
    first, second = read_scenario(written(tmp_path, GOOD))
    assert (first.kind.name, first.target, first.at_s, first.for_s) == ("link-down", "SY", 600.0, 60.0)
    assert (second.kind.name, second.target, second.at_s, second.for_s) == ("argon-loss", "AR-003", None, None)
    assert second.values == {"pressure": 3.5}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no [[fault]] entry"),
        ("fault = []", "no [[fault]] entry"),
        ("fault = 3", "no [[fault]] entry"),
        ("fault = [3]", "[[fault]] 1: 3 must be a table"),
        ("[[fault]", "not a TOML file ("),
        ("[[faults]]\nname = 'link-down'", "'faults' means nothing here; a scenario is made of [[fault]] entries"),
        (f"{GOOD}\n[[fault]]\nname = 'link-dwn'", "[[fault]] 3: there is no fault 'link-dwn'; did you mean link-down?"),
        (f"{GOOD}\n[[fault]]\ntarget = 'SY'", "[[fault]] 3: a fault needs its name"),
        (f"{GOOD}\n[[fault]]\nname = 'drift'", "[[fault]] 3: drift needs a target: the name of a tag"),
        ("[[fault]]\nname = 'argon-loss'\npresure = 3", "[[fault]] 1: argon-loss has no parameter 'presure'; did you"),
        ("[[fault]]\nname = 'argon-loss'\npressure = 30", "[[fault]] 1: argon-loss: pressure = 30 must be 0 to 8 bar"),
        ("[[fault]]\nname = 'argon-loss'\npressure = nan", "[[fault]] 1: argon-loss: pressure = nan must be a number"),
        ("[[fault]]\nname = 'argon-loss'\nat = 2020-01-01", "[[fault]] 1: argon-loss: at ="),
    ],
)
def test_a_mistake_in_a_scenario_is_told(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ValueError, match=re.escape(f"{path}: {told}")):
        read_scenario(path)


def test_a_scenario_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no\.toml: cannot read the scenario: No such file or directory"):
        read_scenario(tmp_path / "no.toml")
