"""Argon glovebox: leak, purifier and pressure; the phases that make it inert and that regenerate its purifier."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.physics.rooms import AIR_OXYGEN_PPM, GLOVEBOX, BoxImpurity
from plc_sim.plant import TICK_S
from plc_sim.units.glovebox_phases import Inertising, Regenerating
from plc_sim.units.instruments import Jitter
from plc_sim.units.latch import Latch, holding, release
from plc_sim.units.site import LEAST_ARGON_BAR, NONE, Site
from plc_sim.units.unit import PhaseKind, Unit

BOX_ML = 1e6
WATER_SHARE = 1e3
"""Water gets through gloves and seals so much more easily than gas leaks in; a good box then shows 0.07 ppm."""
PRESSURE_MBAR = 3.5
LOST_MBAR_PER_ML_MIN = 0.003
"""Overpressure that a leak costs while argon makes it good."""
WITHOUT_ARGON_MBAR = -1.0
PRESSURE_TAU_S = 60.0
TRIP_PPM, CLEAR_PPM, CLEAR_S = 10.0, 1.0, 600.0
H2S_TRIP_PPM = 20.0
"""Above it the purifier, whose catalyst sulfide would ruin, is shut off and the box is flushed to the scrubber instead.

The flush is a volume of the box in the time constant of the purifier, 100 L/min: it clears a box as fast.
"""


class Box:
    """Oxygen, water and H2S (ppm) and pressure (mbar(g)) of a glovebox; antechamber cycles of the present transfer."""

    def __init__(self, name: str, site: Site, jitter: Jitter) -> None:
        self._name = name
        self._site = site
        self.jitter = jitter
        self.oxygen = BoxImpurity(_steady_ppm(AIR_OXYGEN_PPM))
        self.water = BoxImpurity(_steady_ppm(site.room_water_ppm, WATER_SHARE))
        self.hydrogen_sulfide = BoxImpurity()
        self._flushing = False
        self.pressure_mbar = PRESSURE_MBAR
        self.cycles = 0.0
        self.regenerating = False
        self._line = f"I4_GLOVEBOX_{name.removeprefix('GB-')}"
        self._latch = Latch("I4_GLOVEBOX", clear_s=CLEAR_S)
        self._leak_ml_min = 0.0
        self._purifier = 1.0

    def tick(self) -> None:
        """Leak, purify, take in what was given off inside, and hold off the units that stand in a dirty box."""
        site = self._site
        if self._flushing:
            purifier = 0.0 if site.argon_bar < LEAST_ARGON_BAR else 1.0
        else:
            purifier = 0.0 if self.regenerating else self._purifier
        leak = 1.0 + self._leak_ml_min * 60.0 / BOX_ML / GLOVEBOX.leak_1_h
        oxygen = self.oxygen.step(TICK_S, AIR_OXYGEN_PPM, purifier=purifier, leak_factor=leak)
        # A hole lets in gas with the room's water; what comes through gloves and seals stays as it is.
        wet = WATER_SHARE - 1.0 + leak
        water = self.water.step(TICK_S, site.room_water_ppm, purifier=purifier, leak_factor=wet)
        site.water_ppm[self._name] = water
        if self.hydrogen_sulfide.ppm > 0.0 or self._name in site.boxes_cc:
            self._clear_of_sulfide(purifier, leak)
        sulfide = self.hydrogen_sulfide.ppm
        target = PRESSURE_MBAR - LOST_MBAR_PER_ML_MIN * self._leak_ml_min
        if site.argon_bar < LEAST_ARGON_BAR:
            target = WITHOUT_ARGON_MBAR
        self.pressure_mbar += (target - self.pressure_mbar) * (TICK_S / PRESSURE_TAU_S)
        dirty = oxygen > TRIP_PPM or water > TRIP_PPM or sulfide > H2S_TRIP_PPM
        if dirty or self._latch.tripped:
            clear = oxygen < CLEAR_PPM and water < CLEAR_PPM and sulfide < CLEAR_PPM
            site.raise_line(self._line, self._latch.watch(dirty, clear=clear))

    def tags(self) -> Mapping[str, float]:
        """Give the box atmosphere."""
        within = self.jitter.within
        return {
            "O2_PPM": within(self.oxygen.ppm, 0.02, 0.0, 1000.0),
            "H2O_PPM": within(self.water.ppm, 0.02, 0.0, 1000.0),
            "P_BOX": within(self.pressure_mbar, 0.3, -10.0, 15.0),
            "H2S_PPM": within(0.2 + self.hydrogen_sulfide.ppm, 0.05, 0.0, 100.0),
            "REGEN_STATE": 1.0 if self.regenerating else 0.0,
            "ANTECH_CYCLES": self.cycles,
        }

    def interlocks(self) -> frozenset[str]:
        """A glovebox holds off the units that stand in it, not its own phases, which make it clean."""
        return NONE

    def open_lock(self, oxygen_ppm: float, water_ppm: float) -> None:
        """Take in what the antechamber lets through when its inner door opens (ppm of the box)."""
        self.oxygen.ppm += oxygen_ppm
        self.water.ppm += water_ppm

    def disturbances(self) -> frozenset[str]:
        """Give the physical faults that a box knows."""
        return frozenset({"glovebox-leak", "purifier-failure"})

    def disturb(self, fault: str, amount: float) -> None:
        """Let air in (mL/min), or leave a part (0..1) of the purifier working."""
        if fault == "glovebox-leak":
            self._leak_ml_min = amount
        else:
            self._purifier = amount

    def recover(self, fault: str) -> None:
        """Seal the box, or repair the purifier."""
        self.disturb(fault, 0.0 if fault == "glovebox-leak" else 1.0)

    def reset(self, interlock: str, *, key: bool) -> None:
        """I4 lets go by itself; asking for it before is refused with the reason."""
        release((self._latch,), interlock, key=key)
        self._site.raise_line(self._line, bool(holding((self._latch,))))

    def _clear_of_sulfide(self, purifier: float, leak: float) -> None:
        """Take in what the powder gave off, and let it go into the purifier, or in a flush to the scrubber.

        What a hole lets in from the room is left out.
        """
        site, sulfide = self._site, self.hydrogen_sulfide
        sulfide.ppm += site.boxes_cc.pop(self._name, 0.0) * 1e6 / BOX_ML
        before = sulfide.ppm
        after = sulfide.step(TICK_S, 0.0, purifier=purifier, leak_factor=leak)
        if self._flushing and before > after:
            site.to_scrubber_cc += (before - after) * BOX_ML * 1e-6
        self._flushing = after > (CLEAR_PPM if self._flushing else H2S_TRIP_PPM)


def _steady_ppm(outside_ppm: float, leak_factor: float = 1.0) -> float:
    """Give where leak and purifier of a sound box meet: there it begins, so that idle time changes nothing."""
    leak_1_s = GLOVEBOX.leak_1_h / 3600.0 * leak_factor
    return outside_ppm * leak_1_s / (leak_1_s + 1.0 / GLOVEBOX.purifier_tau_s)


def glovebox(name: str, seed: int, site: Site) -> Unit:
    """Build a glovebox."""
    box = Box(name, site, Jitter(seed, name))
    phases = {
        "INERTISE": PhaseKind(begin=lambda sp, readings: Inertising(box, sp, readings)),
        "REGENERATE": PhaseKind(begin=lambda sp, readings: Regenerating(box, sp, readings)),
    }
    return Unit(name, seed, box, phases, site)
