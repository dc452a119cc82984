"""Test charges: what fills an empty inlet when the plant runs dry, so that a phase can be run by itself."""

from __future__ import annotations

from plc_sim.material.holdings import Holdings, Place, Supply
from plc_sim.material.ledger import CARRIER
from plc_sim.material.mixture import TEST_CHARGE
from plc_sim.material.parcel import FINISHED, Parcel
from plc_sim.material.web import STRETCH_M, Stretch, Web
from plc_sim.physics.slurry import LPSCL_G_CM3

ROLL_M, ROLL_WIDTH_M = 20.0, 0.25
FILM_MG_CM2 = 3.85
ROLL_PPM = 400.0


def is_dry(holdings: Holdings) -> bool:
    """Say whether empty inlets are filled with test charges."""
    return holdings.supply is Supply.DRY


def fill_slurry(holdings: Holdings, place: Place[Parcel], unit: str, mass_g: float) -> bool:
    """Set a test charge of slurry (g, half of it solvent) into an empty inlet of a plant that runs dry; True if so."""
    if not is_dry(holdings) or place.first() is not None:
        return False
    place.put(holdings.draw(unit, mass_g, TEST_CHARGE, FINISHED))
    return True


def fill_web(holdings: Holdings, place: Place[Web], unit: str, porosity: float) -> None:
    """Set a test roll of `ROLL_M` metres into an empty inlet of a plant that runs dry."""
    if not is_dry(holdings) or place.first() is not None:
        return
    mass_g = 10.0 * FILM_MG_CM2 * ROLL_M * ROLL_WIDTH_M
    count = round(ROLL_M / STRETCH_M)
    coating = holdings.draw(unit, mass_g, TEST_CHARGE, FINISHED)
    carrier = holdings.draw(unit, ROLL_M, CARRIER)
    stretch = Stretch(
        length_m=STRETCH_M,
        parts={lot: grams / count for lot, grams in coating.parts.items()},
        carrier={lot: metres / count for lot, metres in carrier.parts.items()},
        porosity=porosity,
        residual_ppm=ROLL_PPM,
        condition=FINISHED,
    )
    place.put(Web(stretches=(stretch,) * count, coated_width_m=ROLL_WIDTH_M, solid_density_g_cm3=LPSCL_G_CM3))
