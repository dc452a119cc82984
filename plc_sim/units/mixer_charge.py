"""What is in the bowl of the mixer: doses as they come in, a slurry once it is stirred, and what stays behind."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from plc_sim.material.holdings import Holdings
from plc_sim.material.ledger import BINDER, ELECTROLYTE, SOLVENT, UNKNOWN
from plc_sim.material.mixture import SOLUTION, Mixture, is_electrolyte, mixture_of
from plc_sim.material.moisture import stirred_wet
from plc_sim.material.parcel import FINISHED, Parcel, together
from plc_sim.physics.slurry import CLOSEST_PACKING, Rheology, rheology_at
from plc_sim.units.exposure import OpenPowder
from plc_sim.units.inlet import CLEANED_OUT
from plc_sim.units.nominal import fill_slurry

COARSE_UM = 40.0
"""Agglomerates before anything has dispersed them, D90 um."""
FINE_UM = 12.0
"""Agglomerates of a slurry that was dispersed as the recipe asks, D90 um."""
HARMLESS_UM = 20.0
LUMPS_PER_UM_G = 0.5
"""Lumps big enough for a pinhole in a gram of slurry, per um of D90 above `HARMLESS_UM`."""
TEST_CHARGE_G = 1500.0
STIFFEST_PHI = 0.97 * CLOSEST_PACKING


@dataclass(slots=True)
class Stage:
    """How far a batch of slurry has come in the mixer; mixer and filter share one.

    `doses` charged since the mixer was emptied, and which of them are liquids charged before the binder was dissolved;
    `finished` once it was degassed: what is dosed then belongs to another batch;
    `fineness_um` D90 of its agglomerates; `stays` part (0..1) that a mixer which is not cleaned keeps for the next.
    """

    doses: int = 0
    liquids: list[Parcel] = field(default_factory=list)
    dissolved: bool = False
    kneaded: bool = False
    powdered: bool = False
    finished: bool = False
    fineness_um: float = COARSE_UM
    stays: float = 0.0

    def clear(self) -> None:
        """Begin a new batch."""
        self.doses, self.liquids = 0, []
        self.dissolved = self.kneaded = self.powdered = self.finished = False
        self.fineness_um = COARSE_UM


class Charge:
    """The contents of one mixer.

    Doses without a label are told apart by the order of a slurry recipe: what comes before the binder is dissolved is
    solvent and, the smallest of several, binder, or one dose of ready binder solution; then comes powder, and after
    kneading let-down solvent. A labelled container says itself what it is.
    """

    def __init__(self, holdings: Holdings, unit: str, stage: Stage) -> None:
        self._holdings = holdings
        self._unit = unit
        self.stage = stage

    @property
    def mass_g(self) -> float:
        """Everything in the bowl, g."""
        return sum(parcel.mass_g for parcel in self._holdings.bowl.all())

    def is_ready(self) -> bool:
        """Say whether a batch is in the bowl; a plant that runs dry gets a test charge."""
        if not self.stage.doses:
            if not fill_slurry(self._holdings, self._holdings.bowl, self._unit, TEST_CHARGE_G):
                return False
            self.stage.doses = 1
            self.stage.dissolved = self.stage.powdered = True
            self.stage.fineness_um = FINE_UM
        return True

    def has_powder(self) -> bool:
        """Say whether powder has been charged onto the dissolved binder."""
        return self.is_ready() and self.stage.powdered

    def brings_powder(self) -> bool:
        """Say whether the next dose is powder, by the label of its container or by the order of the recipe."""
        standing = self._holdings.station(self._unit).standing
        if standing is None:
            return self.stage.dissolved and not self.stage.kneaded
        return any(is_electrolyte(self._holdings.ledger.material_of(lot)) for lot in standing.contents.parts)

    def dose(self, grams: float, open_powder: OpenPowder) -> float:
        """Draw one dose into the bowl, with what the air did to powder; gives what the container had of it, g."""
        if self.stage.finished:
            # A slurry that was never filtered: its batch is gone, and this dose is the first of another.
            self.give_up()
        if not self.stage.doses and not self.stage.stays:
            # A mixer that is cleaned again before the next batch keeps nothing of the last one.
            self._holdings.give_up(self._holdings.bowl.take_all(), CLEANED_OUT)
        if self.stage.kneaded:
            drawn = self._holdings.draw(self._unit, grams, SOLVENT)
        elif self.stage.dissolved:
            drawn = self._holdings.draw(self._unit, grams, ELECTROLYTE, FINISHED)
        else:
            drawn = self._holdings.draw(self._unit, grams)
        got = drawn.mass_g
        if got > 0.0:
            drawn = open_powder.settled(drawn)
            self._holdings.bowl.put(drawn)
            self.stage.doses += 1
            if not self.stage.dissolved:
                self.stage.liquids.append(drawn)
            elif not self.stage.kneaded:
                self.stage.powdered = True
        return got

    def dissolve(self) -> None:
        """The binder is dissolved: say what unlabelled doses were."""
        if not self.stage.dissolved:
            self._identify()
        self.stage.dissolved = True

    def stir(self) -> None:
        """Make one parcel of all that is in the bowl."""
        held = self._holdings.bowl.take_all()
        if held:
            self._holdings.bowl.put(stirred_wet(held, self._holdings.ledger))

    def mixture(self) -> Mixture:
        """Give what the contents are together; raises ValueError for an empty bowl."""
        return mixture_of(together(parcel.parts for parcel in self._holdings.bowl.all()), self._holdings.ledger)

    def rheology(self) -> Rheology:
        """Give the flow curve of the contents."""
        return rheology_at(min(STIFFEST_PHI, self.mixture().phi))

    def particle_um(self) -> float:
        """Give the median size of the powder in the bowl, um."""
        there = self._holdings.bowl.first()
        return FINISHED.d50_um if there is None else there.condition.d50_um

    def lumps_per_g(self) -> float:
        """Give the agglomerates that would make a pinhole, per gram of slurry."""
        return LUMPS_PER_UM_G * max(0.0, self.stage.fineness_um - HARMLESS_UM)

    def take(self) -> Parcel:
        """Take the slurry out of the bowl, but for what a mixer that is not cleaned keeps for the next batch."""
        self.stir()
        slurry = self._holdings.bowl.take()
        heel, out = slurry.split(self.stage.stays)
        if heel.mass_g > 0.0:
            self._holdings.bowl.put(heel)
        lumps = self.lumps_per_g()
        self.stage.clear()
        return replace(out, condition=replace(out.condition, agglomerates_per_g=lumps))

    def give_up(self) -> None:
        """Take everything off the line."""
        self._holdings.give_up(self._holdings.bowl.take_all())
        self.stage.clear()

    def _identify(self) -> None:
        ledger = self._holdings.ledger
        unknown = [
            (parcel.mass_g, lot)
            for parcel in self.stage.liquids
            for lot in parcel.parts
            if ledger.material_of(lot) == UNKNOWN and lot in ledger.lots
        ]
        binder = min(unknown)[1] if len(unknown) > 1 else None
        for _, lot in unknown:
            ledger.identify(lot, SOLUTION if binder is None else BINDER if lot == binder else SOLVENT)
