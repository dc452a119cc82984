"""What heat makes of biomass: how fast it decomposes, how much char is left, and what the char consists of."""

from __future__ import annotations

import math

from plc_sim.physics.constants import GAS_J_MOLK, ZERO_DEGC_K
from plc_sim.physics.ranges import within

WOOD_TO_GAS = (4.38e9, 152_700.0)
WOOD_TO_TAR = (1.08e10, 148_000.0)
WOOD_TO_CHAR = (3.27e6, 111_700.0)
"""Frequency (1/s) and activation energy (J/mol) of the three parallel first-order reactions of wood; Di Blasi and
Branca, Ind. Eng. Chem. Res. 40 (2001) 5547, doi:10.1021/ie000997e."""
COLD_DEGC = 150.0
"""Below it nothing decomposes: the three rates together are under 1e-7 1/s."""
DECAYED = 30.0
"""Decays after which no wood is left: exp(-30) of it."""


def decay_1_s(degc: float) -> float:
    """Give the part of the wood (1/s) that decomposes at a temperature, degC, by all three reactions together."""
    if degc < COLD_DEGC:
        return 0.0
    exponent = -1.0 / (GAS_J_MOLK * (degc + ZERO_DEGC_K))
    return sum(
        frequency * math.exp(energy * exponent) for frequency, energy in (WOOD_TO_GAS, WOOD_TO_TAR, WOOD_TO_CHAR)
    )


def char_yield(peak_degc: float) -> float:
    """Give the char (g per g of dry, ash-free biomass, 0..1) that is left in the end, by the peak temperature.

    Y = 0.106 + 2.43 exp(-0.0066 T), 200 to 1000 degC; Neves et al., Prog. Energy Combust. Sci. 37 (2011) 611,
    doi:10.1016/j.pecs.2011.01.001. Raises ValueError outside.
    """
    return 0.106 + 2.43 * math.exp(-0.0066 * within("pyrolysis: peak temperature", peak_degc, 200.0, 1000.0))


def char_carbon(peak_degc: float) -> float:
    """Give the mass fraction of carbon (0..1) in the dry, ash-free char: 0.93 - 0.92 exp(-0.0042 T); same source."""
    return 0.93 - 0.92 * math.exp(-0.0042 * within("pyrolysis: peak temperature", peak_degc, 200.0, 1000.0))


class Pyrolysis:
    """Biomass on its way to char.

    The decay follows the temperature as it was, tick by tick; what the decayed part leaves behind follows the highest
    temperature so far, since hotter char goes on giving off gas. That it does so at once is a choice of this model.
    """

    __slots__ = ("_decayed", "peak_degc")

    def __init__(self) -> None:
        self._decayed = 0.0
        self.peak_degc = 0.0

    @property
    def wood_left(self) -> float:
        """Part of the biomass that has not decomposed, 0..1."""
        return math.exp(-self._decayed)

    @property
    def solid_left(self) -> float:
        """Wood and char that are left, g per g of dry, ash-free biomass."""
        wood = math.exp(-self._decayed)
        return wood + (1.0 - wood) * char_yield(max(200.0, min(1000.0, self.peak_degc)))

    def step(self, dt_s: float, degc: float) -> None:
        """Go on for `dt_s` seconds at a temperature (degC)."""
        if degc > self.peak_degc:
            self.peak_degc = degc
        if degc >= COLD_DEGC and self._decayed < DECAYED:
            self._decayed += dt_s * decay_1_s(degc)
