"""The pilot lines under their PLC programs: the shipped play, from delivered lots to labelled products."""

from __future__ import annotations

from pathlib import Path

import pytest

from plc_sim.cell import Cell
from plc_sim.headless import played
from plc_sim.mapfile import read_map
from plc_sim.play.playfile import read_play
from plc_sim.scan import SimulatedPlc
from plc_sim.units import build_plant

SHIPPED = Path(__file__).parents[3] / "plc_sim"
HOURS = 14


def test_the_shipped_play_makes_biochar_film_and_parts_and_loses_no_gram() -> None:
    maps = [read_map(SHIPPED / "maps" / f"{name}.toml") for name in ("bc", "fb", "mf")]
    built = build_plant({one.name: one.units for one in maps}, 1, "hand")
    assert built.material is not None
    cell = Cell([SimulatedPlc(one, built.units[one.name], boot_id=100) for one in maps])
    told = played(cell, built.material, 3600 * HOURS, read_play(SHIPPED / "play" / "pilot_lines.toml", maps))
    assert told["mishaps"] == []
    truth = built.material.truth()
    assert isinstance(truth["containers"], list)
    made = {one["label"]: one for one in truth["containers"]}
    assert made["CHAR-1"]["mass_g"] == pytest.approx(0.85 * 20_000.0 * 0.182, rel=0.03)
    assert made["FILM-1"]["length_m"] == pytest.approx(300.0)
    # Widened from 785 to 942 mm on its way, and faster: between the thickness before and after.
    assert 785.0 < 1000.0 * made["FILM-1"]["coated_width_m"] < 942.0
    assert 28.0 < made["FILM-1"]["thickness_um"] < 41.0
    assert made["PARTS-1"]["mass_g"] == pytest.approx(98 * 81.8, rel=0.01)
    unaccounted = truth["unaccounted"]
    assert isinstance(unaccounted, dict)
    assert max(abs(grams) for grams in unaccounted.values()) < 1e-6
