"""Slurry on its way from the feed vessel to the web: a hose that pushes it along, then a die that mixes it.

What leaves the die is a mixture of what came in before: at a change of slurry on the fly the web passes from one
composition to the other over about `mixed_ml`/flow after a delay of `plug_ml`/flow. The hose is plug flow, the die one
stirred volume V dc/dt = Q (c_in - c), solved exactly for each dose.
"""

from __future__ import annotations

import math
from collections import deque

from plc_sim.material.parcel import Parcel, blend


class HoldUp:
    """Slurry in pump, hose and die (ml). Empty at first; nothing comes out before both are full."""

    def __init__(self, plug_ml: float, mixed_ml: float) -> None:
        self.plug_ml = plug_ml
        self.mixed_ml = mixed_ml
        self._plug: deque[tuple[float, Parcel]] = deque()
        self._plug_filled_ml = 0.0
        self._die: Parcel | None = None
        self._die_filled_ml = 0.0

    @property
    def filled_ml(self) -> float:
        """What hose and die hold now."""
        return self._plug_filled_ml + self._die_filled_ml

    def push(self, volume_ml: float, dose: Parcel) -> Parcel | None:
        """Pump one dose in; gives what leaves the die onto the web, of at most the same volume."""
        self._plug.append((volume_ml, dose))
        self._plug_filled_ml += volume_ml
        out: list[Parcel] = []
        while self._plug and self._plug_filled_ml > self.plug_ml * (1.0 + 1e-12):
            excess_ml = self._plug_filled_ml - self.plug_ml
            first_ml, first = self._plug[0]
            moved_ml = min(first_ml, excess_ml)
            moved, rest = first.split(moved_ml / first_ml)
            if moved_ml >= first_ml:
                self._plug.popleft()
            else:
                self._plug[0] = (first_ml - moved_ml, rest)
            self._plug_filled_ml -= moved_ml
            out += self._through_die(moved_ml, moved)
        if len(out) == 1:
            return out[0]
        return blend(out) if out else None

    def drain(self) -> Parcel | None:
        """Empty hose and die; gives what was in them."""
        held = [parcel for _, parcel in self._plug]
        if self._die is not None:
            held.append(self._die)
        self._plug.clear()
        self._plug_filled_ml = self._die_filled_ml = 0.0
        self._die = None
        return blend(held) if held else None

    def parcels(self) -> tuple[Parcel, ...]:
        """Show what is held, without taking it."""
        return tuple(parcel for _, parcel in self._plug) + (() if self._die is None else (self._die,))

    def _through_die(self, volume_ml: float, moved: Parcel) -> list[Parcel]:
        room_ml = self.mixed_ml - self._die_filled_ml
        if room_ml > 0.0:
            filling_ml = min(room_ml, volume_ml)
            filling, moved = moved.split(filling_ml / volume_ml)
            self._die = filling if self._die is None else blend([self._die, filling])
            self._die_filled_ml += filling_ml
            volume_ml -= filling_ml
            if volume_ml <= 0.0:
                return []
        if self._die is None:
            return [moved]
        return [self._exchange(self._die, volume_ml, moved)]

    def _exchange(self, die: Parcel, volume_ml: float, moved: Parcel) -> Parcel:
        # Of a stirred volume V through which q passes, exp(-q/V) of what was in it stays; q carries the rest out.
        stays = math.exp(-volume_ml / self.mixed_ml)
        # Of the dose itself V/q (1 - exp(-q/V)) stays in the die; never more than all, however small the dose.
        kept = self.mixed_ml / volume_ml * -math.expm1(-volume_ml / self.mixed_ml)
        old_stays, old_leaves = die.split(stays)
        new_stays, new_leaves = moved.split(kept)
        self._die = blend([old_stays, new_stays])
        return blend([old_leaves, new_leaves])
