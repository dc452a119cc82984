"""Each measurement runs from end to end and tells its ratio; how fast the machine is, is nobody's business here."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 240

pytestmark = pytest.mark.timeout(LIMIT_S + 30)


def run(program: str, *arguments: str) -> str:
    """Run a measurement and give what it printed."""
    ended = subprocess.run(
        [sys.executable, str(ROOT / "bench" / program), *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def document_of(program: str, *arguments: str) -> dict[str, Any]:
    document = json.loads(run(program, "--json", *arguments))
    assert isinstance(document, dict)
    return document


def test_every_program_of_the_folder_is_run_here() -> None:
    programs = {path.name for path in (ROOT / "bench").glob("*.py")}
    assert programs == {"engine.py", "footprint.py", "handshake.py", "plant.py", "scan.py", "server_cost.py"}


@pytest.mark.parametrize("protocol", ["modbus", "opcua"])
def test_the_handshake_is_measured_through_mes_and_bare(protocol: str) -> None:
    document = document_of("handshake.py", "--rounds", "2", "--protocol", protocol)
    (line,) = document["lines"]
    assert line["what"].startswith(protocol)
    assert line["ratio"]["p50"] == pytest.approx(line["measured"]["p50"] / line["reference"]["p50"], rel=0.01)
    assert line["ratio"].keys() >= {"p50", "p95"}
    # What belongs to the start is in the order in which it happens.
    commit, recorded = line["also"].values()
    assert 0 < commit["p50"] < line["measured"]["p50"] < recorded["p50"]
    assert document["machine"]["cores"]


def test_the_scan_counts_readings_of_the_port_and_of_the_bare_clients() -> None:
    document = document_of("scan.py", "--rounds", "3")
    assert [line["what"].split(":")[0] for line in document["lines"]] == ["modbus", "modbus", "opcua"]
    for line in document["lines"]:
        rates = line["measured"]["readings_per_s"], line["reference"]["readings_per_s"]
        assert line["ratio"]["rate"] == pytest.approx(rates[0] / rates[1], rel=0.01)


def test_a_measurement_for_people_names_its_reference_its_machine_and_its_ratio() -> None:
    said = run("scan.py", "--rounds", "2", "--protocol", "modbus")
    for word in ("reference:", "machine:", "load_average", "ratio", "goal"):
        assert word in said


def test_the_footprint_looks_at_every_process_of_the_demonstration() -> None:
    document = document_of("footprint.py", "--seconds", "1", "--no-browser")
    names = sorted(line["what"].split(" (")[0] for line in document["lines"])
    assert names == ["mes", "plant"]
    for line in document["lines"]:
        assert 0 < line["measured"]["median_mb"] <= line["measured"]["max_mb"]
        assert line["ratio"]["max"] > 0
        assert line["met"] is (line["measured"]["max_mb"] <= float(line["goal"].split()[2]))


def test_the_servers_are_measured_against_an_echo_of_the_same_bytes() -> None:
    document = document_of("server_cost.py", "--rounds", "2", "--requests", "20")
    whats = [line["what"] for line in document["lines"]]
    assert len([what for what in whats if what.startswith("modbus")]) == 6
    assert len([what for what in whats if what.startswith("opcua")]) == 1
    for line in document["lines"]:
        assert 0 < line["reference"]["mean"]
        assert line["ratio"]["mean"] == pytest.approx(line["measured"]["mean"] / line["reference"]["mean"], rel=0.01)


def test_the_plant_is_measured_as_a_whole_and_unit_by_unit() -> None:
    document = document_of("plant.py", "--hours", "1")
    whole, share, *units = document["lines"]
    assert whole["met"] is (whole["also"]["speed"]["times_real_time"] >= 10_000)
    assert whole["ratio"]["mean"] == pytest.approx(whole["measured"]["mean"] / whole["reference"]["mean"], rel=0.01)
    assert sum(share["measured"].values()) == pytest.approx(1.0, abs=0.01)
    assert len(units) == 26
    (station,) = (line for line in units if line["what"].startswith("WS-111"))
    assert 0 < station["measured"]["idle_us"] < station["measured"]["busy_us"]


def test_the_engine_is_measured_against_a_plain_scan_of_the_same_statuses() -> None:
    document = document_of("engine.py", "--phases", "20", "--rounds", "3", "--seconds", "1.2")
    quiet, change, tick, late = document["lines"]
    for line in (quiet, change, tick):
        assert line["ratio"]["mean"] == pytest.approx(
            line["measured"]["mean_us"] / line["reference"]["mean_us"], rel=0.01
        )
    assert quiet["measured"]["p50_us"] < change["measured"]["p50_us"]
    assert late["measured"]["p99_ms"] > 0 < late["reference"]["p99_ms"]
