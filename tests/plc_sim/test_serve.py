"""A served plant with faults, control API, truth and retained values, as a process of its own."""

from __future__ import annotations

import json
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from plc_sim.control.material import Table
from plc_sim.plant import BuiltPlant
from tests.plc_sim import heater
from tests.plc_sim.test_cli import HEATERS, Child, read_register

LIMIT_S = 10.0
STORED = ("--map", HEATERS[1], "--plant", "tests.plc_sim.test_serve")


class Stores:
    """The material of the plant below: nothing but its truth."""

    def lots(self) -> Sequence[Table]:
        return []

    def receive(self, lot: Table) -> Table:
        return lot

    def containers(self) -> Sequence[Table]:
        return []

    def container(self, label: str) -> Table:
        raise LookupError(f"there is no container {label!r}")

    def put_container(self, label: str, content: Table) -> Table:
        return content

    def bring(self, label: str, unit: str) -> Table:
        raise LookupError(f"there is no container {label!r}")

    def take(self, unit: str, label: str) -> Table:
        raise LookupError(f"there is no unit {unit!r}")

    def truth(self) -> Table:
        return {"lots": [{"lot": "L-1", "amount": float("inf")}]}


def build_plant(plcs: Mapping[str, Sequence[str]], seed: int, supply: str) -> BuiltPlant:
    """The plant as `plc_sim --plant` wants it, with material."""
    units = {name: heater.build(name, unit_names, seed) for name, unit_names in plcs.items()}
    return BuiltPlant(units=units, material=Stores())


@pytest.fixture
def children() -> Iterator[list[Child]]:
    started: list[Child] = []
    yield started
    for child in started:
        child.close()


def asked(ready: Mapping[str, Any], method: str, path: str, body: object = None) -> Any:
    sent = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(ready["control"] + path, sent, {"content-type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
        return json.loads(answer.read())


def until(seen: Callable[[], object], wanted: object) -> None:
    limit_s = time.monotonic() + LIMIT_S
    while (last := seen()) != wanted:
        assert time.monotonic() < limit_s, f"{last!r} instead of {wanted!r} after {LIMIT_S} s"
        time.sleep(0.01)


def test_the_ready_line_tells_the_control_api_and_it_acts_on_the_served_plc(children: list[Child]) -> None:
    children.append(child := Child(*HEATERS, "--control", "0", "--boot-id", "7"))
    ready = child.ready()
    assert set(ready) == {"ready", "url", "boot_id", "control"}
    assert ready["control"].startswith("http://127.0.0.1:")
    assert asked(ready, "POST", "/plcs/HT/restart")["boot_id"] == 8
    until(lambda: asked(ready, "GET", "/plcs")[0]["link"], "up")
    assert read_register(ready["url"], 1) == 8
    fault = asked(ready, "POST", "/faults", {"name": "frozen-heartbeat", "target": "HT"})
    beat = read_register(ready["url"], 2)
    now_s = asked(ready, "GET", "/time")["process_time_s"]
    until(lambda: asked(ready, "GET", "/time")["process_time_s"] > now_s, True)
    assert read_register(ready["url"], 2) == beat
    asked(ready, "DELETE", f"/faults/{fault['number']}")
    until(lambda: read_register(ready["url"], 2) != beat, True)
    child.process.send_signal(signal.SIGTERM)
    assert child.ended() == (0, "")


def test_faults_of_the_command_line_and_of_a_scenario_come_at_their_times(
    children: list[Child], tmp_path: Path
) -> None:
    scenario = tmp_path / "night.toml"
    scenario.write_text('[[fault]]\nname = "heater-failure"\ntarget = "HE-2"\nat = "1h"\n', "utf-8")
    fault = "heater-failure HE-1 at=10min for=1000h"
    children.append(
        child := Child(*HEATERS, "--fault", fault, "--scenario", str(scenario), "--control", "0", "--speed", "9999")
    )
    ready = child.ready()

    def active() -> list[object]:
        return [(one["target"], one["active"]) for one in asked(ready, "GET", "/faults")]

    until(active, [("HE-1", True), ("HE-2", True)])


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_truth_is_written_at_the_end(children: list[Child], tmp_path: Path, ending: signal.Signals) -> None:
    truth = tmp_path / "truth.json"
    children.append(child := Child(*STORED, "--truth", str(truth), "--control", "0"))
    assert asked(child.ready(), "GET", "/truth") == {"lots": [{"lot": "L-1", "amount": None}]}
    assert not truth.exists()
    child.process.send_signal(ending)
    assert child.ended() == (0, "")
    assert json.loads(truth.read_text("utf-8")) == {"lots": [{"lot": "L-1", "amount": None}]}
    assert [path.name for path in tmp_path.iterdir()] == ["truth.json"]


def test_what_was_retained_last_is_in_the_file_at_the_end(children: list[Child], tmp_path: Path) -> None:
    retain = tmp_path / "retain.json"
    children.append(child := Child(*HEATERS, "--retain", str(retain), "--control", "0"))
    ready = child.ready()
    asked(ready, "POST", "/panel/mode", {"slot": "HE-1.PH", "mode": "local"})
    asked(ready, "POST", "/panel/command", {"slot": "HE-1.PH", "command": "start", "phase": "HEAT"})
    child.process.terminate()
    assert child.ended() == (0, "")
    assert json.loads(retain.read_text("utf-8"))["HT"]["slots"]["HE-1.PH"] == [0, 1]


def test_a_retain_file_that_cannot_be_written_ends_the_plant_with_its_reason(
    children: list[Child], tmp_path: Path
) -> None:
    folder = tmp_path / "gone"
    children.append(child := Child(*HEATERS, "--retain", str(folder / "retain.json")))
    code, errors = child.ended()
    assert code == 2
    assert "No such file or directory" in errors
    assert "Traceback" not in errors


def test_a_headless_plant_runs_its_time_and_tells_how_fast(children: list[Child], tmp_path: Path) -> None:
    truth = tmp_path / "truth.json"
    children.append(child := Child(*STORED, "--headless", "2h", "--truth", str(truth)))
    told = child.ready()
    assert told["process_time_s"] == 7200.0
    assert told["speed"] > 0
    assert child.ended() == (0, "")
    assert json.loads(truth.read_text("utf-8"))["lots"]
