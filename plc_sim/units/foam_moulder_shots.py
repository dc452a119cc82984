"""The MOULD phase: shot after shot of melt with gas in it, each weighed and judged."""

from __future__ import annotations

import math
from collections.abc import Mapping

from plc_sim.material.holdings import Holdings
from plc_sim.material.parcel import Parcel, blend
from plc_sim.physics.foam import CAVITY_ML, FILLING_BAR, MELT_G_ML, SOLID_G_ML, cell_bar, cooling_s, dissolved
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.foam_moulder_gas import VENTED
from plc_sim.units.foam_moulder_machine import INJECTION_BAR, FoamMoulder
from plc_sim.units.hopper import content_g, gathered
from plc_sim.units.instruments import Readings
from plc_sim.units.unit import NOTHING_TO_PROCESS, Setpoints

INJECT, COOL, EJECT = 10, 20, 30
GOING = {step: PhaseProgress(step=step) for step in (INJECT, COOL, EJECT)}
PELLETS_EMPTY, BARREL_COLD, GAS_LOW = 20, 30, 40
INJECT_S, EJECT_S = 3.0, 6.0
SHOT_SPREAD = 0.003
"""Shots differ by this part of their volume at most (design default)."""
ENRICHED = 0.15
"""Part of the way to a new dose that the gas in the barrel goes with each shot (design default)."""
FLASH = 1.02
"""A shot with more than this part of a solid filling flashes."""
SCRAP = "rejected parts"
REPORTS = ("good_shots", "shots", "good_mass", "scrap_mass", "part_mass", "density", "weight_saved", "gas_used")


