"""A plant for tests: heaters that ramp to a target, with a door, a fault and a sensor that tests can break."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

from plc_sim.mapfile import read_map
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.scan import SimulatedPlc
from plc_sim.tagmap import SP, TagMap

MAP_FILE = Path(__file__).with_name("heaters.toml")
TICK = 1.0
"""Wall seconds of one tick at speed 1."""


class Heater:
    """Heats at a ramp to a target (done) and needs two ticks to come to rest."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.temperature_degc = 20.0
        self.door_open = False
        self.fault = 0
        self.sensor_broken = False
        self.no_heat = False
        self.latched = False
        self.calls: list[str] = []
        self.ticks_to_rest = 2
        self._sp: Mapping[str, float] = {}
        self._ran_s = 0.0
        self._resting = 0

    def tick(self) -> None:
        self.temperature_degc -= 0.001 * (self.temperature_degc - 20.0)

    def tags(self) -> Mapping[str, float]:
        shown = math.nan if self.sensor_broken else self.temperature_degc
        return {"T": shown, "DOOR": float(self.door_open)}

    def interlocks(self, slot: str) -> frozenset[str]:
        return frozenset({"DOOR_OPEN"}) if self.door_open or self.latched else frozenset()

    def check(self, slot: str, phase: str, sp: Mapping[str, float]) -> bool:
        return sp["target"] != 666.0

    def start(self, slot: str, phase: str, sp: Mapping[str, float], ordinal: int) -> None:
        self.calls.append(f"start {phase} {ordinal}")
        self._sp, self._ran_s, self._resting = sp, 0.0, 0

    def update(self, slot: str, sp: Mapping[str, float]) -> None:
        self.calls.append("update")
        self._sp = sp

    def run(self, slot: str) -> PhaseProgress:
        if self.fault:
            return PhaseProgress(step=10, fail_code=self.fault)
        self._ran_s += TICK_S
        step_degc = self._sp.get("ramp", 60.0) / 60.0 * TICK_S
        if not self.no_heat:
            self.temperature_degc = min(self.temperature_degc + step_degc, self._sp["target"])
        return PhaseProgress(step=10, done=self.temperature_degc >= self._sp["target"])

    def at_rest(self, slot: str) -> bool:
        self._resting += 1
        return self._resting >= self.ticks_to_rest

    def resume(self, slot: str) -> None:
        self.calls.append("resume")
        self._resting = 0

    def end(self, slot: str) -> None:
        self.calls.append("end")

    def reports(self, slot: str) -> Mapping[str, float]:
        return {"peak": self.temperature_degc, "duration": self._ran_s}

    def disturbances(self) -> frozenset[str]:
        return frozenset({"heater-failure", "cooling-failure"})

    def disturb(self, fault: str, amount: float) -> None:
        self.calls.append(f"disturb {fault} {amount:g}")
        self.no_heat = self.no_heat or fault == "heater-failure"

    def recover(self, fault: str) -> None:
        self.calls.append(f"recover {fault}")
        self.no_heat = self.no_heat and fault != "heater-failure"

    def reset(self, interlock: str, *, key: bool) -> None:
        if interlock != "DOOR_OPEN":
            raise ValueError(f"no interlock {interlock} to reset here; there is DOOR_OPEN")
        if not key:
            raise ValueError("DOOR_OPEN needs the key")
        self.latched = False


def build(plc_name: str, unit_names: Sequence[str], seed: int) -> dict[str, Heater]:
    """The plant as `plc_sim --plant` wants it."""
    return {name: Heater(name) for name in unit_names}


class Plant:
    """A headless PLC of heaters, and an MES that writes commands by hand."""

    def __init__(self, plc: SimulatedPlc, heaters: Mapping[str, Heater], slot: str = "HE-1.PH") -> None:
        self.plc = plc
        self.heaters = heaters
        self.heater = heaters[slot.split(".", 1)[0]]
        self.slot = slot

    def read(self, tag: str) -> float:
        return self.plc.image.value(f"{self.slot}.{tag}")

    @property
    def state(self) -> int:
        return int(self.read("State"))

    @property
    def ack(self) -> tuple[int, int]:
        return int(self.read("AckSeq")), int(self.read("AckRes"))

    def write(self, **tags: float) -> None:
        for tag, value in tags.items():
            self.plc.image.write(f"{self.slot}.{tag}", value)

    def commit(self, command: int, sp: Sequence[float] = (100.0, 60.0), **tags: float) -> int:
        """Write a command and scan once, without a tick; gives AckRes."""
        self.stage(command, sp, **tags)
        self.write(CmdSeq=int(self.plc.image.value(f"{self.slot}.CmdSeq")) + 1)
        self.plc.scan(0.0)
        return int(self.read("AckRes"))

    def stage(self, command: int, sp: Sequence[float] = (100.0, 60.0), **tags: float) -> None:
        block = {
            "Cmd": command,
            "CmdBootId": self.plc.boot_id,
            "CmdEpochLo": 1,
            "CmdEpoch": 1,
            "ProcReq": 2,
            "ExecId": 7,
        }
        self.write(**{**block, **dict(zip(SP, sp, strict=False)), **tags})

    def scan_until(self, state: int, ticks: int = 300) -> list[int]:
        """Scan tick by tick until the state is shown; gives the states seen."""
        seen = [self.state]
        for _ in range(ticks):
            if self.state == state:
                return seen
            self.plc.scan(TICK)
            if self.state != seen[-1]:
                seen.append(self.state)
        raise AssertionError(f"state {state} not reached in {ticks} ticks; states seen: {seen}")


def heater_map() -> TagMap:
    return read_map(MAP_FILE)


def new_plant(slot: str = "HE-1.PH", boot_id: int = 4711, speed: float = 1.0) -> Plant:
    """A plant whose PLC has had its power-up scan."""
    tag_map = heater_map()
    heaters = build(tag_map.name, tag_map.units, 1)
    plc = SimulatedPlc(tag_map, heaters, speed=speed, boot_id=boot_id)
    plc.scan(0.0)
    return Plant(plc, heaters, slot)


def running(plant: Plant, exec_id: int = 7) -> Plant:
    """The plant with its phase started and running."""
    assert plant.commit(2, ExecId=exec_id) == 1
    plant.scan_until(6)
    return plant
