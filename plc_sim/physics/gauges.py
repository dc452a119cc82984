"""Absorption gauge for areal mass with noise and drift, and its zigzag scan over the web (M19)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

KRYPTON_MEV = 0.687


def absorption_cm2_g(largest_mev: float) -> float:
    """Give the mass absorption of beta rays, cm2/g: 22 / E^1.33 with the largest energy (MeV, general knowledge).

    Raises ValueError for an energy that is not above 0.
    """
    if not largest_mev > 0.0:
        raise ValueError(f"largest_mev {largest_mev:g} must be above 0")
    return 22.0 / math.pow(largest_mev, 1.33)


@dataclass(frozen=True, slots=True, kw_only=True)
class GaugeParameters:
    """How a gauge reads: absorption (cm2/g), noise of 1 s of reading (share of the areal mass), drift of I0 per hour.

    Noise 0.5 % and drift 0.05 % of I0 per hour are design defaults; the source is krypton 85.
    """

    absorption: float = absorption_cm2_g(KRYPTON_MEV)
    noise_at_1_s: float = 0.005
    drift_1_h: float = 5e-4


GAUGE = GaugeParameters()


class Noise(Protocol):
    """Where chance comes from: a seeded `random.Random`, say."""

    def gauss(self, mu: float, sigma: float) -> float:
        """Draw from a normal distribution with this mean and standard deviation."""
        ...


class AbsorptionGauge:
    """Areal mass (mg/cm2) from I = I0 exp(-mu m), with a lamp that drifts since it was last zeroed.

    The noise comes from the seeded source it is given and only when it is read; `step` draws nothing.
    """

    __slots__ = ("_parameters", "_random", "_since_zero_s")

    def __init__(self, noise: Noise, parameters: GaugeParameters = GAUGE) -> None:
        self._random = noise
        self._parameters = parameters
        self._since_zero_s = 0.0

    def step(self, dt_s: float) -> None:
        """Grow `dt_s` seconds older since the last zero."""
        self._since_zero_s += dt_s

    def zero(self) -> None:
        """Measure I0 anew on bare web."""
        self._since_zero_s = 0.0

    @property
    def offset_mg_cm2(self) -> float:
        """What drift adds to a reading now, mg/cm2."""
        left = max(0.5, 1.0 - self._parameters.drift_1_h * self._since_zero_s / 3600.0)
        return -1e3 * math.log(left) / self._parameters.absorption

    def read(self, areal_mg_cm2: float, over_s: float = 1.0) -> float:
        """Read an areal mass (mg/cm2), averaged over `over_s` seconds (above 0), never below 0."""
        spread = self._parameters.noise_at_1_s * areal_mg_cm2 / math.sqrt(over_s)
        return max(0.0, areal_mg_cm2 + self.offset_mg_cm2 + self._random.gauss(0.0, spread))


SCAN_M_MIN = 10.0
"""Speed of the gauge head across the web, m/min."""


def scan_position_mm(time_s: float, width_mm: float, head_m_min: float = SCAN_M_MIN) -> float:
    """Give where across the web a scanning head is, 0..width (mm): from edge to edge and back."""
    travelled = time_s * head_m_min * 1000.0 / 60.0
    folded = math.fmod(travelled, 2.0 * width_mm)
    return folded if folded <= width_mm else 2.0 * width_mm - folded
