"""What is in the solution reactor: solvent as it comes in, powder stirred into it, and what boils off again."""

from __future__ import annotations

from dataclasses import replace

from plc_sim.material.holdings import Holdings
from plc_sim.material.ledger import ETHANOL, SOLVENT, THF
from plc_sim.material.mixture import SOLVENTS, solvent_in
from plc_sim.material.moisture import stirred_wet
from plc_sim.material.parcel import Condition, Parcel, part_of, together, without
from plc_sim.physics.dissolving import ETHYL_ALCOHOL, TETRAHYDROFURAN, XYLENE, Liquid, converted
from plc_sim.physics.lot_quality import REFERENCE_CONVERSION
from plc_sim.units.mill_vessels import Vessels
from plc_sim.units.nominal import is_dry
from plc_sim.units.reactor import Reactor

LIQUIDS: dict[str, Liquid] = {THF: TETRAHYDROFURAN, ETHANOL: ETHYL_ALCOHOL, SOLVENT: XYLENE}
TEST_SOLVENT_G, TEST_POWDER_G = 8000.0, 800.0
TEST_POWDER = Condition(conversion=0.98 * REFERENCE_CONVERSION, solution=1.0)
GRAIN_UM = 5.0
"""Median size of what comes out of solution (design default; at most 10 um at 200 mg/mL is published)."""
CONDENSED = 0.97
"""Part of the vapour that the condenser gives back (design default)."""


class Brew:
    """The content of one reactor; `solids_g` and `solvent_g` in g."""

    def __init__(self, holdings: Holdings, unit: str, reactor: Reactor) -> None:
        self._holdings = holdings
        self._unit = unit
        self._reactor = reactor
        self._vessels = Vessels(holdings, unit)
        self._stirred = False

    @property
    def mass_g(self) -> float:
        """Everything in the reactor, g."""
        return sum(parcel.mass_g for parcel in self._holdings.kettle.all())

    @property
    def solvent_g(self) -> float:
        """Solvent, g."""
        return sum(self.solvents().values())

    @property
    def solids_g(self) -> float:
        """What is not solvent, g."""
        return self.mass_g - self.solvent_g

    @property
    def conversion(self) -> float:
        """Share of the raw materials that has become sulfide, 0..1."""
        held = self._holdings.kettle.all()
        return held[0].condition.conversion / REFERENCE_CONVERSION if len(held) == 1 else 0.0

    def solvents(self) -> dict[str, float]:
        """Give the solvents by material, the lightest boiling first, g."""
        ledger, found = self._holdings.ledger, dict.fromkeys(SOLVENTS, 0.0)
        for parcel in self._holdings.kettle.all():
            for lot, grams in solvent_in(parcel.parts, ledger).items():
                found[ledger.material_of(lot)] += grams
        return {material: grams for material, grams in found.items() if grams > 0.0}

    def draw(self, grams: float) -> float:
        """Draw solvent into the reactor; gives what the container had of it, g.

        Without a label the first charges are tetrahydrofuran, and those after the first stirring ethanol.
        """
        drawn = self._holdings.draw(self._unit, grams, ETHANOL if self._stirred else THF)
        if drawn.mass_g > 0.0:
            self._holdings.kettle.put(drawn)
            self._reactor.content_changed()
        return drawn.mass_g

    def fill_dry(self) -> None:
        """Give a plant that runs dry something to work on."""
        if is_dry(self._holdings) and self._holdings.kettle.first() is None:
            self.draw(TEST_SOLVENT_G)
            powder = self._holdings.draw(self._unit, TEST_POWDER_G, "test powder", TEST_POWDER)
            self._holdings.kettle.put(powder)

    def add(self, expected_g: float) -> Parcel | None:
        """Take the weighed vessels of an expected mass (g) in; None when none make it."""
        self._vessels.supply(expected_g)
        return self._vessels.load(expected_g)

    def put(self, powder: Parcel) -> None:
        """Put powder in."""
        self._holdings.kettle.put(powder)
        self._reactor.content_changed()

    def stir(self) -> None:
        """Make one parcel of it; water of the solvents reacts with the powder."""
        held = self._holdings.kettle.take_all()
        self._holdings.kettle.put(stirred_wet(held, self._holdings.ledger))
        self._stirred = True

    def react(self, duration_s: float, degc: float, speed_rpm: float) -> None:
        """Stir for a time (s) at a temperature and speed."""
        (whole,) = self._holdings.kettle.take_all()
        ethanol = self.solvent_share_of(whole, ETHANOL) > 0.0
        after = converted(
            whole.condition.conversion / REFERENCE_CONVERSION,
            duration_s,
            degc=degc,
            speed_rpm=speed_rpm,
            ethanol=ethanol,
        )
        made = replace(whole.condition, conversion=after * REFERENCE_CONVERSION, solution=1.0, d50_um=GRAIN_UM)
        self._holdings.kettle.put(replace(whole, condition=made))

    def solvent_share_of(self, parcel: Parcel, material: str) -> float:
        """Give the mass share of one solvent in a parcel, 0..1."""
        ledger = self._holdings.ledger
        grams = sum(g for lot, g in parcel.parts.items() if ledger.material_of(lot) == material)
        return grams / parcel.mass_g if parcel.mass_g else 0.0

    def hold_back(self, share: float) -> float:
        """Let a filter hold back a share (0..1) of the solids, all of it unconverted; gives its mass, g."""
        (whole,) = self._holdings.kettle.take_all()
        solvent = solvent_in(whole.parts, self._holdings.ledger)
        solids = {lot: grams for lot, grams in whole.parts.items() if lot not in solvent}
        residue = Parcel(parts=part_of(solids, share))
        self._holdings.lose(residue, "filter residue")
        passed = whole.condition.conversion / (1.0 - share) if share < 1.0 else 0.0
        condition = replace(whole.condition, conversion=min(REFERENCE_CONVERSION, passed))
        self.put(replace(whole, parts=without(whole.parts, residue.parts), condition=condition))
        return residue.mass_g

    def boil_off(self, gone: dict[str, float]) -> float:
        """Take solvent off by material (g); gives what comes back from the condenser, g. The rest is exhaust."""
        (whole,) = self._holdings.kettle.take_all()
        ledger = self._holdings.ledger
        vapour = []
        for material, grams in gone.items():
            lots = {lot: g for lot, g in whole.parts.items() if ledger.material_of(lot) == material}
            held = sum(lots.values())
            vapour.append(part_of(lots, min(1.0, grams / held) if held else 0.0))
        off = together(vapour)
        back = part_of(off, CONDENSED)
        ledger.leave("condenser", back)
        ledger.leave("exhaust", part_of(off, 1.0 - CONDENSED))
        self.put(replace(whole, parts=without(whole.parts, off)))
        return sum(back.values())

    def take(self) -> Parcel:
        """Take everything out."""
        (whole,) = self._holdings.kettle.take_all()
        self._stirred = False
        self._reactor.content_changed()
        return whole

    def is_whole(self) -> bool:
        """Say whether the content is one stirred parcel with powder in it."""
        return len(self._holdings.kettle.all()) == 1 and self.solids_g > 1e-6

    def give_up(self) -> None:
        """Set the content aside."""
        self._holdings.give_up(self._holdings.kettle.take_all())
        self._stirred = False
        self._reactor.content_changed()
