"""The plant without servers: the same to the last bit, however its scans fall, and no gram unaccounted for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plc_sim import cli
from plc_sim.cell import Cell
from plc_sim.headless import played
from plc_sim.play.digest import Digest
from plc_sim.play.playfile import read_play
from plc_sim.play.script import Play
from tests.plc_sim.play.stage import MAPS, SHIPPED, SHORT, HeaterStage, whole_plant

ROOT = Path(__file__).parents[2]
FAULT = "glovebox-leak GB-103 at=20min for=10min"
HOUR = 3600


@pytest.fixture(scope="module")
def short() -> Play:
    return read_play(SHORT, SHIPPED)


def run(seed: int, ticks: int, play: Play | None, faults: tuple[str, ...] = ()) -> dict[str, Any]:
    return played(*whole_plant(seed, faults), ticks, play)


def command_line(*more: str) -> list[str]:
    return ["--map", *(str(MAPS / f"{name}.toml") for name in ("sy", "fm", "ut")), *more]


def test_the_same_seed_play_and_faults_give_the_same_plant_in_any_process(
    short: Play, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = command_line("--headless", "70min", "--play", str(SHORT), "--fault", FAULT, "--truth")
    assert cli.main([*arguments, str(tmp_path / "truth.json")]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["phases_completed"] > 5
    assert told["process_time_s"] == 70 * 60
    assert told["speed"] > 0
    other = subprocess.run(
        [sys.executable, "-m", "plc_sim", *arguments, str(tmp_path / "other.json")],
        cwd=ROOT,
        # Another order of every set of names than here.
        env={**os.environ, "PYTHONHASHSEED": "7" if os.environ.get("PYTHONHASHSEED") != "7" else "8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    assert json.loads(other.stdout)["digest"] == told["digest"]
    assert (tmp_path / "other.json").read_bytes() == (tmp_path / "truth.json").read_bytes()
    assert run(1, 70 * 60, short, (FAULT,))["digest"] == told["digest"]


def test_another_seed_another_fault_or_another_play_give_another_digest(short: Play) -> None:
    ticks = HOUR // 2
    runs = [
        run(1, ticks, short),
        run(2, ticks, short),
        run(1, ticks, short, (FAULT,)),
        run(1, ticks, None),
        run(1, ticks - 1, short),
    ]
    assert len({one["digest"] for one in runs}) == len(runs)


JUDGED_AT_SCANS = ("PlcHb", "State", "StateChg", "CmdEn", "StatusEnd")
"""A heartbeat counts scans, and a slot leaves starting, completing and the like at a scan."""


def images(cell: Cell) -> dict[str, int]:
    """All that is shown but what is decided once a scan."""
    return {
        tag.name: plc.image.bits(index)
        for plc in cell.plcs.values()
        for index, tag in enumerate(plc.image.tags)
        if tag.name.rpartition(".")[2] not in JUDGED_AT_SCANS
    }


@settings(max_examples=4, deadline=None)
@given(scans=st.lists(st.integers(1, 300), min_size=1, max_size=6))
def test_how_a_stretch_of_time_is_cut_into_scans_does_not_change_the_plant(scans: list[int]) -> None:
    play = read_play(SHORT, SHIPPED)
    ends = []
    for split in (scans, [sum(scans)]):
        cell, material = whole_plant(3)
        # Until phases run on both lines and in the box, and then without a command.
        played(cell, material, 5 * 60, play)
        for ticks in split:
            cell.advance(ticks)
        ends.append((images(cell), material.truth(), cell.ticks))
    assert ends[0] == ends[1]


def test_the_time_between_scans_is_that_of_the_play_and_the_last_one_may_be_shorter(tmp_path: Path) -> None:
    stage = HeaterStage(tmp_path, '[[line]]\nname = "one"\nsteps = [{ wait = "1s" }]\n')
    play = read_play(tmp_path / "play.toml", [plc.tag_map for plc in stage.cell.plcs.values()])
    before = stage.shown("HT.PlcHb")
    played(stage.cell, None, 95, play)
    # One for the power-up, nine of 10 s, one of 5 s.
    assert stage.shown("HT.PlcHb") - before == 11
    assert stage.cell.ticks == 95


COMMANDS = """
[[command]]
at = "70min"
do = "abort"
on = "BM-201.PH"
[[command]]
at = "2h"
do = "hold"
on = "MX-601.PH"
[[command]]
at = "125min"
do = "restart"
on = "MX-601.PH"
[[command]]
at = "250min"
do = "stop"
on = "CT-701.PH"
"""
PANEL = """
[[command]]
at = "40min"
reset = "I18_ARGON_SUPPLY"
on = "AR-003"
"""


@dataclass(frozen=True)
class Rough:
    """A run in which much goes wrong, and the ends of the mishaps it tells."""

    seed: int
    commands: str
    faults: tuple[str, ...]
    told: tuple[str, ...]


ROUGH = (
    Rough(11, COMMANDS, (), ("UNLOAD on BM-201.PH: aborted", "COAT on CT-701.PH: stopped")),
    Rough(
        12,
        # The argon is back in time, and with the button pressed every phase goes on.
        PANEL,
        ("argon-loss AR-003 at=15min for=20min", "plc-restart SY at=100min", "power-cut FM at=280min for=5min"),
        ("UNLOAD on BM-201.PH: the PLC has lost it", "COAT on CT-701.PH: the PLC has lost it"),
    ),
    Rough(
        13,
        "",
        ("power-cut SY at=170min for=3min", "web-break CT-701 at=250min for=2min"),
        ("ANNEAL on FU-301.PH: the PLC has lost it", "COAT on CT-701.PH: aborted after I14_WEB_BREAK"),
    ),
)


@pytest.mark.parametrize("rough", ROUGH, ids=lambda rough: rough.seed)
def test_nothing_is_unaccounted_for_whatever_goes_wrong(tmp_path: Path, rough: Rough) -> None:
    path = tmp_path / "play.toml"
    path.write_text(SHORT.read_text(encoding="utf-8") + rough.commands, encoding="utf-8")
    cell, material = whole_plant(rough.seed, rough.faults)
    told: Any = played(cell, material, 5 * HOUR, read_play(path, SHIPPED))
    assert tuple(": ".join(mishap.split(": ")[-2:]) for mishap in told["mishaps"]) == rough.told
    lost = {lot: grams for lot, grams in material.truth()["unaccounted"].items() if abs(grams) > 1e-6}
    assert lost == {}


def test_a_digest_hears_every_bit() -> None:
    digests = set()
    for told in ((1.0,), (1.0 + 2**-52,), ("1.0",), (1.0, 0)):
        cell, material = whole_plant(1, plcs=("UT",))
        digest = Digest()
        digest.take(*told)
        digests.add(digest.ended(cell, material))
    assert len(digests) == 4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--play", str(SHORT)), "plc_sim: --play needs --headless TIME"),
        (("--headless", "1h", "--play", "gone.toml"), "plc_sim: gone.toml: cannot read the play: No such file"),
        (("--headless", "for ever"), "plc_sim: --headless 'for ever' must be a time"),
    ],
)
def test_what_cannot_be_run_is_refused_in_one_line(
    options: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(command_line(*options)) == 2
    written = capsys.readouterr().err
    assert written.startswith(said)
    assert written.count("\n") == 1
