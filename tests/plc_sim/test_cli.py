"""The simulated plant as a process: ready lines, ends, and one-line refusals."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from plc_sim.mapfile import read_map
from tests.plc_sim.heater import MAP_FILE

ROOT = Path(__file__).parents[2]
READY_LIMIT_S = 40.0
END_LIMIT_S = 10.0
SY_MAP = Path(__file__).parents[2] / "plc_sim" / "maps" / "sy.toml"
HEATERS = ("--map", str(MAP_FILE), "--plant", "tests.plc_sim.heater")


class Child:
    """A started `python -m plc_sim` whose output is read as it comes."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "plc_sim", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._errors: list[str] = []
        self._readers = [
            threading.Thread(target=self._read_lines, daemon=True),
            threading.Thread(target=self._read_errors, daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def _read_lines(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self._errors.extend(self.process.stderr)

    def ready(self) -> dict[str, Any]:
        try:
            ready = json.loads(self._lines.get(timeout=READY_LIMIT_S))
        except queue.Empty:
            raise AssertionError(f"no ready line in {READY_LIMIT_S} s; stderr: {''.join(self._errors)}") from None
        assert isinstance(ready, dict)
        return ready

    def ended(self) -> tuple[int, str]:
        code = self.process.wait(END_LIMIT_S)
        for reader in self._readers:
            reader.join(END_LIMIT_S)
        return code, "".join(self._errors)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(END_LIMIT_S)
        for reader in self._readers:
            reader.join(END_LIMIT_S)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture
def children() -> Iterator[list[Child]]:
    started: list[Child] = []
    yield started
    for child in started:
        child.close()


def read_register(url: str, register: int) -> int:
    port = int(url.rsplit(":", 1)[1])
    with socket.create_connection(("127.0.0.1", port), timeout=5.0) as connection:
        connection.sendall(struct.pack(">HHHBBHH", 1, 0, 6, 1, 3, register, 1))
        reply = connection.recv(64)
    assert reply[7:9] == b"\x03\x02", reply
    return int(struct.unpack(">H", reply[9:11])[0])


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_a_served_plc_says_it_is_ready_and_ends_cleanly(children: list[Child], ending: signal.Signals) -> None:
    children.append(child := Child(*HEATERS, "--speed", "2000"))
    ready = child.ready()
    assert set(ready) == {"ready", "url", "boot_id"}
    assert ready["ready"] == "HT"
    assert read_register(ready["url"], 1) == ready["boot_id"] != 0
    before, limit_s = read_register(ready["url"], 2), time.monotonic() + 5.0
    while read_register(ready["url"], 2) == before:
        assert time.monotonic() < limit_s, f"PlcHb stands at {before}"
    child.process.send_signal(ending)
    assert child.ended() == (0, "")


def test_a_map_can_be_served_over_opcua_and_retains(children: list[Child], tmp_path: Path) -> None:
    retain = tmp_path / "retain.json"
    url = "HT=opc.tcp://127.0.0.1:0/plant"
    children.append(child := Child(*HEATERS, "--listen", url, "--boot-id", "77", "--retain", str(retain)))
    ready = child.ready()
    assert ready["boot_id"] == 77
    assert ready["url"].startswith("opc.tcp://127.0.0.1:")
    assert ready["url"].endswith("/plant")
    assert ":0/" not in ready["url"]
    limit_s = time.monotonic() + 5.0
    while not retain.exists():
        assert time.monotonic() < limit_s, "the retain file was not written"
        time.sleep(0.01)
    memory_mb = psutil.Process(child.process.pid).memory_info().rss / 2**20
    child.process.terminate()
    assert child.ended() == (0, "")
    assert set(json.loads(retain.read_text("utf-8"))["HT"]) == {"epoch", "slots", "command_bits"}
    assert memory_mb < 120


def test_a_modbus_plc_does_not_load_the_opcua_library(children: list[Child]) -> None:
    children.append(child := Child(*HEATERS))
    child.ready()
    assert psutil.Process(child.process.pid).memory_info().rss / 2**20 < 80


def test_several_maps_are_served_by_one_process(children: list[Child], tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(MAP_FILE.read_text("utf-8").replace('name = "HT"', 'name = "HX"'), "utf-8")
    children.append(child := Child(*HEATERS, "--map", str(other)))
    ready = [child.ready(), child.ready()]
    assert [one["ready"] for one in ready] == ["HT", "HX"]
    assert [read_register(one["url"], 1) for one in ready] == [one["boot_id"] for one in ready]
    child.process.terminate()
    assert child.ended() == (0, "")


def test_it_ends_with_its_parent(children: list[Child]) -> None:
    arguments = [sys.executable, "-m", "plc_sim", *HEATERS, "--exit-with-parent"]
    script = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen({arguments!r}, stdout=subprocess.PIPE)\n"
        "assert child.stdout.readline()\n"
        "print(child.pid, flush=True)\n"
        "sys.stdin.readline()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    grandchild = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.communicate()
    limit_s = time.monotonic() + END_LIMIT_S
    while grandchild.is_running() and grandchild.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > limit_s:
            os.kill(grandchild.pid, signal.SIGKILL)
            pytest.fail(f"process {grandchild.pid} outlived its parent by {END_LIMIT_S} s")
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "no tag map given; use --map FILE"),
        (("--map", "no.toml"), "no.toml: cannot read the tag map"),
        (("--map", __file__), "not a TOML file"),
        ((*HEATERS, "--speed", "0"), "--speed 0 must be a number above 0"),
        ((*HEATERS, "--speed", "nan"), "--speed nan must be a number above 0"),
        ((*HEATERS, "--speed", "fast"), "invalid float value: 'fast'"),
        ((*HEATERS, "--boot-id", "70000"), "--boot-id 70000 must be 1..65535"),
        (
            (*HEATERS, "--listen", "HTT=modbus://127.0.0.1:0"),
            "no PLC named 'HTT' is served (served: HT); did you mean HT?",
        ),
        ((*HEATERS, "--listen", "modbus://127.0.0.1:0"), "must be NAME=URL"),
        ((*HEATERS, "--listen", "HT=http://127.0.0.1"), "'http://127.0.0.1' is no address; write modbus://"),
        ((*HEATERS, "--listen", "HT=modbus://127.0.0.1:99999"), "is no address (Port out of range"),
        ((*HEATERS, *HEATERS), "PLC HT is given 2 times"),
        (("--map", str(MAP_FILE)), "the simulated plant has no unit HE-1"),
        ((*HEATERS, "--fault", "link-dwon HT"), "--fault: there is no fault 'link-dwon'; did you mean link-down?"),
        ((*HEATERS, "--fault", "link-down SY"), "--fault: link-down: no PLC named 'SY' is served; there is HT"),
        ((*HEATERS, "--scenario", "no.toml"), "no.toml: cannot read the scenario: No such file or directory"),
        ((*HEATERS, "--control", "0.0.0.0:0"), "--control '0.0.0.0:0': other machines could reach it"),
        ((*HEATERS, "--truth", "t.json"), "--truth: the plant of tests.plc_sim.heater does not follow its material"),
        ((*HEATERS, "--headless", "soon"), "--headless 'soon' must be a time, such as 600, 600s, 10min or 2h"),
        ((*HEATERS, "--supply", "wet"), "argument --supply: invalid choice: 'wet'"),
        ((*HEATERS[:3], "no.such.plant"), "--plant 'no.such.plant' is no module: No module named 'no'"),
        ((*HEATERS[:3], "."), "--plant '.' is no module: "),
        (("--map", str(SY_MAP), "--truth", "/no/such/folder/t.json"), "give a file in a folder that is"),
    ],
)
def test_bad_input_is_told_in_one_line(children: list[Child], arguments: tuple[str, ...], told: str) -> None:
    children.append(child := Child(*arguments))
    code, errors = child.ended()
    assert code == 2
    assert told in errors
    assert "Traceback" not in errors
    assert len([line for line in errors.splitlines() if not line.startswith(("usage:", " "))]) == 1


@pytest.mark.parametrize("scheme", ["modbus", "opc.tcp"])
def test_a_port_in_use_is_told(children: list[Child], scheme: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        children.append(child := Child(*HEATERS, "--listen", f"HT={scheme}://127.0.0.1:{port}"))
        code, errors = child.process.wait(READY_LIMIT_S), child.ended()[1]
    assert (code, errors) == (2, f"plc_sim: HT: cannot listen on 127.0.0.1 port {port}: Address already in use\n")


def test_a_damaged_retain_file_is_told(children: list[Child], tmp_path: Path) -> None:
    retain = tmp_path / "retain.json"
    retain.write_text("{", "utf-8")
    children.append(child := Child(*HEATERS, "--retain", str(retain)))
    code, errors = child.ended()
    assert code == 2
    assert "delete it to start anew" in errors


def test_the_shipped_maps_can_be_taken_out(children: list[Child], tmp_path: Path) -> None:
    out = tmp_path / "maps"
    exported = subprocess.run(
        [sys.executable, "-m", "plc_sim", "--export-maps", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=END_LIMIT_S,
        check=True,
    )
    paths = [Path(line) for line in exported.stdout.splitlines()]
    assert [path.name for path in paths] == sorted(path.name for path in SY_MAP.parent.glob("*.toml"))
    assert {"SY", "FM", "UT", "SX"} <= {read_map(path).name for path in paths}
