"""The web on the coating line: carrier off the roll, stretches laid at the die, dried, seen and wound (M20)."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, replace
from enum import Enum

from plc_sim.material.holdings import Holdings, Supply
from plc_sim.material.ledger import CARRIER, Parts
from plc_sim.material.mixture import Mixture, dried, mixture_of
from plc_sim.material.parcel import Condition, Parcel, together
from plc_sim.material.web import STRETCH_M, Stretch, Web
from plc_sim.physics.calendering import COATED_POROSITY
from plc_sim.physics.hydrolysis import FILM_FACTOR, h2s_rate_cc_g_min
from plc_sim.physics.slurry import dry_thickness_um, thinnest_wet_um
from plc_sim.units.coating_machine import BARE_WEB, CoatingLine, Seen
from plc_sim.units.site import Site
from plc_sim.units.web_dryer import DRYER_M

GAUGE_M, VISION_M, END_M = 5.0, 5.5, 6.0
"""Metres of web from the die to the dry gauge, the inspection and the rewinder; the dryer begins at the die."""
RECOVERY = 0.997
"""Part of the solvent that the condenser gives back; the rest leaves with the exhaust."""
LEAST_M = 1e-9
PINHOLES_PER_LUMP = 1.0
STREAKS_PER_M2 = 60.0
"""Streaks in a film half as thick as the thinnest that the die lays without breaks (design default)."""


class Laid(Enum):
    """What a stretch is for."""

    GOOD = "good"
    SCRAP = "start-up scrap"
    BARE = "bare carrier"


@dataclass(slots=True)
class Piece:
    """A stretch on the machine: laid at `at_m` of the encoder and `at_s`; wet film, then dry stretch."""

    kind: Laid
    at_m: float
    at_s: float
    length_m: float
    carrier: Parts
    wet: Parcel | None
    mixed: Mixture | None
    areal_mg_cm2: float
    pinholes_m2: float
    stretch: Stretch | None = None


class WebPath:
    """All web between the carrier roll and the rewinder of one coating line; coated width in m."""

    def __init__(self, line: CoatingLine, holdings: Holdings, site: Site, unit: str, width_m: float) -> None:
        self._line = line
        self._holdings = holdings
        self._site = site
        self._unit = unit
        self._width_m = width_m
        self._supplied = ""
        self._last_lot = ""
        self._threaded: dict[str, float] = {}
        self._pieces: list[Piece] = []
        self._first_wet = 0
        self._seen: deque[Piece] = deque(maxlen=1 + math.ceil(2.0 * END_M / STRETCH_M))
        holdings.running.tell = self._told
        line.look = self.seen_at

    @property
    def is_threaded(self) -> bool:
        """Say whether carrier runs through the machine."""
        return bool(self._threaded)

    def has_carrier(self, length_m: float) -> bool:
        """Say whether the unwinder holds so many metres."""
        standing = self._holdings.station(self._unit).standing
        if standing is None:
            return self._holdings.supply is not Supply.HAND
        return isinstance(standing.contents, Parcel) and standing.contents.mass_g >= length_m

    def thread(self, leader_m: float) -> float:
        """Draw a new leader through the machine, the old one is cut out; gives the metres threaded."""
        self._holdings.ledger.leave(Laid.BARE.value, self._threaded)
        self._supplied = ""
        self._threaded = dict(self._carrier(leader_m))
        return sum(self._threaded.values())

    def begin(self) -> float:
        """The leader is wound ahead of a run and cut off; gives its metres."""
        leader_m = sum(self._threaded.values())
        self._holdings.ledger.leave("leader", self._threaded)
        self._threaded = {}
        return leader_m

    def lay(self, kind: Laid, length_m: float, wet: Parcel | None, volume_ml: float) -> Piece:
        """Put one stretch behind the die, with the wet film on it or bare."""
        mixed = None if wet is None or wet.mass_g <= 0.0 else mixture_of(wet.parts, self._holdings.ledger)
        areal = pinholes = 0.0
        if mixed is not None and wet is not None:
            area_m2 = length_m * self._width_m
            areal = 0.1 * mixed.solid_g / area_m2
            pinholes = PINHOLES_PER_LUMP * wet.condition.agglomerates_per_g * mixed.mass_g / area_m2
            pinholes += self._streaks(volume_ml / area_m2)
        piece = Piece(
            kind=kind,
            at_m=self._line.encoder_m,
            at_s=self._line.time_s,
            length_m=length_m,
            carrier=self._carrier(self._line.relaxed_m(length_m)),
            wet=wet if mixed is not None else None,
            mixed=mixed,
            areal_mg_cm2=areal,
            pinholes_m2=pinholes,
        )
        self._pieces.append(piece)
        self._seen.append(piece)
        return piece

    def advance(self, *, whole: bool = False) -> None:
        """Dry what has left the dryer by now; `whole` what is still in it as well."""
        line, pieces = self._line, self._pieces
        while self._first_wet < len(pieces):
            piece = pieces[self._first_wet]
            if not whole and piece.at_m + DRYER_M > line.encoder_m:
                return
            self._dry(piece)
            self._first_wet += 1

    def wind(self, *, keep: bool) -> Web | None:
        """The run is over: scrap and bare web are cut out, and the good film makes a roll or goes off the line."""
        self.advance(whole=True)
        good: list[Stretch] = []
        leave = self._holdings.ledger.leave
        for piece in self._pieces:
            stretch = piece.stretch
            if stretch is None:
                continue
            if piece.kind is Laid.GOOD and keep:
                good.append(stretch)
                continue
            way = "set aside" if piece.kind is Laid.GOOD else piece.kind.value
            leave(way, stretch.parts)
            leave(way, stretch.carrier)
        self._pieces, self._first_wet = [], 0
        return self._roll(good) if good else None

    def tail(self, length_m: float) -> float:
        """Bare carrier that was drawn in behind the film stays threaded; gives its metres by the encoder."""
        tail = self._carrier(self._line.relaxed_m(length_m))
        self._threaded = together([self._threaded, tail])
        return length_m

    def seen_at(self, path_m: float) -> Seen:
        """Give what is now on the web so many metres behind the die."""
        at_m = self._line.encoder_m - path_m
        for piece in reversed(self._seen):
            if piece.at_m - piece.length_m <= at_m:
                if at_m > piece.at_m + STRETCH_M or piece.mixed is None:
                    return BARE_WEB
                areal, density = piece.areal_mg_cm2, piece.mixed.solid_density_g_cm3
                return Seen(
                    areal_mg_cm2=areal,
                    thickness_um=dry_thickness_um(areal, density, COATED_POROSITY),
                    pinholes_m2=piece.pinholes_m2,
                )
        return BARE_WEB

    def forget(self) -> None:
        """The encoder starts anew: what the instruments saw lies on another count of metres."""
        self._seen.clear()

    def _streaks(self, wet_um: float) -> float:
        """Streaks per m2 of a film that is thinner than the die can lay (M12)."""
        line = self._line
        if line.speed_m_min <= 0.0 or wet_um <= 0.0:
            return 0.0
        least_um = thinnest_wet_um(line.speed_m_min, line.gap_um, line.rheology)
        line.streaks = max(0.0, least_um / wet_um - 1.0)
        return STREAKS_PER_M2 * line.streaks

    def _dry(self, piece: Piece) -> None:
        if piece.wet is None or piece.mixed is None:
            piece.stretch = Stretch(length_m=piece.length_m, parts={}, carrier=piece.carrier, porosity=COATED_POROSITY)
            return
        area_m2 = piece.length_m * self._width_m
        minutes = max(1.0, self._line.time_s - piece.at_s) / 60.0
        film = self._line.dryer.dry(DRYER_M / minutes, piece.mixed.solvent_g / area_m2, piece.mixed.solid_g / area_m2)
        stays, gone = dried(piece.wet.parts, self._holdings.ledger, film.residual_ppm)
        leave = self._holdings.ledger.leave
        leave("condenser", {lot: RECOVERY * grams for lot, grams in gone.items()})
        leave("exhaust", {lot: (1.0 - RECOVERY) * grams for lot, grams in gone.items()})
        piece.stretch = Stretch(
            length_m=piece.length_m,
            parts=stays,
            carrier=piece.carrier,
            porosity=COATED_POROSITY,
            residual_ppm=film.residual_ppm,
            condition=self._exposed(piece.wet.condition, minutes, sum(stays.values())),
            defects=piece.pinholes_m2 * area_m2,
            migration=film.migration_index,
        )
        piece.wet = None

    def _exposed(self, condition: Condition, minutes: float, film_g: float) -> Condition:
        """Lie open on the machine: a film bears more than loose powder, and gives off as much less (M17)."""
        ppm = self._site.water_at(self._unit)
        evolved_cc_g = h2s_rate_cc_g_min(ppm, 1.0 / FILM_FACTOR) * minutes
        self._site.give_off(evolved_cc_g * film_g, self._unit)
        return replace(
            condition,
            hydrolysis_cc_g=condition.hydrolysis_cc_g + evolved_cc_g,
            exposure_ppm_min=condition.exposure_ppm_min + ppm * minutes,
        )

    def _roll(self, good: list[Stretch]) -> Web:
        ledger = self._holdings.ledger
        whole = together(stretch.parts for stretch in good)
        return Web(
            stretches=tuple(good),
            coated_width_m=self._width_m,
            solid_density_g_cm3=sum(whole.values()) / ledger.volume_cm3(whole),
        )

    def _carrier(self, length_m: float) -> Parts:
        holdings = self._holdings
        if holdings.station(self._unit).standing is not None:
            drawn: Parts = holdings.draw(self._unit, length_m).parts
        elif self._supplied:
            # Supply is one long roll: the lot it got when the web was threaded goes on.
            holdings.ledger.draw(self._supplied, length_m)
            drawn = {self._supplied: length_m}
        else:
            drawn = holdings.draw(self._unit, length_m, CARRIER).parts
            self._supplied = next(iter(drawn), "")
        lot = next(iter(drawn), "")
        if lot != self._last_lot:
            if self._last_lot:
                self._line.splice_m = self._line.encoder_m
            self._last_lot = lot
        return drawn

    def _told(self) -> tuple[Web, ...]:
        stretches = [
            piece.stretch
            or Stretch(
                length_m=piece.length_m,
                parts={} if piece.wet is None else piece.wet.parts,
                carrier=piece.carrier,
                porosity=COATED_POROSITY,
            )
            for piece in self._pieces
        ]
        if self._threaded:
            length_m = sum(self._threaded.values())
            stretches.append(Stretch(length_m=length_m, parts={}, carrier=self._threaded, porosity=COATED_POROSITY))
        if not stretches:
            return ()
        return (Web(stretches=tuple(stretches), coated_width_m=self._width_m, solid_density_g_cm3=1.0),)
