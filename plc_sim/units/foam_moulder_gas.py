"""Gas dosing of the foam moulding machine: a buffer of nitrogen under pressure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from plc_sim.material.holdings import Holdings
from plc_sim.material.parcel import Condition, Parcel
from plc_sim.physics.foam import stored_bar, stored_g
from plc_sim.units.hopper import Supplied, content_g, gathered
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.nominal import is_dry
from plc_sim.units.present import Presented
from plc_sim.units.site import NONE, Site
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import PhaseKind, PhaseRun, Setpoints, Unit

BUFFER_L, BUFFER_DEGC = 5.0, 22.0
BAR_S = 0.25
"""How fast the booster raises the pressure."""
LEAST_BAR = 150.0
"""Below it the dosing valve gives no steady flow into the barrel (design default)."""
NITROGEN = Supplied(material="Nitrogen", condition=Condition())
PRESSURISE, HOLD, VENT = 10, 20, 10
CYLINDER_EMPTY = 20
ENOUGH = 0.99
VENTED = "vented"


@dataclass(slots=True)
class GasFlow:
    """What moves at the buffer now: gas dosed (g/min), and pressure (bar) on its way in or out."""

    dosed_g_min: float = 0.0
    moving_bar: float = 0.0


class GasDosing:
    """The buffer: its pressure (bar) follows from the nitrogen in it, as an ideal gas.

    The dosing unit and the machine it serves look at the same holdings and the same flow.
    """

    def __init__(self, unit: str, seed: int, holdings: Holdings, flow: GasFlow) -> None:
        self.unit = unit
        self.jitter = Jitter(seed, unit)
        self.flow = flow
        self._holdings = holdings

    @property
    def stored_g(self) -> float:
        """Nitrogen in the buffer, g."""
        return content_g(self._holdings.gas_buffer)

    @property
    def bar(self) -> float:
        """Pressure of the buffer, bar."""
        return stored_bar(self.stored_g, BUFFER_L, BUFFER_DEGC) + self.flow.moving_bar

    @property
    def is_ready(self) -> bool:
        """Whether gas can be dosed."""
        return self.bar >= LEAST_BAR

    def tick(self) -> None:
        """Nothing moves by itself."""

    def draw(self, mass_g: float) -> Parcel:
        """Take gas (g) out of the buffer, all there is at most."""
        gas, rest = gathered(self._holdings.gas_buffer).take(mass_g)
        if rest.mass_g > 0.0:
            self._holdings.gas_buffer.put(rest)
        return gas

    def fill_dry(self) -> None:
        """Fill the buffer of a plant that runs dry."""
        if is_dry(self._holdings) and not self.is_ready:
            missing_g = stored_g(220.0, BUFFER_L, BUFFER_DEGC) - self.stored_g
            self._holdings.gas_buffer.put(
                self._holdings.draw(self.unit, missing_g, NITROGEN.material, NITROGEN.condition)
            )

    def tags(self) -> Mapping[str, float]:
        """Give pressure, content and flow."""
        within, bar = self.jitter.within, self.bar
        return {
            "P_GAS": within(bar, 0.2, 0.0, 400.0) if bar else 0.0,
            "GAS_MASS": self.stored_g,
            "FLOW": within(self.flow.dosed_g_min, 0.01, 0.0, 100.0) if self.flow.dosed_g_min else 0.0,
        }

    def interlocks(self) -> frozenset[str]:
        """The dosing unit holds itself off by nothing."""
        return NONE


def gas_dosing(name: str, seed: int, holdings: Holdings, flow: GasFlow, site: Site) -> Unit:
    """Build the dosing unit around a buffer; its nitrogen comes from the cylinder that stands at it."""
    dosing = GasDosing(name, seed, holdings, flow)
    phases = {
        "PREPARE": PhaseKind(begin=lambda sp, readings: _prepare(name, holdings, dosing, sp, readings)),
        "VENT": PhaseKind(begin=lambda sp, readings: _vent(holdings, dosing, sp, readings)),
    }
    return Unit(name, seed, dosing, phases, site)


def _prepare(name: str, holdings: Holdings, dosing: GasDosing, sp: Setpoints, readings: Readings) -> PhaseRun:
    line = holdings.gas_line

    def missing_g(sp: Setpoints) -> float:
        wanted_g = stored_g(sp["pressure"], BUFFER_L, BUFFER_DEGC)
        return max(0.0, wanted_g - dosing.stored_g - content_g(line))

    def ready(sp: Setpoints) -> int:
        drawn = holdings.draw(name, missing_g(sp), NITROGEN.material, NITROGEN.condition)
        if drawn.mass_g > 0.0:
            line.put(drawn)
        return (
            0 if missing_g(sp) <= (1.0 - ENOUGH) * stored_g(sp["pressure"], BUFFER_L, BUFFER_DEGC) else CYLINDER_EMPTY
        )

    def plan(sp: Setpoints) -> Plan:
        rise_bar = stored_bar(content_g(line), BUFFER_L, BUFFER_DEGC)
        return ((PRESSURISE, 10.0 + rise_bar / BAR_S), (HOLD, 60.0 * sp["hold_time"]))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        rise_bar = stored_bar(content_g(line), BUFFER_L, BUFFER_DEGC)
        dosing.flow.moving_bar = rise_bar * (fraction if step == PRESSURISE else 1.0)

    def finish(sp: Setpoints) -> Outcome:
        gas = gathered(line)
        dosing.flow.moving_bar = 0.0
        if gas.mass_g > 0.0:
            holdings.gas_buffer.put(gas)
        reports = {
            "gas_mass": readings.weighed("gas_mass", gas.mass_g),
            "pressure": readings.measured("pressure", dosing.bar, 0.001),
        }
        return Outcome(reports=reports)

    def abandon() -> None:
        dosing.flow.moving_bar = 0.0
        holdings.give_up(line.take_all(), VENTED)

    timed = TimedPhase(
        sp=sp,
        report_names=("gas_mass", "pressure"),
        plan=plan,
        ready=ready,
        drive=drive,
        finish=finish,
        abandon=abandon,
    )
    return Presented(timed, holdings, name, returns=True)


def _vent(holdings: Holdings, dosing: GasDosing, sp: Setpoints, readings: Readings) -> PhaseRun:
    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        dosing.flow.moving_bar = -fraction * stored_bar(dosing.stored_g, BUFFER_L, BUFFER_DEGC)

    def shut() -> None:
        dosing.flow.moving_bar = 0.0

    def finish(sp: Setpoints) -> Outcome:
        gas = gathered(holdings.gas_buffer)
        holdings.lose(gas, VENTED)
        return Outcome(reports={"vented_mass": readings.weighed("vented_mass", gas.mass_g)})

    return TimedPhase(
        sp=sp,
        report_names=("vented_mass",),
        plan=lambda sp: ((VENT, 120.0),),
        drive=drive,
        rest_drives=shut,
        finish=finish,
    )
