"""Annealing furnace: the phases that fill, heat, cool and empty the retort."""

from __future__ import annotations

from dataclasses import replace

from plc_sim.material.compound import compound_of
from plc_sim.material.holdings import Holdings
from plc_sim.material.moisture import reacted
from plc_sim.material.parcel import Condition, Parcel
from plc_sim.units.exposure import OpenPowder
from plc_sim.units.furnace_body import Furnace
from plc_sim.units.furnace_charge import DOOR_LOCKED, Charging
from plc_sim.units.furnace_heat import Annealing, Cooling
from plc_sim.units.furnace_zone import AMBIENT_DEGC
from plc_sim.units.inlet import CLEANED_OUT, Heel, powder_inlet
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.nominal import is_dry
from plc_sim.units.site import Site
from plc_sim.units.timed import Outcome, TimedPhase
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, PhaseRun, Setpoints, Unit

ANNEAL_YIELD = 0.99
SULFUR = "sulfur off-gas"
CAKE_UM = 30.0
"""Median size of a cake that is crystallised through (M7: 20 to 40 um from the furnace)."""
MILLED = Condition(conversion=0.95, d50_um=1.0)
"""The test charge of a plant that runs dry."""
TEST_DEGC = 120.0
"""Where a furnace that runs dry begins to cool."""


class Line:
    """What the phases of one furnace share: equipment, saggar, heel, and the air before its door."""

    def __init__(self, name: str, seed: int, holdings: Holdings, site: Site) -> None:
        self.name = name
        self.holdings = holdings
        self.site = site
        self.equipment = Furnace(name, site, Jitter(seed, name))
        self.saggar = powder_inlet(holdings, name, holdings.tray, holdings.saggar, MILLED)
        self.heel = Heel(holdings, holdings.saggar_heel)

    def give_up(self) -> None:
        """Set the charge aside."""
        self.saggar.give_up()
        self.equipment.end_charge()

    def is_locked(self) -> bool:
        """Say whether the door is locked; a furnace that runs dry is let cool at once."""
        if self.equipment.is_hot() and is_dry(self.holdings):
            self.equipment.heaters_off()
            self.equipment.settle_at(AMBIENT_DEGC)
        return self.equipment.is_hot()

    def warm_up(self) -> None:
        """Give a furnace that runs dry something to cool."""
        if is_dry(self.holdings) and not self.equipment.is_hot():
            self.equipment.settle_at(TEST_DEGC)

    def begin_charge(self) -> None:
        """Tell the furnace what it heats: how much, and which sulfide."""
        charge = self.saggar.inside
        if charge is not None:
            self.equipment.begin_charge(charge.mass_g, compound_of(charge.parts, self.holdings.ledger).kinetics)

    def has_charge(self) -> bool:
        """Say whether there is a charge to heat; a plant that runs dry gets one."""
        if self.saggar.inside is None and self.saggar.fill_dry():
            self.begin_charge()
        return self.saggar.inside is not None


def furnace(name: str, seed: int, holdings: Holdings, site: Site) -> Unit:
    """Build a batch retort that takes the tray and gives annealed powder."""
    line = Line(name, seed, holdings, site)
    retort = line.equipment

    def charge(sp: Setpoints, readings: Readings) -> PhaseRun:
        powder = OpenPowder(site, name)
        return Charging(
            retort, line.saggar, line.heel, powder, sp, readings, line.is_locked, line.begin_charge, line.give_up
        )

    def cool(sp: Setpoints, readings: Readings) -> PhaseRun:
        line.warm_up()
        return Cooling(retort, sp, line.give_up)

    return Unit(
        name,
        seed,
        retort,
        {
            "CHARGE": PhaseKind(begin=charge, open_powder=True),
            "ANNEAL": PhaseKind(
                begin=lambda sp, readings: Annealing(retort, sp, line.has_charge, line.give_up),
                check=lambda sp: sp["count_above"] < sp["soak_temp"],
            ),
            "COOL": PhaseKind(begin=cool),
            "DISCHARGE": PhaseKind(begin=lambda sp, readings: _discharge(line, sp, readings), open_powder=True),
        },
        site,
    )


def _discharge(line: Line, sp: Setpoints, readings: Readings) -> PhaseRun:
    powder = OpenPowder(line.site, line.name)

    def ready(sp: Setpoints) -> int:
        if line.is_locked():
            return DOOR_LOCKED
        return 0 if line.has_charge() else NOTHING_TO_PROCESS

    def finish(sp: Setpoints) -> Outcome:
        crystallised, kept, sulfur_g = line.equipment.outcome()
        charged = powder.settled(line.saggar.empty())
        line.equipment.end_charge()
        sulfur, solid = charged.take(sulfur_g)
        line.holdings.lose(sulfur, SULFUR)
        cake = _annealed(solid, crystallised, kept)
        rest = line.heel.without(cake, line.equipment.uncleaned_pct)
        out, left = rest.split(readings.varied("yield", ANNEAL_YIELD, 0.002))
        line.holdings.lose(left, CLEANED_OUT)
        line.holdings.annealed.put(out)
        reports = {
            "discharged_mass": readings.weighed("discharged_mass", out.mass_g),
            # The saggar is weighed before and after: what went off as sulfur is missing as well.
            "loss": readings.weighed("loss", left.mass_g + sulfur.mass_g),
        }
        return Outcome(reports=reports)

    return TimedPhase(
        sp=sp,
        report_names=("discharged_mass", "loss"),
        plan=lambda sp: ((10, 300.0), (20, 1200.0), (30, 300.0)),
        ready=ready,
        finish=finish,
        drive=lambda sp, step, fraction: powder.lie(line.saggar.mass_g),
        abandon=line.give_up,
    )


def _annealed(charge: Parcel, crystallised: float, kept: float) -> Parcel:
    # No water outlasts the furnace: what the lots brought along has gone into the powder.
    before = reacted(charge.condition, charge.condition.moisture_ppm)
    after = replace(
        before,
        crystal=1.0 - (1.0 - before.crystal) * (1.0 - crystallised),
        phase=before.phase * kept,
        d50_um=before.d50_um + max(0.0, CAKE_UM - before.d50_um) * crystallised,
    )
    return replace(charge, condition=after)
