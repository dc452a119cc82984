from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from plc_sim.physics.conduction import LPSCL_PRESS, at_temperature, fit_arrhenius, press_through
from plc_sim.validation import anchors, command
from plc_sim.validation.simulated import PRESSED_MPA, pressed_ms_cm
from plc_sim.validation.words import value_text

PAGE = Path(__file__).resolve().parents[3] / "docs" / "explanation" / "validation.md"


def committed(name: Path) -> str:
    path = PAGE.parent / name
    return path.read_text("utf-8") if path.exists() else ""


def test_the_page_and_its_figures_are_fresh(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--write", str(tmp_path / PAGE.name)]) == 0
    written = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert len(written) == 9
    stale = [str(name) for name in written if (tmp_path / name).read_text("utf-8") != committed(name)]
    assert not stale, "run `python -m plc_sim validate --write docs/explanation/validation.md`"
    assert "validation.md" in capsys.readouterr().err


def test_no_figure_is_left_over_from_an_earlier_page() -> None:
    text = PAGE.read_text("utf-8")
    assert all(path.name in text for path in (PAGE.parent / "images").glob("validation-*.svg"))


def test_the_table_names_every_row_and_ends_with_the_sums(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 0
    lines = capsys.readouterr().out.splitlines()
    shown = [line.split()[0] for line in lines[1:-2]]
    assert shown == [anchor.id for anchor in anchors.read_anchors()]
    assert lines[-1].startswith("hold-out: 3 of 3 pass; ")
    assert "which proves nothing" in lines[-1]


def test_json_gives_numbers_and_roles(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--json"]) == 0
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows["B2b"]["simulated"] == pytest.approx(1.486, abs=0.001)
    assert rows["B2b"]["verdict"] == "pass"
    assert rows["A1"]["role"] == "calibration"
    assert rows["E1a"]["simulated"] is None
    assert rows["B3"]["tolerance_rel"] is None


def test_a_failed_hold_out_ends_with_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = anchors.ANCHORS.read_text("utf-8")
    assert ",1.54,0.1,hold-out," in text
    wrong = tmp_path / "anchors.csv"
    wrong.write_text(text.replace(",1.54,0.1,hold-out,", ",3.0,0.1,hold-out,"), encoding="utf-8")
    monkeypatch.setattr(command, "read_anchors", lambda: anchors.read_anchors(wrong))
    assert command.main([]) == command.EXIT_HOLD_OUT_FAILED
    assert "FAIL" in capsys.readouterr().out


def test_validate_is_a_command_of_the_plant() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "plc_sim", "validate", "--json"], capture_output=True, check=False, timeout=50
    )
    assert finished.returncode == 0, finished.stderr
    assert len(json.loads(finished.stdout)) == len(anchors.read_anchors())


def test_a_page_that_cannot_be_written_is_told_and_is_no_failed_hold_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").write_text("")
    assert command.main(["--write", str(tmp_path / "taken" / "page.md")]) == command.EXIT_BAD_INPUT
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"plc_sim: --write {tmp_path / 'taken' / 'page.md'}: ")
    assert told.err.count("\n") == 1


def test_a_console_without_the_signs_of_the_table_gets_question_marks() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "plc_sim", "validate"],
        capture_output=True,
        check=False,
        timeout=50,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert finished.returncode == 0, finished.stderr
    assert b"?15 %" in finished.stdout


def test_a_reader_that_went_away_is_no_failed_hold_out() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    finished = subprocess.run(
        [sys.executable, "-m", "plc_sim", "validate"], stdout=writer, stderr=subprocess.PIPE, check=False, timeout=50
    )
    os.close(writer)
    assert (finished.returncode, finished.stderr) == (141, b"")


def test_an_output_that_cannot_be_written_ends_in_a_line() -> None:
    with Path("/dev/full").open("w") as full:
        finished = subprocess.run(
            [sys.executable, "-m", "plc_sim", "validate"], stdout=full, stderr=subprocess.PIPE, check=False, timeout=50
        )
    assert finished.returncode == command.EXIT_BAD_INPUT
    assert finished.stderr.decode().splitlines() == ["plc_sim: standard output: No space left on device"]


def test_the_words_about_missed_rows_are_true(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["--json"])
    rows = {row["id"]: row for row in json.loads(capsys.readouterr().out)}
    assert 0.8 < rows["A2"]["error_rel"] < 1.3
    assert rows["A5a"]["error_rel"] < -0.25 < 0.25 < rows["A5b"]["error_rel"]
    assert rows["D1b"]["simulated"] < 1.0
    assert rows["B1c"]["simulated"] == rows["B1d"]["simulated"]
    assert value_text(LPSCL_PRESS.porosity(350.0)) == "0.176"
    assert "would give 0.18" in rows["B3"]["note"]
    lgps = {row_id: rows[row_id]["published"] for row_id in ("A10a", "A10b")}
    assert fit_arrhenius([(25.0, lgps["A10a"]), (5.0, lgps["A10b"])]).activation_ev == pytest.approx(0.25, abs=0.005)
    assert at_temperature(lgps["A10a"], 25.0, 5.0) == pytest.approx(4.8, abs=0.05)
    assert "(0.25 eV)" in rows["A10b"]["note"]
    assert "would give 4.8 from A10a" in rows["A10b"]["note"]
    assert rows["C5"]["published"] is None


@pytest.mark.parametrize("density", [0.30, 0.65])
def test_at_both_ends_of_the_assumed_densities_the_held_out_pressing_would_fail(density: float) -> None:
    rows = {anchor.id: anchor.published for anchor in anchors.read_anchors()}
    simulated = pressed_ms_cm(PRESSED_MPA["B2b"], rows, press_through(density))
    assert abs(simulated / rows["B2b"] - 1.0) > 0.1
