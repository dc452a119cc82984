"""Scrubber and argon supply: what the lines breathe out into, and what they breathe."""

from __future__ import annotations

import math
from collections.abc import Mapping

from plc_sim.plant import TICK_S
from plc_sim.units.instruments import Jitter
from plc_sim.units.latch import Latch, Reset, release
from plc_sim.units.site import NONE, Site
from plc_sim.units.unit import Unit

CAUSTIC_L = 200.0
CAUSTIC_MOL = CAUSTIC_L * 10.0 ** (12.5 - 14.0)
"""Sodium hydroxide in a fresh scrubber: pH 12.5."""
MOLAR_CC = 24465.0
"""One mole of gas at 25 degC, cc."""
RATED_HZ, PACKING_MBAR = 40.0, 8.0
FAN_TAU_S = 20.0
PH_TRIP, FAN_TRIP = 10.0, 0.5
HEADER_BAR, HEADER_TAU_S, ARGON_TRIP_BAR = 6.0, 60.0, 4.0


class Scrubber:
    """Caustic (mol) and fan (part of rated flow) of the scrubber; a mole of H2S takes one of caustic with it."""

    def __init__(self, site: Site, jitter: Jitter) -> None:
        self._site = site
        self.jitter = jitter
        self._caustic_mol = CAUSTIC_MOL
        self._spent_ph: float | None = None
        self._fan_target = 1.0
        self._slip_ppm = 0.0
        self._latch = Latch("I17_SCRUBBER")
        site.scrubber_ph = self._ph()

    def tick(self) -> None:
        """Wash what came, and keep sulfide from being heated without a scrubber."""
        site = self._site
        if site.to_scrubber_cc:
            self._wash(site.to_scrubber_cc)
            site.to_scrubber_cc = 0.0
        elif self._slip_ppm:
            self._slip_ppm = 0.0
        if self._fan_target != site.scrubber_fan:
            site.scrubber_fan += (self._fan_target - site.scrubber_fan) * (TICK_S / FAN_TAU_S)
        failed = site.scrubber_ph < PH_TRIP or site.scrubber_fan < FAN_TRIP
        if failed or self._latch.tripped:
            site.raise_line("I17_SCRUBBER", self._latch.watch(failed))

    def tags(self) -> Mapping[str, float]:
        """Give pH, pressure drop, fan, redox potential and what gets through."""
        noise, within, fan = self.jitter.around, self.jitter.within, self._site.scrubber_fan
        return {
            "PH": within(self._site.scrubber_ph, 0.02, 0.0, 14.0),
            "DP_PACK": max(0.0, noise(PACKING_MBAR * fan**2, 0.1)),
            "FAN_HZ": max(0.0, noise(RATED_HZ * fan, 0.05)),
            "ORP": noise(-350.0, 2.0),
            "H2S_OUT": within(0.1 + self._slip_ppm, 0.05, 0.0, 100.0),
        }

    def interlocks(self) -> frozenset[str]:
        """The scrubber runs no phase to hold off."""
        return NONE

    def disturbances(self) -> frozenset[str]:
        """Give the physical faults that a scrubber knows."""
        return frozenset({"scrubber-failure", "caustic-spent"})

    def disturb(self, fault: str, amount: float) -> None:
        """Leave a part (0..1) of the fan's flow, or spend the caustic down to a pH."""
        if fault == "scrubber-failure":
            self._fan_target = amount
        else:
            self._spent_ph = amount
            self._site.scrubber_ph = self._ph()

    def recover(self, fault: str) -> None:
        """Repair the fan, or fill in fresh caustic."""
        if fault == "scrubber-failure":
            self._fan_target = 1.0
        elif self._spent_ph is not None:
            self._spent_ph, self._caustic_mol = None, CAUSTIC_MOL
            self._site.scrubber_ph = self._ph()

    def reset(self, interlock: str, *, key: bool) -> None:
        """I17 lets go by itself; asking for it before is refused with the reason."""
        release((self._latch,), interlock, key=key)

    def _wash(self, cc: float) -> None:
        self._caustic_mol = max(1e-6, self._caustic_mol - cc / MOLAR_CC)
        self._site.scrubber_ph = self._ph()
        # Fresh caustic takes nearly all; what a weak one lets through is thinned by 400 m3/h of fan air.
        through = math.exp(-2.0 * max(0.0, self._site.scrubber_ph - 8.0)) + (1.0 - min(1.0, self._site.scrubber_fan))
        self._slip_ppm = min(100.0, through * cc * 60.0 / TICK_S / (400.0 / 60.0))

    def _ph(self) -> float:
        return self._spent_ph if self._spent_ph is not None else 14.0 + math.log10(self._caustic_mol / CAUSTIC_L)


class ArgonHeader:
    """Pressure of the argon header at its users, bar; it falls to nothing when I3 cuts the area off."""

    def __init__(self, site: Site, jitter: Jitter) -> None:
        self._site = site
        self.jitter = jitter
        self._target_bar = HEADER_BAR
        self._latch = Latch("I18_ARGON_SUPPLY", Reset.ACK)

    def tick(self) -> None:
        """Let the header follow its source, and hold the plant without argon."""
        site = self._site
        target_bar = 0.0 if site.argon_isolated else self._target_bar
        if target_bar != site.argon_bar:
            site.argon_bar += (target_bar - site.argon_bar) * (TICK_S / HEADER_TAU_S)
        low = site.argon_bar < ARGON_TRIP_BAR
        if low or self._latch.tripped:
            site.raise_line("I18_ARGON_SUPPLY", self._latch.watch(low))

    def tags(self) -> Mapping[str, float]:
        """Give pressure, dew point and oxygen of the argon."""
        noise, within = self.jitter.around, self.jitter.within
        return {
            "P_AR": within(self._site.argon_bar, 0.02, 0.0, 10.0),
            "DEW_AR": noise(-75.0, 0.2),
            "O2_AR": noise(0.3, 0.05),
        }

    def interlocks(self) -> frozenset[str]:
        """The header runs no phase to hold off."""
        return NONE

    def disturbances(self) -> frozenset[str]:
        """Give the physical faults that an argon supply knows."""
        return frozenset({"argon-loss"})

    def disturb(self, fault: str, amount: float) -> None:
        """Leave only so much pressure (bar)."""
        self._target_bar = amount

    def recover(self, fault: str) -> None:
        """Connect the source again."""
        self._target_bar = HEADER_BAR

    def reset(self, interlock: str, *, key: bool) -> None:
        """Reset I18 with the button once the pressure is back."""
        release((self._latch,), interlock, key=key)
        self._site.raise_line("I18_ARGON_SUPPLY", self._latch.tripped)


def scrubber(name: str, seed: int, site: Site) -> Unit:
    """Build the caustic scrubber."""
    return Unit(name, seed, Scrubber(site, Jitter(seed, name)), {}, site)


def argon_supply(name: str, seed: int, site: Site) -> Unit:
    """Build the argon supply."""
    return Unit(name, seed, ArgonHeader(site, Jitter(seed, name)), {}, site)
