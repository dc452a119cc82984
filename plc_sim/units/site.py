"""What all units of the plant share: gas, room air, argon, and the hardwired interlock lines between PLCs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from plc_sim.physics.hydrolysis import water_ppm
from plc_sim.physics.rooms import ROOM_M3

GAS_POINTS = 6
LEAST_ARGON_BAR = 1.0
"""Below it nothing that needs argon gets any."""
NONE: frozenset[str] = frozenset()
SUPPLY_DEGC, AIR_CHANGES_1_H = -60.0, 30.0
"""Dew point of the air that the dry room is supplied with, and how often an hour."""
PEOPLE, PERSON_CC_MIN = 2.0, 706.0
"""People in the dry room, and the water vapour one gives off in a suit: two raise -60 to -50 degC dew point."""
ROOM_WATER_PPM = water_ppm(SUPPLY_DEGC) + PERSON_CC_MIN * PEOPLE * 60.0 / (ROOM_M3 * AIR_CHANGES_1_H)
"""Water in the dry room when nothing is wrong; every plant begins there, so that idle time changes nothing."""
SOUND_BOX_WATER_PPM = 0.1
"""Water in a glovebox of another PLC's process, which this one does not see."""

OPEN_POWDER = (
    *("WS-111", "BM-201", "SV-402", "PK-501", "MX-601", "CT-701"),
    *("BM-202", "BL-211", "DM-651", "SH-652"),
)
"""Units whose phases stand open while powder, slurry or wet film is in them."""
EVERY_UNIT = (
    *("GB-101", "GB-102", "GB-103", "WS-111", "BM-201", "FU-301", "JM-401", "SV-402", "VD-403", "PK-501"),
    *("MX-601", "FL-603", "CT-701", "CA-801", "RD-851", "SL-902"),
    *("BM-202", "BL-211", "RX-251", "DM-651", "SH-652"),
)

TRIPS: Mapping[str, tuple[str, ...]] = {
    "I1_H2S_ALARM": OPEN_POWDER,
    "I2_H2S_ROOM": EVERY_UNIT,
    "I3_ROOM_OXYGEN": EVERY_UNIT,
    "I4_GLOVEBOX_101": ("WS-111",),
    "I4_GLOVEBOX_102": ("BM-201", "BM-202", "BL-211", "SV-402", "PK-501"),
    "I4_GLOVEBOX_103": ("SL-902",),
    "I17_SCRUBBER": ("FU-301", "RX-251"),
    "I18_ARGON_SUPPLY": EVERY_UNIT,
}
"""Lines that hold a unit off and hold a phase that runs on it: interlock -> units."""
OPEN_TRIPS: Mapping[str, tuple[str, ...]] = {"I1_H2S_ALARM": ("FU-301",), "I4_GLOVEBOX_102": ("FU-301",)}
"""Lines that hold a unit only while it runs a phase with open powder, for its other phases are closed: -> units."""
PERMISSIVES: Mapping[str, tuple[str, ...]] = {"I16_DRY_ROOM": ("MX-601", "CT-701", "SL-902", "DM-651", "SH-652")}
"""Lines that only keep a phase from starting: interlock -> units."""
AIR: Mapping[str, str] = {
    "WS-111": "GB-101",
    "BM-201": "GB-102",
    "BM-202": "GB-102",
    "BL-211": "GB-102",
    "FU-301": "GB-102",
    "SV-402": "GB-102",
    "PK-501": "GB-102",
}
"""The glovebox a unit stands in, or opens into as the furnace does; every other unit stands in the dry room.

So does the slitter: I16 bars its start, and its film runs through the air of the room. The rolls it winds are bagged in
GB-103, which is why I4 of that box holds it as well: a roll that is cut must not wait in the room for a clean box.
"""


def shown_name(line: str) -> str:
    """Give the name an interlock has in the tag map of the unit it holds off: a unit stands in one glovebox only."""
    return "I4_GLOVEBOX" if line.startswith("I4_GLOVEBOX") else line


@dataclass(slots=True)
class Site:
    """The true state of the utilities, and the lines that are raised now.

    Gas in the room: H2S (ppm, six points), oxygen (vol%), solvent vapour (%LEL); argon at its users (bar), and whether
    its supply is cut off; scrubber (pH, fan as a part of its rated flow, H2S on its way there in cc); dry room (water
    ppm, air changes 1/h); water in the gloveboxes (ppm); H2S given off into room and boxes since the detection last
    took it (cc).
    """

    hydrogen_sulfide_ppm: list[float] = field(default_factory=lambda: [0.0] * GAS_POINTS)
    room_oxygen_pct: float = 20.9
    lel_mixer_pct: float = 1.0
    lel_store_pct: float = 1.0
    lel_dryer_pct: float = 2.0
    argon_bar: float = 6.0
    argon_isolated: bool = False
    scrubber_ph: float = 12.5
    scrubber_fan: float = 1.0
    room_water_ppm: float = ROOM_WATER_PPM
    air_changes_1_h: float = AIR_CHANGES_1_H
    water_ppm: dict[str, float] = field(default_factory=dict)
    given_off_cc: float = 0.0
    boxes_cc: dict[str, float] = field(default_factory=dict)
    to_scrubber_cc: float = 0.0
    lines: set[str] = field(default_factory=set)
    _trips: dict[str, frozenset[str]] = field(default_factory=dict)
    _open_trips: dict[str, frozenset[str]] = field(default_factory=dict)
    _permissives: dict[str, frozenset[str]] = field(default_factory=dict)

    def raise_line(self, line: str, on: bool) -> None:
        """Raise or drop one hardwired line, a name of TRIPS or PERMISSIVES."""
        if on is (line in self.lines):
            return
        if on:
            self.lines.add(line)
        else:
            self.lines.discard(line)
        self._trips = _held(TRIPS, self.lines)
        self._open_trips = _held(OPEN_TRIPS, self.lines)
        self._permissives = _held(PERMISSIVES, self.lines)

    def trips(self, unit: str) -> frozenset[str]:
        """Give the raised lines that hold a unit off at any time, by their names in its tag map."""
        return self._trips.get(unit, NONE)

    def open_trips(self, unit: str) -> frozenset[str]:
        """Give the raised lines that hold a unit off while it runs a phase with open powder."""
        return self._open_trips.get(unit, NONE)

    def permissives(self, unit: str) -> frozenset[str]:
        """Give the raised lines that keep a phase of a unit from starting."""
        return self._permissives.get(unit, NONE)

    def water_at(self, unit: str) -> float:
        """Give the water in the air around a unit, ppm by volume."""
        box = AIR.get(unit)
        return self.room_water_ppm if box is None else self.water_ppm.get(box, SOUND_BOX_WATER_PPM)

    def give_off(self, hydrogen_sulfide_cc: float, unit: str = "") -> None:
        """Let hydrogen sulfide (cc at 25 degC) into the air around a unit: its glovebox, or the room."""
        box = AIR.get(unit)
        if box is None:
            self.given_off_cc += hydrogen_sulfide_cc
        else:
            self.boxes_cc[box] = self.boxes_cc.get(box, 0.0) + hydrogen_sulfide_cc


def _held(table: Mapping[str, tuple[str, ...]], lines: set[str]) -> dict[str, frozenset[str]]:
    held: dict[str, set[str]] = {}
    for line in lines:
        for unit in table.get(line, ()):
            held.setdefault(unit, set()).add(shown_name(line))
    return {unit: frozenset(names) for unit, names in held.items()}
