"""Biochar carboniser: the phases that fill and empty its kiln, and the unit put together."""

from __future__ import annotations

import math
from dataclasses import replace

from plc_sim.material.holdings import Holdings
from plc_sim.material.parcel import Condition, Parcel
from plc_sim.units.carboniser_heat import Carbonising, Cooling, Drying
from plc_sim.units.carboniser_kiln import AIR_PCT, AMBIENT_DEGC, SEALED_PCT, SHELL_NL, Kiln
from plc_sim.units.carboniser_oxidiser import READY_DEGC, Flue
from plc_sim.units.hopper import LOAD_SHORT, Filling, Supplied, fill_dry, gathered, kilograms
from plc_sim.units.inlet import CLEANED_OUT
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.nominal import is_dry
from plc_sim.units.present import Presented
from plc_sim.units.site import Site
from plc_sim.units.timed import Outcome, Plan, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

FILL, CLOSE, PURGE = 10, 20, 30
O2_NOT_REACHED, DOOR_LOCKED = 35, 40
FILLING_G_S = 20.0
AIR_DRY = 0.10
"""Moisture of wood chips whose lot was received without one, wet basis (general)."""
BIOMASS = Supplied(material="Biomass", condition=Condition(moisture_ppm=1e6 * AIR_DRY, d50_um=8000.0))
TEST_CHARGE_G, TEST_DEGC = 10_000.0, 120.0
EMPTIED = 0.99
PURGE_SLACK = 1.2
DRIED_OFF, BURNT, VENTED = "dried off", "burnt in the oxidiser", "vented unburnt"


class Line:
    """What the phases of one carboniser share: kiln, what lies in it, and the oxidiser behind it."""

    def __init__(self, name: str, seed: int, holdings: Holdings, flue: Flue) -> None:
        self.name = name
        self.holdings = holdings
        self.flue = flue
        self.kiln = Kiln(flue, Jitter(seed, name))

    def give_up(self) -> None:
        """Set the charge aside."""
        self.holdings.give_up(self.holdings.kiln.take_all())
        self.kiln.empty()

    def is_locked(self) -> bool:
        """Say whether the door is locked; a kiln that runs dry is let cool at once."""
        if self.kiln.is_locked and is_dry(self.holdings):
            self.kiln.heat_off()
            self.kiln.settle_at(AMBIENT_DEGC)
        return self.kiln.is_locked

    def has_charge(self) -> bool:
        """Say whether there is a charge to heat; a plant that runs dry gets one."""
        if not fill_dry(self.holdings, self.name, self.holdings.kiln, BIOMASS, TEST_CHARGE_G):
            return False
        if not self.kiln.dry_g:
            self.put_in()
        return True

    def put_in(self) -> float:
        """Tell the kiln what lies in it; gives its mass, g."""
        charge = gathered(self.holdings.kiln)
        moisture = min(0.9, 1e-6 * charge.condition.moisture_ppm or AIR_DRY)
        charge = replace(charge, condition=replace(charge.condition, moisture_ppm=1e6 * moisture))
        self.holdings.kiln.put(charge)
        self.kiln.charge(charge.mass_g, moisture)
        return charge.mass_g

    def oxidiser_burns(self) -> bool:
        """Say whether off-gas would be burnt; a plant that runs dry pretends it."""
        if is_dry(self.holdings):
            self.flue.oxidiser_degc = max(self.flue.oxidiser_degc, READY_DEGC)
        return self.flue.burns


def carboniser(name: str, seed: int, holdings: Holdings, flue: Flue, site: Site) -> Unit:
    """Build a batch kiln that makes biochar of what is brought to it, its off-gas going down a flue."""
    line = Line(name, seed, holdings, flue)
    kiln = line.kiln

    def cool(sp: Setpoints, readings: Readings) -> PhaseRun:
        if is_dry(holdings) and not kiln.is_locked:
            kiln.settle_at(TEST_DEGC)
        return Cooling(kiln, sp, line.give_up)

    return Unit(
        name,
        seed,
        kiln,
        {
            "CHARGE": PhaseKind(begin=lambda sp, readings: _charge(line, sp, readings)),
            "DRY": PhaseKind(begin=lambda sp, readings: Drying(kiln, sp, readings, line.has_charge, line.give_up)),
            "CARBONISE": PhaseKind(
                begin=lambda sp, readings: Carbonising(
                    kiln, sp, readings, line.has_charge, line.oxidiser_burns, line.give_up
                )
            ),
            "COOL": PhaseKind(begin=cool),
            "DISCHARGE": PhaseKind(begin=lambda sp, readings: _discharge(line, sp, readings)),
        },
        site,
    )


