"""Wrong words to the commands that steer batches and units: told with what is possible, and nothing is put in."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mes.cli.outcome import run
from tests.cli.installation import Mes, Site


@pytest.fixture(scope="module")
def folder(stock: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with an idle batch of R1 and without an engine, made once: nothing here writes into it."""
    made = tmp_path_factory.mktemp("idle") / "site"
    shutil.copytree(stock, made)
    assert run(["batch", "create", "R1", "--by", "ann", "--data", str(made)]) == 0
    return made


@pytest.fixture
def idle(folder: Path, mes: Mes) -> Site:
    """The installation, to give commands to."""
    return Site(folder=folder, mes=mes)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("batch", "hold", "B-0001", "--path", "Aneal", "--because", "x"), ("called 'Aneal'", "did you mean")),
        (("batch", "hold", "B-0001", "--path", "INERTISE", "--because", "x"), ("'INERTISE'",)),
        (("batch", "skip", "B-0001", "Mill"), ("--because", "a skip needs a reason")),
        (("batch", "go-to", "B-0001", "Mill"), ("--because", "a go-to needs a reason")),
        (("batch", "set", "B-0001", "mill_speed", "580 rpm"), ("--because", "a change of a value needs a reason")),
        (("batch", "set", "B-0001", "mill_speed", "580 rmp", "--because", "x"), ("unknown unit of measure 'rmp'",)),
        (("batch", "mode", "B-0001", "semiautomatic"), ("semiautomatic", "semi-automatic")),
        (("batch", "mode", "B-0009", "manual", "--path", "Mill"), ("no batch 'B-0009'",)),
        (("batch", "confirm", "B-0001"), ("nothing in batch B-0001 waits for a confirmation",)),
        (("batch", "break", "B-0001", "Leak test"), ("no engine drives process cell pilot", "mes serve")),
        (("batch", "queue", "--add", "B-0001", "--remove", "B-0001"), ("one at a time",)),
        (("batch", "queue", "--priority", "5"), ("--add BATCH",)),
        (("batch", "queue", "--add", "B-0001", "--after", "B-0009"), ("no batch 'B-0009'",)),
        (("batch", "queue", "--add", "B-0001"), ("no engine drives process cell pilot",)),
        (("batch", "move", "B-0001", "0", "--because", "x"), ("PLACE",)),
        (("batch", "why", "B-0009"), ("no batch 'B-0009'",)),
        (("unit", "show", "FU-31"), ("no unit 'FU-31'", "did you mean 'FU-301'")),
        (("unit", "out-of-service", "FU-301"), ("--because", "needs a reason")),
        (("unit", "clean", "FU-301", "--because", "x"), ("no engine drives process cell pilot", "clean of FU-301")),
        (("unit", "move", "FU-301", "B-0001", "1", "--because", "x"), ("B-0001 and FU-301", "in its queue: nobody")),
    ],
)
def test_is_refused_and_nothing_is_written(idle: Site, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    before = idle.journal()
    idle(*arguments).says(*words)
    assert idle.journal() == before


def test_units_and_waits_of_a_plant_at_rest(idle: Site) -> None:
    units = {one["unit"]: one for one in idle("unit", "list", "--json").document}
    assert (units["BM-201"]["in_service"], units["BM-201"]["clean"], units["BM-201"]["queue"]) == (True, True, [])
    assert any(line.split() == ["FU-301", "FURNACE", "free"] for line in idle("unit", "list").out.splitlines())
    text = idle("unit", "show", "FU-301").out
    assert "standing  free" in text
    assert "nobody waits for FU-301" in text
    assert idle("batch", "why", "B-0001").out == "batch B-0001 waits for nothing\n"
    assert idle("batch", "queue", "--json").document == []
    assert "--add BATCH" in idle("batch", "queue").out


def test_a_batch_is_shown_with_all_that_steers_it(idle: Site) -> None:
    shown = idle("batch", "show", "B-0001", "--json").document
    assert (shown["mode"], shown["waits"], shown["queue"], shown["breakpoints"]) == ("automatic", [], None, [])
    assert shown["procedure"]["children"][0]["path"] == "Inertise weighing box"
