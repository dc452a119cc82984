"""Dry room, gas detection, scrubber and argon supply: units that show values and hold other units off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from plc_sim.units.instruments import Jitter
from plc_sim.units.unit import Unit

GAS_POINTS = 6


@dataclass(slots=True)
class Site:
    """The true state of the utilities: gas in the room (ppm, %, %LEL), argon (bar), scrubber, dry room."""

    hydrogen_sulfide_ppm: list[float] = field(default_factory=lambda: [0.0] * GAS_POINTS)
    room_oxygen_pct: float = 20.9
    argon_bar: float = 6.0
    scrubber_ph: float = 12.5
    dew_point_degc: float = -50.0
    air_changes_1_h: float = 30.0

    def interlocks(self) -> frozenset[str]:
        """I2 hydrogen sulfide (two points at 10 ppm or one at 20), I18 argon supply below 4 bar."""
        found: set[str] = set()
        high = sum(ppm >= 10.0 for ppm in self.hydrogen_sulfide_ppm)
        if high >= 2 or max(self.hydrogen_sulfide_ppm) >= 20.0:
            found.add("I2_H2S_ROOM")
        if self.argon_bar < 4.0:
            found.add("I18_ARGON_SUPPLY")
        return frozenset(found)


class SitePart:
    """The part of the utilities that one unit shows."""

    def __init__(self, site: Site, show: Callable[[Site, Jitter], Mapping[str, float]], jitter: Jitter) -> None:
        self._site = site
        self._show = show
        self._jitter = jitter

    def tick(self) -> None:
        """The utilities are steady: only their noise moves."""

    def tags(self) -> Mapping[str, float]:
        """Give this part's values."""
        return self._show(self._site, self._jitter)

    def interlocks(self) -> frozenset[str]:
        """Give the interlocks of the whole site."""
        return self._site.interlocks()


def dry_room(name: str, seed: int, site: Site) -> Unit:
    """Build the unit that shows the dry room."""
    return Unit(name, seed, SitePart(site, _room_tags, Jitter(seed, name)), {})


def gas_detection(name: str, seed: int, site: Site) -> Unit:
    """Build the unit that shows the gas detectors."""
    return Unit(name, seed, SitePart(site, _gas_tags, Jitter(seed, name)), {})


def scrubber(name: str, seed: int, site: Site) -> Unit:
    """Build the unit that shows the caustic scrubber."""
    return Unit(name, seed, SitePart(site, _scrubber_tags, Jitter(seed, name)), {})


def argon_supply(name: str, seed: int, site: Site) -> Unit:
    """Build the unit that shows the argon supply."""
    return Unit(name, seed, SitePart(site, _argon_tags, Jitter(seed, name)), {})


def _room_tags(site: Site, jitter: Jitter) -> Mapping[str, float]:
    noise = jitter.around
    return {
        "DEWPT_SUP": noise(-60.0, 0.2),
        "DEWPT_ROOM": noise(site.dew_point_degc, 0.3),
        "ACH": noise(site.air_changes_1_h, 0.2),
        "DP_ROOM": noise(25.0, 0.5),
        "T_ROOM": noise(22.0, 0.1),
        "HEADCOUNT": 2.0,
    }


def _gas_tags(site: Site, jitter: Jitter) -> Mapping[str, float]:
    points = {f"H2S_ROOM{n}": abs(jitter.around(ppm, 0.02)) for n, ppm in enumerate(site.hydrogen_sulfide_ppm, start=1)}
    return points | {
        "O2_ROOM": jitter.around(site.room_oxygen_pct, 0.02),
        "LEL_TOL_DRYER": jitter.around(2.0, 0.2),
        "LEL_TOL_MIXER": jitter.around(1.0, 0.1),
        "LEL_TOL_STORE": jitter.around(1.0, 0.1),
    }


def _scrubber_tags(site: Site, jitter: Jitter) -> Mapping[str, float]:
    noise = jitter.around
    return {
        "PH": noise(site.scrubber_ph, 0.02),
        "DP_PACK": noise(8.0, 0.1),
        "FAN_HZ": noise(40.0, 0.05),
        "ORP": noise(-350.0, 2.0),
        "H2S_OUT": noise(0.1, 0.05),
    }


def _argon_tags(site: Site, jitter: Jitter) -> Mapping[str, float]:
    return {
        "P_AR": jitter.around(site.argon_bar, 0.02),
        "DEW_AR": jitter.around(-75.0, 0.2),
        "O2_AR": jitter.around(0.3, 0.05),
    }
