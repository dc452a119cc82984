"""The hopper dryer of the film line: pellets by weight, then hot dry air through them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from plc_sim.material.holdings import Holdings
from plc_sim.material.parcel import Condition
from plc_sim.physics.constants import GAS_J_MOLK, ZERO_DEGC_K
from plc_sim.physics.first_order import Lag
from plc_sim.plant import TICK_S
from plc_sim.units.hopper import Supplied, content_g, fill_dry, gathered, kilograms, loading
from plc_sim.units.inlet import TEST_CHARGE_G
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.nominal import is_dry
from plc_sim.units.site import NONE, Site
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

HEAT, DRY, COOL = 10, 20, 30
CONVEY = 10
WRONG_MASS = 20
ROOM_DEGC = 22.0
AIR_TAU_S = 300.0
STILL_K = 0.01
AS_RECEIVED_PPM, BALANCE_PPM = 800.0, 50.0
"""Water in pellets whose lot was received without a number, and what air of -40 degC dew point leaves (defaults)."""
DRYING_1_S, DRYING_DEGC, DRYING_J_MOL = 1.0 / 4500.0, 70.0, 50_000.0
"""First-order drying of the pellets: 75 min at 70 degC (design defaults)."""
PELLETS = Supplied(material="Pellets", condition=Condition(moisture_ppm=AS_RECEIVED_PPM, d50_um=3000.0))
LOADING_G_S, CONVEYING_G_S = 50.0, 40.0
MASS_TOLERANCE = 0.02
DRIED_OFF = "dried off"


class HopperDryer:
    """Air (degC), and water in the pellets (ppm): dw/dt = -(w - w_balance)/tau(T)."""

    def __init__(self, jitter: Jitter) -> None:
        self.jitter = jitter
        self.setpoint_degc: float | None = None
        self.moisture_ppm = BALANCE_PPM
        self.shown_g = 0.0
        self._air = Lag(AIR_TAU_S, ROOM_DEGC)
        self._burnt_out = False

    def tick(self) -> None:
        """Heat the air, or let it cool."""
        wanted = ROOM_DEGC if self.setpoint_degc is None or self._burnt_out else self.setpoint_degc
        if abs(self._air.value - wanted) > STILL_K:
            self._air.step(wanted, TICK_S)

    def dry(self) -> None:
        """Take water out of the pellets for one tick."""
        slope = DRYING_J_MOL / GAS_J_MOLK
        faster = math.exp(slope * (1.0 / (DRYING_DEGC + ZERO_DEGC_K) - 1.0 / (self._air.value + ZERO_DEGC_K)))
        self.moisture_ppm += (self.moisture_ppm - BALANCE_PPM) * math.expm1(-TICK_S * DRYING_1_S * faster)

    def off(self) -> None:
        """Heater off."""
        self.setpoint_degc = None

    def tags(self) -> Mapping[str, float]:
        """Give air, hopper and moisture."""
        within = self.jitter.within
        return {
            "T_AIR": within(self._air.value, 0.2, 0.0, 150.0),
            "DEWPT": within(-40.0, 0.5, -80.0, 20.0),
            "WT_HOPPER": within(self.shown_g / 1000.0, 0.005, 0.0, 200.0),
            "MOISTURE": within(self.moisture_ppm, 1.0, 0.0, 10_000.0),
        }

    def interlocks(self) -> frozenset[str]:
        """A dryer for pellets holds nothing off."""
        return NONE

    def disturbances(self) -> frozenset[str]:
        """Its heater can fail."""
        return frozenset({"heater-failure"})

    def disturb(self, fault: str, amount: float) -> None:
        """Heat no more."""
        self._burnt_out = True

    def recover(self, fault: str) -> None:
        """Mend the heater."""
        self._burnt_out = False


def pellet_dryer(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a hopper dryer that takes pellets from the containers that stand at it."""
    dryer = HopperDryer(Jitter(seed, name))

    def show(mass_g: float) -> None:
        dryer.shown_g = mass_g

    def load(sp: Setpoints, readings: Readings) -> PhaseRun:
        return loading(holdings, name, holdings.loading, PELLETS, LOADING_G_S, show, sp, readings)

    phases = {
        "LOAD": PhaseKind(begin=load),
        "DRY": PhaseKind(begin=lambda sp, readings: _dry(name, dryer, holdings, show, sp, readings)),
        "CONVEY": PhaseKind(begin=lambda sp, readings: _convey(name, holdings, show, sp, readings)),
    }
    return Unit(name, seed, dryer, phases, site)