class Moulding:
    """One run of MOULD: `shots` cycles of injection, cooling and ejection.

    A part weighs what the shot brings: its volume times the density of the melt. Its density is that mass over the
    cavity, provided that the gas in it can open the cells so far (`cell_bar` of at least `FILLING_BAR`); else it is a
    short shot. Short shots, flash, and parts ejected too hot are rejects. Gas that is not dissolved is vented.
    """

    def __init__(self, machine: FoamMoulder, holdings: Holdings, sp: Setpoints, readings: Readings) -> None:
        self._machine = machine
        self._holdings = holdings
        self._sp = sp
        self._readings = readings
        self._begun = self._done = False
        self._in_cycle_s = 0.0
        self._good_g = self._scrap_g = self._gas_g = 0.0
        self._in_melt = 0.0

    def run(self) -> PhaseProgress:
        """Mould for one tick."""
        if self._done:
            return PhaseProgress(step=EJECT, done=True)
        if not self._begun:
            fail_code = self._begin()
            if fail_code:
                return PhaseProgress(fail_code=fail_code)
        machine, sp = self._machine, self._sp
        if not machine.barrel.can_turn:
            machine.stop()
            return PhaseProgress(step=INJECT, fail_code=BARREL_COLD)
        machine.is_dosing = sp["gas_dose"] > 0.0
        if not self._in_cycle_s:
            fail_code = self._inject()
            if fail_code:
                machine.stop()
                return PhaseProgress(step=INJECT, fail_code=fail_code)
        self._in_cycle_s += TICK_S
        return self._cycle(INJECT_S + sp["cooling_time"])

    def update(self, sp: Setpoints) -> None:
        """Take new parameters; they hold from the next shot on."""
        self._sp = sp

    def rest(self) -> bool:
        """Stop where the cycle stands."""
        self._machine.stop()
        return True

    def resume(self) -> None:
        """Go on with the cycle."""

    def end(self) -> None:
        """Stop; parts of a run that was not complete are set aside."""
        machine = self._machine
        machine.stop()
        machine.is_dosing = False
        if self._begun and not self._done:
            self._holdings.give_up(self._holdings.mould_box.take_all())

    def reports(self) -> Mapping[str, float]:
        """Give counts, masses (kg; of a part g), density (g/mL), weight saved (%) and gas (g)."""
        if not self._begun:
            return dict.fromkeys(REPORTS, 0.0)
        machine, weighed = self._machine, self._readings.weighed
        part_g = self._good_g / machine.good if machine.good else 0.0
        return {
            "good_shots": float(machine.good),
            "shots": float(machine.shots),
            "good_mass": weighed("good_mass", self._good_g) / 1000.0 if self._good_g else 0.0,
            "scrap_mass": weighed("scrap_mass", self._scrap_g) / 1000.0 if self._scrap_g else 0.0,
            "part_mass": part_g,
            "density": part_g / CAVITY_ML,
            "weight_saved": max(0.0, 100.0 * (1.0 - part_g / (CAVITY_ML * SOLID_G_ML))) if part_g else 0.0,
            "gas_used": self._gas_g,
        }

    def _begin(self) -> int:
        machine, sp = self._machine, self._sp
        if not content_g(self._holdings.mould_hopper):
            return NOTHING_TO_PROCESS
        if not machine.barrel.can_turn:
            return BARREL_COLD
        if sp["gas_dose"] > 0.0 and not machine.dosing.is_ready:
            return GAS_LOW
        self._begun = True
        machine.shots = machine.good = 0
        self._in_melt = machine.dose
        return 0

    def _cycle(self, closed_s: float) -> PhaseProgress:
        machine, at_s = self._machine, self._in_cycle_s
        if at_s <= INJECT_S:
            machine.injection_bar = INJECTION_BAR
            return GOING[INJECT]
        machine.injection_bar = 0.0
        if at_s <= closed_s:
            return GOING[COOL]
        if at_s < closed_s + EJECT_S:
            return GOING[EJECT]
        machine.cycle_s, self._in_cycle_s = at_s, 0.0
        if machine.shots < self._sp["shots"]:
            return GOING[EJECT]
        parts = gathered(self._holdings.mould_box)
        if parts.mass_g > 0.0:
            self._holdings.parts.put(parts)
        self._done = True
        return PhaseProgress(step=EJECT, done=True)

    def _inject(self) -> int:
        """Make one shot out of the barrel, filling it up from the hopper; gives a fail code."""
        machine, sp, holdings = self._machine, self._sp, self._holdings
        spread = self._readings.varied(f"shot {machine.shots}", 0.0, SHOT_SPREAD)
        wanted_g = MELT_G_ML * sp["shot_volume"] * (1.0 + spread)
        missing_g = max(0.0, machine.melt.mixed_ml - machine.melt.filled_ml)
        pellets = gathered(holdings.mould_hopper)
        fed, rest = pellets.take(wanted_g + missing_g)
        if fed.mass_g < (wanted_g + missing_g) * (1.0 - 1e-9):
            holdings.mould_hopper.put(pellets)
            return PELLETS_EMPTY
        if rest.mass_g > 0.0:
            holdings.mould_hopper.put(rest)
        machine.hopper_g = rest.mass_g
        melt = machine.melt.push(fed.mass_g, fed)
        if melt is not None:
            self._eject(melt)
        return 0

    def _eject(self, melt: Parcel) -> None:
        machine, sp, holdings = self._machine, self._sp, self._holdings
        # The screw doses along with each shot; what is in the melt follows the set-point over several of them.
        self._in_melt += ENRICHED * (sp["gas_dose"] / 100.0 - self._in_melt)
        gas = machine.dosing.draw(self._in_melt * melt.mass_g)
        self._gas_g += gas.mass_g
        held = dissolved(gas.mass_g / melt.mass_g, machine.dosing.bar)
        foaming, vented = gas.take(held * melt.mass_g)
        if vented.mass_g > 0.0:
            holdings.lose(vented, VENTED)
        part = blend((melt, foaming)) if foaming.mass_g > 0.0 else melt
        machine.shots += 1
        machine.dose, machine.part_g = self._in_melt, part.mass_g
        machine.dosing.flow.dosed_g_min = 60.0 * gas.mass_g / (INJECT_S + sp["cooling_time"] + EJECT_S)
        if self._is_good(melt.mass_g, held):
            machine.good += 1
            self._good_g += part.mass_g
            holdings.mould_box.put(blend((gathered(holdings.mould_box), part)))
        else:
            self._scrap_g += part.mass_g
            holdings.lose(part, SCRAP)

    def _is_good(self, melt_g: float, held: float) -> bool:
        if self._sp["cooling_time"] < math.floor(cooling_s(self._machine.barrel.degc)):
            return False
        return melt_g <= FLASH * CAVITY_ML * SOLID_G_ML and cell_bar(held, melt_g) >= FILLING_BAR
