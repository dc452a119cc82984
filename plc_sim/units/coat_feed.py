"""Slurry on its way to the web: feed vessel, hose and die (PROCESS 9: what is mixed at a change of slurry)."""

from __future__ import annotations

from plc_sim.material.holdings import Holdings
from plc_sim.material.holdup import HoldUp
from plc_sim.material.mixture import mixture_of, stirred
from plc_sim.material.parcel import Parcel
from plc_sim.physics.slurry import Rheology, rheology_at
from plc_sim.units.inlet import Queue
from plc_sim.units.mixer_charge import STIFFEST_PHI

HOSE_ML, DIE_ML = 120.0, 180.0
"""How the 300 mL of pump, hose and die are shared out (design default).

2.4 m of hose of 8 mm bore is 120 mL; at 16 mL/min it runs laminar with a yield stress, that is as a plug. A
coat-hanger manifold for 250 mm, with the pump's chambers, is the rest, and mixes.
"""
HOLDUP_ML = HOSE_ML + DIE_ML
HEEL_ML = 60.0
"""What is left in the stirred feed vessel when the next slurry is poured onto it."""
SHEAR_1_S = 100.0


class SlurryFeed:
    """Feed vessel, hose and die of the coating line; empty between two runs of COAT."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings
        self._queue = Queue(holdings, holdings.filtered)
        self._vessel: Parcel | None = None
        self._hold_up = HoldUp(HOSE_ML, DIE_ML)
        self.vessel_ml = 0.0
        self.poured_g = 0.0
        self.rheology: Rheology = rheology_at(0.3)
        self.viscosity_pa_s = 0.0
        holdings.feed.tell = self.parcels

    @property
    def mass_g(self) -> float:
        """Slurry in vessel, hose and die, g."""
        return sum(parcel.mass_g for parcel in self.parcels())

    def parcels(self) -> tuple[Parcel, ...]:
        """Show what is held."""
        return (*(() if self._vessel is None else (self._vessel,)), *self._hold_up.parcels())

    def choose(self) -> bool:
        """Choose the slurry that a run begins with; False when there is none."""
        return self._queue.choose() is not None

    def give_up(self) -> None:
        """A run ends that has poured nothing: its slurry is set aside."""
        if self._holdings.filtered.first() is not None:
            self._holdings.give_up([self._holdings.filtered.take()])
        self._queue.unit_is_empty()

    def is_open(self) -> bool:
        """Say whether slurry has been poured since it was last drained."""
        return bool(self.poured_g)

    def pour(self) -> bool:
        """Pour the oldest filtered slurry onto what is left in the vessel; False when there is none."""
        if self._holdings.filtered.first() is None:
            return False
        fresh = self._holdings.filtered.take()
        self.poured_g += fresh.mass_g
        ledger = self._holdings.ledger
        self._vessel = fresh if self._vessel is None else stirred((self._vessel, fresh), ledger)
        if self._vessel.mass_g <= 0.0:
            return True
        mixed = mixture_of(self._vessel.parts, ledger)
        self.vessel_ml = mixed.volume_ml
        self.rheology = rheology_at(min(STIFFEST_PHI, mixed.phi))
        self.viscosity_pa_s = self.rheology.viscosity_pa_s(SHEAR_1_S)
        return True

    def prime(self) -> bool:
        """Fill hose and die; False when the slurry is not enough for it."""
        missing_ml = HOLDUP_ML - self._hold_up.filled_ml
        while missing_ml > 0.0:
            if not self.can_give(missing_ml) and not self.vessel_ml:
                return False
            self.push(min(missing_ml, self.vessel_ml))
            missing_ml = HOLDUP_ML - self._hold_up.filled_ml
            if missing_ml < 1e-9:
                break
        return True

    def can_give(self, volume_ml: float) -> bool:
        """Say whether the vessel holds so much, pouring more onto it while there is any."""
        while self.vessel_ml < volume_ml:
            if not self.pour():
                return False
        return True

    def push(self, volume_ml: float, to_come_ml: float = 0.0) -> Parcel | None:
        """Pump a volume the vessel holds into the hose; gives what leaves the die.

        The next slurry is poured onto the heel only when what is still to come needs it: a run that ends with its own
        slurry leaves the next one alone.
        """
        if self._vessel is None or volume_ml <= 0.0:
            return None
        if volume_ml >= self.vessel_ml * (1.0 - 1e-12):
            volume_ml, dose, self._vessel = self.vessel_ml, self._vessel, None
        else:
            dose, self._vessel = self._vessel.split(volume_ml / self.vessel_ml)
        self.vessel_ml = 0.0 if self._vessel is None else self.vessel_ml - volume_ml
        out = self._hold_up.push(volume_ml, dose)
        if self.vessel_ml < HEEL_ML and to_come_ml > self.vessel_ml:
            self.pour()
        return out

    def drain(self) -> None:
        """Empty everything: it cannot be coated any more."""
        held = self.parcels()
        self._hold_up.drain()
        self._vessel, self.vessel_ml, self.poured_g = None, 0.0, 0.0
        self._holdings.give_up(held, "hold-up drained")
        self._queue.unit_is_empty()
