"""The thermal oxidiser that burns what a carboniser gives off, and its two phases."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from plc_sim.physics.first_order import Lag
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.site import NONE, Site
from plc_sim.units.unit import PhaseKind, Setpoints, Unit

AMBIENT_DEGC, AIR_O2_PCT = 22.0, 20.9
CHAMBER_J_K = 29_000.0
BURNER_W, LOSS_W_K = 45_000.0, 40.0
"""Burner at full fire, and heat that walls and least air carry off (design defaults): 1125 K above ambient at most."""
QUENCH_W_K, QUENCH_FROM_K, QUENCH_BAND_K = 400.0, 10.0, 50.0
"""Heat that the fully open air valve carries off, and where it opens above the set-point (design defaults)."""
AIR_J_M3K, HEAT_J_M3 = 1_300.0, 3.6e6
"""Heat capacity of air, and heat of whatever burns with a cubic metre of it (general)."""
FUEL_NL_MIN = 75.0
"""Natural gas at full fire: 45 kW at 36 MJ per cubic metre."""
FLOOR_FIRE, GAIN_1_K = 0.05, 0.02
OFFGAS_J_G = 12_000.0
"""Heat of burning pyrolysis vapour and gas (design default)."""
READY_DEGC = 750.0
"""From here on off-gas burns out: the permissive of the carboniser."""
STILL_K = 0.01
AIR_PURGE_S = 300.0
PATIENCE_S = 4.0 * 3600.0
AIR_PURGE, HEAT, COOL_DOWN = 10, 20, 10
HEAT_TIMEOUT = 20
FLAME_FAILURE = frozenset({"I33_FLAME_FAILURE"})


@dataclass(slots=True)
class Flue:
    """The duct from kiln to oxidiser: what flows in it (g/s of vapour and gas), and how hot (degC) its end is."""

    offgas_g_s: float = 0.0
    oxidiser_degc: float = AMBIENT_DEGC

    @property
    def burns(self) -> bool:
        """Whether what comes through the duct is burnt."""
        return self.oxidiser_degc >= READY_DEGC


class Oxidiser:
    """Chamber with a burner: heat of fire and off-gas against losses and air, one mass.

    C dT/dt = P + H m - K (T - T_amb), with the fire P and the air in K set by the distance to the set-point.
    """

    def __init__(self, flue: Flue, jitter: Jitter) -> None:
        self.jitter = jitter
        self.setpoint_degc: float | None = None
        self.fire = 0.0
        self.fuel_nl = 0.0
        self._flue = flue
        self._chamber = Lag(CHAMBER_J_K / LOSS_W_K, AMBIENT_DEGC)
        self._carried_w_k = LOSS_W_K
        self._burnt_w = 0.0
        self._flameless = False

    @property
    def degc(self) -> float:
        """Temperature of the chamber, degC."""
        return self._chamber.value

    def tick(self) -> None:
        """Burn for one tick."""
        chamber, wanted, offgas = self._chamber, self.setpoint_degc, self._flue.offgas_g_s
        if wanted is None or self._flameless:
            self.fire = self._burnt_w = 0.0
            if not offgas and chamber.value - AMBIENT_DEGC < STILL_K:
                return
        else:
            fire = (wanted - AMBIENT_DEGC) * LOSS_W_K / BURNER_W + GAIN_1_K * (wanted - chamber.value)
            self.fire = max(FLOOR_FIRE, min(1.0, fire))
            self.fuel_nl += self.fire * FUEL_NL_MIN * TICK_S / 60.0
        self._burnt_w = BURNER_W * self.fire + (OFFGAS_J_G * offgas if self._flue.burns else 0.0)
        over = chamber.value - (READY_DEGC if wanted is None else wanted) - QUENCH_FROM_K
        carried = LOSS_W_K + QUENCH_W_K * max(0.0, min(1.0, over / QUENCH_BAND_K))
        if carried != self._carried_w_k:
            self._carried_w_k, chamber.tau_s = carried, CHAMBER_J_K / carried
        self._flue.oxidiser_degc = chamber.step(AMBIENT_DEGC + self._burnt_w / carried, TICK_S)

    def tags(self) -> Mapping[str, float]:
        """Give chamber, fuel, and what is in the stack."""
        within, offgas = self.jitter.within, self._flue.offgas_g_s
        used = self._burnt_w / HEAT_J_M3 * AIR_J_M3K / self._carried_w_k
        carbon_monoxide = 5.0 + 60.0 * offgas * math.exp(min(3.0, (READY_DEGC - self.degc) / 60.0))
        return {
            "T_CHAMBER": within(self._chamber.value, 1.0, 0.0, 1300.0),
            "FUEL_FLOW": within(FUEL_NL_MIN * self.fire, 0.2, 0.0, 100.0) if self.fire else 0.0,
            "O2_STACK": within(AIR_O2_PCT * max(0.0, 1.0 - used), 0.05, 0.0, 21.0),
            "CO_STACK": within(carbon_monoxide, 0.5, 0.0, 2000.0),
        }

    def interlocks(self) -> frozenset[str]:
        """I33: the burner is called for and has no flame."""
        return FLAME_FAILURE if self._flameless and self.setpoint_degc is not None else NONE

    def disturbances(self) -> frozenset[str]:
        """Its burner can fail."""
        return frozenset({"heater-failure"})

    def disturb(self, fault: str, amount: float) -> None:
        """Lose the flame."""
        self._flameless = True

    def recover(self, fault: str) -> None:
        """Have a flame again."""
        self._flameless = False

    def settle_at(self, degc: float) -> None:
        """Be hot at once: a plant that runs dry waits for nothing."""
        self.setpoint_degc = self._chamber.value = self._flue.oxidiser_degc = degc


class Preheating:
    """One run of PREHEAT: purge with air, light the burner, reach `temperature`; the chamber stays there."""

    def __init__(self, oxidiser: Oxidiser, sp: Setpoints, readings: Readings) -> None:
        self._oxidiser = oxidiser
        self._sp = sp
        self._readings = readings
        self._fuel_before_nl = oxidiser.fuel_nl
        self._elapsed_s = self._waited_s = 0.0
        self._done = False

    def run(self) -> PhaseProgress:
        """Purge or heat for one tick."""
        if self._done:
            return PhaseProgress(step=HEAT, done=True)
        self._elapsed_s += TICK_S
        if self._elapsed_s <= AIR_PURGE_S:
            return PhaseProgress(step=AIR_PURGE)
        oxidiser = self._oxidiser
        oxidiser.setpoint_degc = self._sp["temperature"]
        self._waited_s += TICK_S
        self._done = oxidiser.degc >= self._sp["temperature"] - 5.0
        return PhaseProgress(step=HEAT, done=self._done, fail_code=HEAT_TIMEOUT if self._waited_s > PATIENCE_S else 0)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """The chamber keeps its temperature."""
        return True

    def resume(self) -> None:
        """Go on, with new patience."""
        self._waited_s = 0.0

    def end(self) -> None:
        """Stay hot after a complete run, else burner off."""
        if not self._done:
            self._oxidiser.setpoint_degc = None

    def reports(self) -> Mapping[str, float]:
        """Give the chamber (degC), minutes, and fuel (m3)."""
        return {
            "chamber_temp": self._readings.measured("chamber_temp", self._oxidiser.degc, 0.002),
            "heat_time": self._elapsed_s / 60.0,
            "fuel_used": max(0.0, self._oxidiser.fuel_nl - self._fuel_before_nl) / 1000.0,
        }


class ShuttingDown:
    """One run of SHUT_DOWN: burner off, air until the chamber is below `end_temp`. Its fuel count begins anew."""

    def __init__(self, oxidiser: Oxidiser, sp: Setpoints) -> None:
        self._oxidiser = oxidiser
        self._sp = sp
        self._cooled_s = 0.0
        self._done = False
        self._fuel_nl = 0.0

    def run(self) -> PhaseProgress:
        """Cool for one tick."""
        oxidiser = self._oxidiser
        if not self._done:
            oxidiser.setpoint_degc = None
            self._cooled_s += TICK_S
            self._done = oxidiser.degc < self._sp["end_temp"]
            if self._done:
                self._fuel_nl, oxidiser.fuel_nl = oxidiser.fuel_nl, 0.0
        return PhaseProgress(step=COOL_DOWN, done=self._done)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """Cooling cannot be held."""
        return True

    def resume(self) -> None:
        """Go on cooling."""

    def end(self) -> None:
        """The burner stays off."""
        self._oxidiser.setpoint_degc = None

    def reports(self) -> Mapping[str, float]:
        """Give the minutes of cooling, and the fuel (m3) burnt since the last shut-down."""
        return {"cool_time": self._cooled_s / 60.0, "fuel_used": self._fuel_nl / 1000.0}


def thermal_oxidiser(name: str, seed: int, flue: Flue, site: Site) -> Unit:
    """Build the oxidiser at the end of a flue."""
    oxidiser = Oxidiser(flue, Jitter(seed, name))
    phases = {
        "PREHEAT": PhaseKind(begin=lambda sp, readings: Preheating(oxidiser, sp, readings)),
        "SHUT_DOWN": PhaseKind(begin=lambda sp, readings: ShuttingDown(oxidiser, sp)),
    }
    return Unit(name, seed, oxidiser, phases, site)
