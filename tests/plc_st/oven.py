"""The reference program behind the registers of its own tag map, one scan at a time, and an MES that writes by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plc_sim.image import TagImage
from plc_sim.mapfile import read_map
from plc_sim.tagmap import SP
from tests.plc_st.compiler import Compiled

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "plc"
SOURCE = FOLDER / "mes_phase.st"
MAP_FILE = FOLDER / "mes_phase.toml"
COMPILED = Compiled(SOURCE.read_text("utf-8"))
TAG_MAP = read_map(MAP_FILE)

SLOT = "OV-1.PH"
HEAT, COOL = 1, 2
SECOND = 1000 // COMPILED.interval_ms
"""Scans of one second."""

RETAINED = ("v_bootmem", "v_epochmem", "v_ov_lastexec")
QUICK = (40.0, 600.0, 1.0)
LONG = (900.0, 600.0, 36000.0)
FIRST_REGISTER = {"QW": (0, 1), "MW": (1024, 1), "MD": (2048, 2)}


def register(address: str) -> int:
    """Give the holding register at which OpenPLC serves a located variable of 16 or 32 bits."""
    first, width = FIRST_REGISTER[address[1:3]]
    return first + width * int(address[3:])


class OvenPlc:
    """The program as downloaded, after its power-up scan; `retained` are values of retained memory."""

    def __init__(self, image: TagImage | None = None, **retained: int) -> None:
        self.image = TagImage(TAG_MAP.wire_tags()) if image is None else image
        self.program: Any = COMPILED.program()
        for name, value in retained.items():
            setattr(self.program, name, value)
        at = {register(one.address): one for one in COMPILED.located.values() if not one.address.startswith("%I")}
        places = [(tag, f"v_{at[tag.register].name}") for tag in self.image.tags]
        self._inputs = [(name, tag.name) for tag, name in places if tag.writable]
        self._outputs = [(name, tag.name) for tag, name in places if not tag.writable]
        self.scan()

    def scan(self, times: int = 1) -> None:
        for _ in range(times):
            self.image.latch()
            for name, tag in self._inputs:
                setattr(self.program, name, self.image.latched(tag))
            self.program.scan()
            self.image.publish({tag: getattr(self.program, name) for name, tag in self._outputs})

    def power_cycled(self) -> OvenPlc:
        """Give the PLC after a power cut: retained memory and the words the MES wrote are still there."""
        return OvenPlc(self.image, **{name: getattr(self.program, name) for name in RETAINED})

    def read(self, tag: str) -> float:
        return self.image.value(f"{SLOT}.{tag}")

    def header(self, tag: str) -> float:
        return self.image.value(f"OV.{tag}")

    @property
    def state(self) -> int:
        return int(self.read("State"))

    @property
    def reports(self) -> list[float]:
        return [self.read(f"Rep{i}") for i in (1, 2, 3)]

    def write(self, **tags: float) -> None:
        for tag, value in tags.items():
            self.image.write(f"{SLOT}.{tag}", value)

    def beat(self) -> None:
        self.image.write("OV.MesHb", (int(self.header("MesHb")) + 1) & 0xFFFF)

    def stage(self, command: int, sp: Sequence[float] = LONG, **tags: float) -> None:
        block = {
            "Cmd": command,
            "CmdBootId": self.header("BootId"),
            "CmdEpoch": 1,
            "CmdEpochLo": int(tags.get("CmdEpoch", 1)) & 0xFFFF,
            "ProcReq": HEAT,
            "ExecId": 7,
        }
        self.write(**{**block, **dict(zip(SP, sp, strict=False)), **tags})

    def commit(self, command: int, sp: Sequence[float] = LONG, **tags: float) -> int:
        """Write a command and scan once; gives AckRes."""
        self.stage(command, sp, **tags)
        seq = int(self.read("AckSeq")) % 65535 + 1
        self.write(CmdSeq=seq)
        self.scan()
        assert self.read("AckSeq") == seq
        return int(self.read("AckRes"))

    def until(self, state: int, scans: int = 20 * SECOND) -> list[int]:
        """Scan until the state is shown; gives the states shown on the way."""
        shown = [self.state]
        for _ in range(scans):
            if self.state == state:
                return shown
            self.scan()
            if self.state != shown[-1]:
                shown.append(self.state)
        raise AssertionError(f"state {state} not shown in {scans} scans; shown: {shown}")


def running(sp: Sequence[float] = LONG, **tags: float) -> OvenPlc:
    """An oven whose phase runs."""
    plc = OvenPlc()
    assert plc.commit(2, sp, **tags) == 1
    plc.until(6)
    return plc