def _dry(
    name: str,
    dryer: HopperDryer,
    holdings: Holdings,
    show: Callable[[float], None],
    sp: Setpoints,
    readings: Readings,
) -> PhaseRun:
    hopper = holdings.loading

    def ready(sp: Setpoints) -> int:
        wanted_g = 1000.0 * sp["expected_mass"]
        if not fill_dry(holdings, name, hopper, PELLETS, wanted_g):
            return NOTHING_TO_PROCESS
        lying_g = content_g(hopper)
        show(lying_g)
        if abs(lying_g - wanted_g) > MASS_TOLERANCE * wanted_g and not is_dry(holdings):
            return WRONG_MASS
        pellets = gathered(hopper)
        hopper.put(pellets)
        dryer.moisture_ppm = max(BALANCE_PPM, pellets.condition.moisture_ppm or AS_RECEIVED_PPM)
        return 0

    def plan(sp: Setpoints) -> Plan:
        return ((HEAT, 900.0), (DRY, 60.0 * sp["duration"]), (COOL, 300.0))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        dryer.setpoint_degc = None if step == COOL else sp["temperature"]
        dryer.dry()

    def finish(sp: Setpoints) -> Outcome:
        wet = gathered(hopper)
        brought_ppm = wet.condition.moisture_ppm or AS_RECEIVED_PPM
        water, rest = wet.split(max(0.0, 1e-6 * (brought_ppm - dryer.moisture_ppm)))
        holdings.lose(water, DRIED_OFF)
        out = replace(rest, condition=replace(rest.condition, moisture_ppm=dryer.moisture_ppm))
        hopper.put(out)
        show(out.mass_g)
        reports = {
            "dried_mass": kilograms(readings, "dried_mass", out.mass_g),
            "moisture": readings.measured("moisture", dryer.moisture_ppm, 0.02),
            "loss": kilograms(readings, "loss", water.mass_g),
        }
        return Outcome(reports=reports)

    def abandon() -> None:
        holdings.give_up(hopper.take_all())
        show(0.0)

    return TimedPhase(
        sp=sp,
        report_names=("dried_mass", "moisture", "loss"),
        plan=plan,
        ready=ready,
        drive=drive,
        rest_drives=dryer.off,
        finish=finish,
        abandon=abandon,
    )


def _convey(
    name: str, holdings: Holdings, show: Callable[[float], None], sp: Setpoints, readings: Readings
) -> PhaseRun:
    """Blow the pellets over to the extruder."""
    hopper = holdings.loading

    def ready(sp: Setpoints) -> int:
        return 0 if fill_dry(holdings, name, hopper, PELLETS, TEST_CHARGE_G) else NOTHING_TO_PROCESS

    def plan(sp: Setpoints) -> Plan:
        return ((CONVEY, 60.0 + content_g(hopper) / CONVEYING_G_S),)

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        show((1.0 - fraction) * content_g(hopper))

    def finish(sp: Setpoints) -> Outcome:
        pellets = gathered(hopper)
        holdings.dried_pellets.put(pellets)
        show(0.0)
        return Outcome(reports={"conveyed_mass": kilograms(readings, "conveyed_mass", pellets.mass_g)})

    def abandon() -> None:
        holdings.give_up(hopper.take_all())
        show(0.0)

    return TimedPhase(
        sp=sp,
        report_names=("conveyed_mass",),
        plan=plan,
        ready=ready,
        drive=drive,
        finish=finish,
        abandon=abandon,
    )
