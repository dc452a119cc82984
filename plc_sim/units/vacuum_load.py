"""What is dried under vacuum: powder on shelves, or a roll of film."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from plc_sim.material.holdings import Holdings
from plc_sim.material.ledger import SOLVENT, Parts
from plc_sim.material.parcel import FINISHED, part_of, together, without
from plc_sim.material.web import Stretch
from plc_sim.units.inlet import Inlet
from plc_sim.units.instruments import Readings
from plc_sim.units.nominal import fill_web
from plc_sim.units.unit import Setpoints

POWDER_MOISTURE = 5e-4
"""Mass fraction that leaves a powder with drying time constant `DRYING_TAU_S` at `DRYING_DEGC`."""
DRYING_TAU_S = 4.0 * 3600.0
DRYING_DEGC = 80.0
DRYING_SPAN_K = 25.0
"""Drying is e times faster for this much more temperature."""
SOLVENT_FLOOR_PPM = 20.0
ROLL_POROSITY = 0.15
DRIED_OFF = "dried off"


def drying_part(sp: Setpoints) -> float:
    """Give the part of what can dry that has dried after `duration` (min) at `temperature` (degC): first order."""
    tau_s = DRYING_TAU_S * math.exp(-(sp["temperature"] - DRYING_DEGC) / DRYING_SPAN_K)
    return 1.0 - math.exp(-60.0 * sp["duration"] / tau_s)


class Load(Protocol):
    """What lies in the chamber."""

    report_names: tuple[str, ...]

    def take_in(self) -> bool:
        """Put it into the chamber; False when there is nothing to dry."""
        ...

    def dry(self, sp: Setpoints, readings: Readings) -> dict[str, float]:
        """Move the dried load on and report it."""
        ...

    def give_up(self) -> None:
        """Take the load off the line."""
        ...


class PowderLoad:
    """Sieved powder on shelves."""

    report_names: tuple[str, ...] = ("dried_mass", "final_pressure", "loss")

    def __init__(self, holdings: Holdings, unit: str) -> None:
        self._holdings = holdings
        self._shelves = Inlet(holdings, unit, holdings.sieved, holdings.shelves, FINISHED)

    def take_in(self) -> bool:
        """Put the sieved powder onto the shelves."""
        return self._shelves.take_in()

    def give_up(self) -> None:
        """Take the powder off the line."""
        self._shelves.give_up()

    def dry(self, sp: Setpoints, readings: Readings) -> dict[str, float]:
        """Take moisture out of the powder."""
        wet = self._shelves.empty()
        moisture, dry = wet.split(readings.varied("moisture", POWDER_MOISTURE, 1e-4) * drying_part(sp))
        self._holdings.lose(moisture, DRIED_OFF)
        self._holdings.dried.put(dry)
        return {
            "dried_mass": readings.weighed("dried_mass", dry.mass_g),
            "loss": readings.weighed("loss", moisture.mass_g),
        }


class RollLoad:
    """A roll of calendered film."""

    report_names: tuple[str, ...] = ("residual_solvent", "final_pressure", "loss")

    def __init__(self, holdings: Holdings, unit: str) -> None:
        self._holdings = holdings
        self._unit = unit

    def take_in(self) -> bool:
        """Hang the oldest calendered roll; it stays listed where it waited until it is dry."""
        fill_web(self._holdings, self._holdings.calendered, self._unit, ROLL_POROSITY)
        return self._holdings.calendered.first() is not None

    def give_up(self) -> None:
        """Take the roll off the line."""
        self._holdings.give_up_first(self._holdings.calendered)

    def dry(self, sp: Setpoints, readings: Readings) -> dict[str, float]:
        """Take solvent out of the coating."""
        web = self._holdings.calendered.take()
        part = drying_part(sp)
        gone: list[Parts] = []
        stretches: list[Stretch] = []
        lost_g = 0.0
        for stretch in web.stretches:
            lost_ppm = max(0.0, stretch.residual_ppm - SOLVENT_FLOOR_PPM) * part
            lost_g += stretch.mass_g * lost_ppm * 1e-6
            leaves = self._solvent_of(stretch.parts, stretch.residual_ppm, lost_ppm)
            gone.append(leaves)
            left_ppm = max(0.0, stretch.residual_ppm - lost_ppm)
            stretches.append(replace(stretch, parts=without(stretch.parts, leaves), residual_ppm=left_ppm))
        self._holdings.ledger.leave(DRIED_OFF, together(gone))
        dry = replace(web, stretches=tuple(stretches))
        self._holdings.dried_web.put(dry)
        residual = readings.measured("residual_solvent", dry.residual_ppm, 0.05)
        return {"residual_solvent": residual, "loss": readings.weighed("loss", lost_g)}

    def _solvent_of(self, parts: Parts, residual_ppm: float, lost_ppm: float) -> Mapping[str, float]:
        """Give the solvent that leaves: only what the parts still list of lots that are solvent."""
        ledger = self._holdings.ledger
        solvent = {lot: grams for lot, grams in parts.items() if ledger.material_of(lot) == SOLVENT}
        return part_of(solvent, lost_ppm / residual_ppm if residual_ppm > 0.0 else 0.0)
