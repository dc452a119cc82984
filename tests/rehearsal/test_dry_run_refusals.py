"""What a dry run refuses before it starts anything."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mes.cli.outcome import run
from tests.rehearsal.portion import ROOT, write_portion

MAPS = ROOT / "plc_sim" / "maps"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["R11"], ["no recipe has this id", "R1"]),
        (["{portion}", "--size", "5 kg"], ["a batch size of 5000 g is not possible", "50 g to 500 g"]),
        (["{portion}", "--size", "5 min"], ["batch size of PORTION", "min"]),
        (["{portion}", "--set", "o2_max=20 ppm"], ["o2_max: 20 ppm is out of limits", "1 ppm to 10 ppm"]),
        (["{portion}", "--set", "o2=2 ppm"], ["no formula parameter 'o2'", "did you mean 'o2_max'?"]),
        (["{portion}", "--results", "Second balance=200 g"], ["names no result of a gate", "write for example"]),
        (["{portion}", "--results", "Second balance.mas=200 g"], ["asks for no result 'mas'", "did you mean 'mass'?"]),
        (
            ["{portion}", "--results", "Second balanse.mass=200 g"],
            ["'Second balanse'", "did you mean", "Second balance"],
        ),
        (["{portion}", "--results", "Second balance.mass=2 kg"], ["2000 g cannot be typed", "0 to 1000 g"]),
        (["{portion}", "--results", "Second balance.mass=2 min"], ["result mass", "min"]),
        (["{portion}", "--answer", "Third balance=reject"], ["nothing in the procedure is called 'Third balance'"]),
        (["{portion}", "--answer", "reject"], ["'reject' is not NAME=VALUE"]),
        (["{portion}", "--keep", "{folder}"], ["is there already", "name a new folder"]),
        (["C1"], ["BC-101", "no unit"]),
    ],
)
def test_what_cannot_be_run_is_refused_with_what_would_be_right(
    arguments: list[str], words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    maps = tmp_path / "maps"
    maps.mkdir()
    for name in ("sy", "ut"):
        shutil.copy(MAPS / f"{name}.toml", maps)
    names = {"portion": write_portion(tmp_path), "folder": maps}
    given = [argument.format(**names) for argument in arguments]
    code = run(["recipe", "dry-run", *given, "--maps", str(maps), "--data", str(tmp_path / "site")])
    printed = capsys.readouterr()
    assert (code, printed.out) == (1, "")
    assert "Traceback" not in printed.err
    assert "mistake in mes itself" not in printed.err
    for word in words:
        assert word in printed.err


def test_a_folder_without_maps_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["recipe", "dry-run", "R1", "--maps", str(tmp_path)]) == 1
    assert "there is no tag map (*.toml) in this folder" in capsys.readouterr().err
