"""The demonstration as a user plays it: one command, two lots, nothing left behind."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import psutil
import pytest

from tests.system.plcs import ROOT

LIMIT_S = 300.0


def mes(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mes", *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )


def processes_of(folder: Path) -> list[str]:
    """Give the command lines of processes that work in a folder."""
    found = []
    for process in psutil.process_iter():
        try:
            command = " ".join(process.cmdline())
        except (psutil.NoSuchProcess, psutil.ZombieProcess, psutil.AccessDenied):
            continue
        if str(folder) in command:
            found.append(command)
    return found


@pytest.mark.timeout(330)
def test_the_demonstration_makes_both_lots_and_traces_the_film_to_what_was_received(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    played = mes("demo", "--once", "--headless", "--json", "--speed", "5000", "--data", str(folder))
    assert played.returncode == 0, played.stderr
    document = json.loads(played.stdout)

    powder, film = document["batches"]
    assert [powder["recipe"]["id"], film["recipe"]["id"]] == ["R1", "R3"]
    for batch in (powder, film):
        assert batch["state"] == "complete"
        assert abs(Decimal(batch["mass_balance"]["closure_percent"])) <= 1

    assert len(document["film_rolls"]) == 2
    for agreement in document["truth"]:
        assert len(agreement["right"]) == 6
        assert agreement["missing"] == agreement["invented"] == []
    for roll, found in zip(document["film_rolls"], document["traces"], strict=True):
        assert (found["lot_no"], found["direction"]) == (roll, "backward")
        children = {edge["child"] for edge in found["edges"]}
        ends = {lot["lot_no"]: lot for lot in found["lots"] if lot["lot_no"] not in children}
        assert {lot["material"] for lot in ends.values()} == {
            *("Li2S", "P2S5", "LiCl"),
            *("NBR", "Xylene", "PET carrier film"),
        }
        # Received, not made: from a supplier, of no batch, with an amount in this roll.
        assert all(lot["supplier"] and lot["batch_no"] is None for lot in ends.values())
        assert all(Decimal(lot["amount"]["value"]) > 0 for lot in ends.values())

    checked = mes("db", "check", "--data", str(folder))
    assert checked.returncode == 0, checked.stderr
    assert processes_of(folder) == []
