"""Well-mixed volumes: H2S in a ventilated room (M18), vapour in a dryer zone (M14), impurities in a glovebox (M21)."""

from __future__ import annotations

import math
from dataclasses import dataclass


class MixedVolume:
    """Concentration in a ventilated, well-mixed volume: V dc/dt = G - N V c (M18, M14).

    The source G is an amount per minute, the concentration that amount per m3: cm3/min of H2S gives cm3/m3, which is
    ppm by volume; g/min of vapour gives g/m3. N is the exchange with clean gas in volumes per hour, 0 and up. Exact
    for inputs that stand still during the step. Raises ValueError for a volume that is not above 0.
    """

    __slots__ = ("_dt_s", "_exchange_1_h", "_gain", "_keep", "_volume_m3", "concentration")

    def __init__(self, volume_m3: float, concentration: float = 0.0) -> None:
        if not volume_m3 > 0.0:
            raise ValueError(f"volume_m3 {volume_m3:g} must be above 0")
        self.concentration = concentration
        self._volume_m3 = volume_m3
        self._dt_s = self._exchange_1_h = -1.0
        self._keep = self._gain = 0.0

    def step(self, dt_s: float, source_per_min: float, exchange_1_h: float) -> float:
        """Let `dt_s` seconds pass and give the new concentration."""
        if dt_s != self._dt_s or exchange_1_h != self._exchange_1_h:
            self._dt_s, self._exchange_1_h = dt_s, exchange_1_h
            exchanged = exchange_1_h * dt_s / 3600.0
            self._keep = math.exp(-exchanged)
            # (1 - exp(-x)) / x goes to 1 where there is no exchange at all.
            mean = -math.expm1(-exchanged) / exchanged if exchanged > 1e-12 else 1.0
            self._gain = mean * dt_s / 60.0 / self._volume_m3
        self.concentration = self.concentration * self._keep + source_per_min * self._gain
        return self.concentration


ROOM_M3 = 100.0
"""Volume of a production room (design default)."""


def steady_ppm(source_cc_min: float, volume_m3: float, air_changes_1_h: float) -> float:
    """Give the concentration that a steady source ends at, ppm."""
    if not air_changes_1_h > 0.0:
        raise ValueError(f"room: {air_changes_1_h:g} air changes per hour never come to a steady concentration")
    return source_cc_min * 60.0 / (volume_m3 * air_changes_1_h)


@dataclass(frozen=True, slots=True, kw_only=True)
class GloveboxParameters:
    """A glovebox with purifier: leak of room air (volume share of the box per hour), purifier time constant (s).

    The leak of 1e-3 vol% per hour is what a good box is tested for (general knowledge); the purifier is a default.
    """

    leak_1_h: float = 1e-5
    purifier_tau_s: float = 600.0


GLOVEBOX = GloveboxParameters()
AIR_OXYGEN_PPM = 209500.0


class BoxImpurity:
    """One impurity of a glovebox (ppm): dc/dt = leak (c_room - c) - p c / tau (M21).

    p is the part of the purifier at work, c_room the impurity in the room: 209500 ppm for oxygen, the dry room's water
    for water; no box gets dirtier than the room. Exact for inputs that stand still during the step.
    """

    __slots__ = ("_dt_s", "_keep", "_leak_factor", "_leak_share", "_parameters", "_purifier", "ppm")

    def __init__(self, ppm: float = 0.0, parameters: GloveboxParameters = GLOVEBOX) -> None:
        self.ppm = ppm
        self._parameters = parameters
        self._dt_s, self._purifier, self._leak_factor = 0.0, 1.0, 1.0
        self._keep, self._leak_share = 1.0, 0.0

    def step(self, dt_s: float, outside_ppm: float, *, purifier: float = 1.0, leak_factor: float = 1.0) -> float:
        """Let `dt_s` seconds pass and give the new impurity (ppm).

        `purifier` is the part of it at work (0..1), `leak_factor` the leak by that of a sound box (above 0).
        """
        if dt_s != self._dt_s or purifier != self._purifier or leak_factor != self._leak_factor:
            self._dt_s, self._purifier, self._leak_factor = dt_s, purifier, leak_factor
            leak_1_s = self._parameters.leak_1_h / 3600.0 * leak_factor
            rate_1_s = leak_1_s + purifier / self._parameters.purifier_tau_s
            self._keep = math.exp(-rate_1_s * dt_s)
            self._leak_share = -math.expm1(-rate_1_s * dt_s) * leak_1_s / rate_1_s
        self.ppm = self.ppm * self._keep + outside_ppm * self._leak_share
        return self.ppm