def _charge(line: Line, sp: Setpoints, readings: Readings) -> PhaseRun:
    kiln, holdings = line.kiln, line.holdings
    filling = Filling(holdings, line.name, holdings.kiln, BIOMASS)

    def ready(sp: Setpoints) -> int:
        if line.is_locked():
            kiln.heat_off()
            return DOOR_LOCKED
        if not filling.filled_g:
            line.give_up()
        return 0

    def plan(sp: Setpoints) -> Plan:
        # Stirred gas, flushed until it should be below the limit, and some time on top.
        least = max(1.01 * SEALED_PCT, sp["o2_limit"])
        volumes = math.log((AIR_PCT - SEALED_PCT) / (least - SEALED_PCT))
        purge_s = PURGE_SLACK * 60.0 * SHELL_NL / sp["nitrogen_flow"] * volumes
        return ((FILL, 60.0 + 1000.0 * sp["target"] / FILLING_G_S), (CLOSE, 300.0), (PURGE, 60.0 + purge_s))

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        kiln.open = step != PURGE
        kiln.nitrogen_nl_min = sp["nitrogen_flow"]
        kiln.shown_g = 1000.0 * sp["target"] * (fraction if step == FILL else 1.0)

    def finish(sp: Setpoints) -> Outcome:
        enough = filling.fill(sp["target"], readings)
        reports = {
            "charged_mass": kilograms(readings, "charged_mass", line.put_in()),
            "o2": readings.measured("o2", kiln.oxygen_pct, 0.01),
        }
        if not enough:
            return Outcome(reports=reports, fail_code=LOAD_SHORT)
        return Outcome(reports=reports, fail_code=0 if kiln.oxygen_pct <= sp["o2_limit"] else O2_NOT_REACHED)

    timed = TimedPhase(
        sp=sp,
        report_names=("charged_mass", "o2"),
        plan=plan,
        ready=ready,
        drive=drive,
        rest_drives=lambda: _close(kiln),
        again=readings.again,
        finish=finish,
        abandon=line.give_up,
    )
    return Presented(timed, holdings, line.name, returns=True)


def _close(kiln: Kiln) -> None:
    kiln.open = False
    kiln.nitrogen_nl_min = max(kiln.nitrogen_nl_min, 5.0)


def _discharge(line: Line, sp: Setpoints, readings: Readings) -> PhaseRun:
    kiln, holdings = line.kiln, line.holdings

    def ready(sp: Setpoints) -> int:
        if line.is_locked():
            return DOOR_LOCKED
        return 0 if line.has_charge() else NOTHING_TO_PROCESS

    def drive(sp: Setpoints, step: int, fraction: float) -> None:
        kiln.open = True

    def finish(sp: Setpoints) -> Outcome:
        char, gone = _settled(gathered(holdings.kiln), kiln)
        for way, lost in gone.items():
            holdings.lose(lost, way)
        out, left = char.split(readings.varied("emptied", EMPTIED, 0.003))
        holdings.lose(left, CLEANED_OUT)
        holdings.biochar.put(out)
        kiln.empty()
        reports = {
            "discharged_mass": kilograms(readings, "discharged_mass", out.mass_g),
            "loss": kilograms(readings, "loss", left.mass_g),
            "water_mass": kilograms(readings, "water_mass", gone[DRIED_OFF].mass_g),
            "offgas_mass": kilograms(readings, "offgas_mass", gone[BURNT].mass_g + gone[VENTED].mass_g),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("discharged_mass", "loss", "water_mass", "offgas_mass"),
        plan=lambda sp: ((10, 300.0), (20, 900.0), (30, 300.0)),
        ready=ready,
        drive=drive,
        rest_drives=lambda: _close(kiln),
        finish=finish,
        abandon=line.give_up,
    )


def _settled(charge: Parcel, kiln: Kiln) -> tuple[Parcel, dict[str, Parcel]]:
    """Take water and off-gas out of a charge: what stays, and what went which way."""
    water_g = charge.mass_g - kiln.dry_g - kiln.water_g
    gone: dict[str, Parcel] = {}
    rest = charge
    for way, grams in ((DRIED_OFF, max(0.0, water_g)), (BURNT, kiln.burnt_g), (VENTED, kiln.vented_g)):
        gone[way], rest = rest.take(grams)
    whole_g = kiln.solid_g + kiln.water_g
    wet_ppm = 1e6 * kiln.water_g / whole_g if whole_g else 0.0
    return replace(rest, condition=replace(rest.condition, moisture_ppm=wet_ppm)), gone
