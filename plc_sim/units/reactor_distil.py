"""The DISTIL phase: solvent is boiled off under vacuum until a residue is left in the cake."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.material.ledger import DENSITY_G_CM3
from plc_sim.physics.dissolving import boiled_off_g_s
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.instruments import Readings
from plc_sim.units.reactor import Reactor
from plc_sim.units.reactor_charge import LIQUIDS, Brew
from plc_sim.units.unit import NOTHING_TO_PROCESS, Setpoints

HEAT, BOIL, VENT = 10, 20, 30
GOING = {step: PhaseProgress(step=step) for step in (HEAT, BOIL, VENT)}
BAND_K = 1.5
VACUUM_PLAY = 1.05
"""The vacuum counts as reached this close above its set-point."""
VENT_S = 600.0
PATIENCE_S = 6.0 * 3600.0
TEMPERATURE_NOT_REACHED, NOT_BOILING = 50, 60
SLOWEST_G_S = 0.005
STIR_RPM = 60.0
REPORTS = ("solvent_recovered", "residual_solvent", "final_pressure", "solvent_vented")


class Distilling:
    """One run of DISTIL: heat and evacuate, boil the lightest solvent first, vent with argon."""

    def __init__(self, brew: Brew, vessel: Reactor, sp: Setpoints, readings: Readings) -> None:
        self._brew = brew
        self._vessel = vessel
        self._sp = sp
        self._readings = readings
        self._step = HEAT
        self._begun = False
        self._waited_s = self._vented_s = 0.0
        self._solids_g = 0.0
        self._left: dict[str, float] = {}
        self._final_mbar = 0.0
        self._reports: dict[str, float] | None = None

    def run(self) -> PhaseProgress:
        """Heat, boil or vent for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=VENT, done=True)
        if not self._begun and not self._begin():
            return PhaseProgress(fail_code=NOTHING_TO_PROCESS)
        fail_code = self._vent() if self._step == VENT else self._distil()
        if fail_code or self._reports is not None:
            return PhaseProgress(step=self._step, done=self._reports is not None, fail_code=fail_code)
        return GOING[self._step]

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """Break the vacuum and let the jacket cool: nothing boils any more."""
        self._vessel.settle()
        if self._step == BOIL:
            self._step = HEAT
        return True

    def resume(self) -> None:
        """Heat and evacuate again, with new patience."""
        self._waited_s = 0.0

    def end(self) -> None:
        """Leave the vessel vented and cooling; a charge that was not distilled to the end is given up."""
        self._vessel.settle()
        if self._begun and self._reports is None:
            self._brew.boil_off(self._gone())
            self._brew.give_up()

    def reports(self) -> Mapping[str, float]:
        """Give solvent recovered (g), left in the cake (%), pressure at the end (mbar), solvent vented (g)."""
        return self._reports or dict.fromkeys(REPORTS, 0.0)

    def _begin(self) -> bool:
        brew = self._brew
        brew.fill_dry()
        if not brew.solids_g or not brew.solvent_g:
            return False
        if not brew.is_whole():
            brew.stir()
        self._solids_g, self._left = brew.solids_g, brew.solvents()
        self._begun = True
        return True

    def _gone(self) -> dict[str, float]:
        now = self._brew.solvents()
        return {material: max(0.0, grams - self._left.get(material, 0.0)) for material, grams in now.items()}

    def _share(self) -> float:
        solvent_g = sum(self._left.values())
        return solvent_g / (solvent_g + self._solids_g)

    def _distil(self) -> int:
        vessel, sp = self._vessel, self._sp
        vessel.target_degc, vessel.vacuum_mbar, vessel.speed_rpm = sp["temperature"], sp["pressure"], STIR_RPM
        if self._step == HEAT:
            hot = abs(vessel.degc - sp["temperature"]) <= BAND_K
            if not hot or vessel.pressure_mbar > VACUUM_PLAY * sp["pressure"]:
                self._waited_s += TICK_S
                return TEMPERATURE_NOT_REACHED if self._waited_s > PATIENCE_S else 0
            # From here on what boils is a matter of the set-points, not of how the vessel came to them.
            vessel.degc, vessel.pressure_mbar = sp["temperature"], sp["pressure"]
            self._step, self._waited_s = BOIL, 0.0
        share = self._share()
        if share <= sp["residual"] / 100.0:
            self._final_mbar = vessel.pressure_mbar
            self._step = VENT
            return 0
        material = next(iter(self._left))
        boiled = boiled_off_g_s(
            LIQUIDS[material], jacket_degc=vessel.degc, pressure_mbar=vessel.pressure_mbar, share=share
        )
        self._waited_s = self._waited_s + TICK_S if boiled < SLOWEST_G_S else 0.0
        self._left[material] -= boiled * TICK_S
        vessel.volume_l = max(0.0, vessel.volume_l - boiled * TICK_S / DENSITY_G_CM3[material] / 1000.0)
        if self._left[material] <= 0.0:
            del self._left[material]
        return NOT_BOILING if self._waited_s > PATIENCE_S else 0

    def _vent(self) -> int:
        self._vessel.settle()
        self._vented_s += TICK_S
        if self._vented_s < VENT_S:
            return 0
        weight_g = self._brew.mass_g
        recovered_g = self._brew.boil_off(self._gone())
        # The load cells tell what left the vessel; what the receiver did not get went with the exhaust.
        vented_g = weight_g - self._brew.mass_g - recovered_g
        residual = 100.0 * self._brew.solvent_g / self._brew.mass_g
        self._reports = {
            "solvent_recovered": self._readings.weighed("solvent_recovered", recovered_g),
            "residual_solvent": self._readings.measured("residual_solvent", residual, 0.02),
            "final_pressure": self._readings.measured("final_pressure", self._final_mbar, 0.01),
            "solvent_vented": self._readings.weighed("solvent_vented", vented_g),
        }
        return 0
