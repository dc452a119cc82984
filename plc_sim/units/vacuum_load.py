"""What is dried under vacuum: powder on shelves, or a roll of film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from plc_sim.material.holdings import Holdings
from plc_sim.material.ledger import SOLVENT, Parts
from plc_sim.material.mixture import solvent_in
from plc_sim.material.parcel import FINISHED, Parcel, part_of, together, without
from plc_sim.material.web import Stretch
from plc_sim.physics.drying import BoundSolvent
from plc_sim.plant import TICK_S
from plc_sim.units.inlet import powder_inlet, roll_inlet
from plc_sim.units.instruments import Readings

POWDER_MOISTURE = 5e-4
"""Mass fraction that any powder holds back until it is dried (design default), besides the moisture of its
lots; both leave as bound solvent does."""
ROLL_POROSITY = 0.15
DRIED_OFF = "dried off"


class Load(Protocol):
    """What lies in the chamber."""

    report_names: tuple[str, ...]

    def take_in(self) -> bool:
        """Put it into the chamber; False when there is nothing to dry."""
        ...

    def lie(self, degc: float, pressure_mbar: float) -> None:
        """Dry for one tick at the temperature of the shell (degC) and the pressure (mbar) there is."""
        ...

    def dry(self, readings: Readings) -> dict[str, float]:
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
        self._shelves = powder_inlet(holdings, unit, holdings.sieved, holdings.shelves, FINISHED)
        self._bound = BoundSolvent()

    def take_in(self) -> bool:
        """Put the sieved powder onto the shelves."""
        self._bound = BoundSolvent()
        return self._shelves.take_in()

    def give_up(self) -> None:
        """Take the powder off the line."""
        self._shelves.give_up()

    def lie(self, degc: float, pressure_mbar: float) -> None:
        """Give off moisture for one tick."""
        self._bound.step(TICK_S, degc, pressure_mbar)

    def dry(self, readings: Readings) -> dict[str, float]:
        """Take moisture, and the solvent of a reactor's cake, out of the powder.

        Such a cake is not annealed yet: it goes before the furnace, all other powder before the packer.
        """
        wet, left = self._shelves.empty(), self._bound.left
        cake = solvent_in(wet.parts, self._holdings.ledger)
        if cake:
            return self._dry_cake(wet, part_of(cake, 1.0 - left), readings)
        brought = wet.condition.moisture_ppm
        held_back = min(1.0, readings.varied("moisture", POWDER_MOISTURE, 1e-4) + 1e-6 * brought)
        moisture, dry = wet.split(held_back * (1.0 - left))
        if brought:
            dry = replace(dry, condition=replace(dry.condition, moisture_ppm=brought * left))
        self._holdings.lose(moisture, DRIED_OFF)
        self._holdings.dried.put(dry)
        return {
            "dried_mass": readings.weighed("dried_mass", dry.mass_g),
            "loss": readings.weighed("loss", moisture.mass_g),
        }

    def _dry_cake(self, wet: Parcel, leaves: Parts, readings: Readings) -> dict[str, float]:
        dry = replace(wet, parts=without(wet.parts, leaves))
        self._holdings.ledger.leave(DRIED_OFF, leaves)
        self._holdings.tray.put(dry)
        return {
            "dried_mass": readings.weighed("dried_mass", dry.mass_g),
            "loss": readings.weighed("loss", sum(leaves.values())),
        }


class RollLoad:
    """A roll of calendered film."""

    report_names: tuple[str, ...] = ("residual_solvent", "final_pressure", "loss")

    def __init__(self, holdings: Holdings, unit: str) -> None:
        self._holdings = holdings
        self._oven = roll_inlet(holdings, unit, holdings.calendered, holdings.oven, ROLL_POROSITY)
        self._bound = BoundSolvent()

    def take_in(self) -> bool:
        """Hang a calendered roll into the chamber."""
        self._bound = BoundSolvent()
        return self._oven.take_in()

    def give_up(self) -> None:
        """Take the roll off the line."""
        self._oven.give_up()

    def lie(self, degc: float, pressure_mbar: float) -> None:
        """Give off solvent for one tick."""
        self._bound.step(TICK_S, degc, pressure_mbar)

    def dry(self, readings: Readings) -> dict[str, float]:
        """Take solvent out of the coating."""
        web = self._oven.empty()
        part = 1.0 - self._bound.left
        gone: list[Parts] = []
        stretches: list[Stretch] = []
        lost_g = 0.0
        for stretch in web.stretches:
            lost_ppm = stretch.residual_ppm * part
            lost_g += stretch.mass_g * lost_ppm * 1e-6
            leaves = self._solvent_of(stretch.parts, stretch.residual_ppm, lost_ppm)
            gone.append(leaves)
            left_ppm = stretch.residual_ppm - lost_ppm
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
