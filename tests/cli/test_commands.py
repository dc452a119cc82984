"""What the commands print when all is well; those to a running batch are in test_engine."""

from __future__ import annotations

import csv
import io
import sqlite3
from pathlib import Path

import pytest

from mes import __version__
from tests.cli.installation import LOTS, MAPS, Mes, Site


def test_the_version_is_told(mes: Mes) -> None:
    assert mes("--version").out == f"mes {__version__}\n"


def test_the_library_is_listed(site: Site) -> None:
    assert {row["recipe_id"] for row in site("recipe", "list", "--json").document} >= {"R1", "R1W", "R3", "C1"}
    assert "Li6PS5Cl film by wet casting" in site("recipe", "list").out


def test_a_recipe_of_the_plant_is_listed_and_a_broken_one_says_why(site: Site) -> None:
    folder = site.folder / "recipes"
    folder.mkdir()
    (folder / "own.yaml").write_text("recipe: OWN\nrecipe: TWICE\n", encoding="utf-8")
    own = site("recipe", "list", "--json").document[0]
    assert own["recipe_id"] == "OWN"
    assert own["problems"]
    assert "cannot be read" in site("recipe", "list").out


def test_a_recipe_is_shown_with_amounts_and_parameters(site: Site) -> None:
    text = site("recipe", "show", "R3").out
    assert "1270 g" in text
    assert "phase CALENDER: roll_temp 80 degC, line_force $line_force" in text
    assert site("recipe", "show", "R3", "--json").document["recipe_id"] == "R3"


def test_the_shipped_recipes_fit_the_shipped_maps(site: Site, mes: Mes, tmp_path: Path) -> None:
    report = site("recipe", "check", "R1", "R3", "--json").document
    assert report["against_equipment"] is True
    assert [recipe["problems"] for recipe in report["recipes"]] == [[], []]
    maps = [word for name in ("sy", "fm", "ut") for word in ("--map", str(MAPS / f"{name}.toml"))]
    assert mes("recipe", "check", "R1", *maps, "--data", tmp_path).code == 0
    alone = mes("recipe", "check", "R1", "--data", tmp_path)
    assert alone.code == 0
    assert "no PLC is configured" in alone.out
    assert "proved: no deadlock with itself" in alone.out
    assert "no deadlock with itself" in report["recipes"][0]["proved"]


def test_the_schema_of_recipes_is_printed(mes: Mes) -> None:
    assert "procedure" in mes("recipe", "schema").document["properties"]


def test_a_lot_is_received_with_figures_of_its_certificate(site: Site) -> None:
    figures = ("--property", "moisture=80 ppm", "--property", "d50 = 2.8 um")
    made = site("lot", "receive", "Li2S", "500 g", *figures, "--json").document
    assert made["properties"] == {"moisture": "80 ppm", "d50": "2.8 um"}
    assert "moisture 80 ppm, d50 2.8 um" in site("lot", "show", made["lot_no"]).out
    for wrong in ("moisture", "moisture=wet", "assay=99 %", "2x=1 g"):
        assert site("lot", "receive", "Li2S", "500 g", "--property", wrong).code != 0


def test_a_received_lot_is_in_the_books(site: Site) -> None:
    made = site(
        *("lot", "receive", "Li2S", "0.5 kg", "--assay", "99.9 %", "--supplier", "海辰", "--supplier-lot", "LS-7"),
        *("--lot-no", "LI-1", "--by", "ann", "--json"),
    ).document
    assert (made["lot_no"], made["assay"], made["quantity"]) == ("LI-1", "0.999", {"value": "0.5", "uom": "kg"})
    assert site("lot", "show", "LI-1", "--json").document == made
    assert "海辰 LS-7" in site("lot", "list").out
    assert "supplier  海辰 LS-7" in site("lot", "show", "LI-1").out
    assert site("lot", "receive", "Unobtainium", "1 g", "--new-material").code == 0


def test_lots_are_listed_by_material_and_status(stocked: Site) -> None:
    assert [lot["material"] for lot in stocked("lot", "list", "--material", "LiCl", "--json").document] == ["LiCl"]
    assert stocked("lot", "list", "--status", "hold", "--json").document == []
    assert len(stocked("lot", "list", "--status", "released", "--all", "--json").document) == 3


def test_a_new_batch_waits_idle_with_proposed_lots(stocked: Site) -> None:
    chosen = ("--set", "soak_time=4 h", "--lot", f"Li2S={LOTS[0]}", "--by", "ann")
    made = stocked("batch", "create", "R1", *chosen, "--json")
    assert made.document["proposed_lots"] == dict(zip(("Li2S", "P2S5", "LiCl"), LOTS, strict=True))
    assert made.document["formula"]["soak_time"] == {"value": "240", "uom": "min"}
    assert made.document["missing"] == []
    assert [row["state"] for row in stocked("batch", "list", "--json").document] == ["idle"]
    shown = stocked("batch", "show", "B-0001", "--json").document
    assert shown["legal_commands"] == ["start"]
    assert shown["steps"]["done"] == 0
    assert shown["steps"]["all"] > 20
    text = stocked("batch", "show", "B-0001").out
    assert "Possible now: start" in text
    assert any(line.split() == ["idle", "Mill", "on", "BM-201"] for line in text.splitlines())


def test_a_new_batch_tells_what_is_missing(site: Site) -> None:
    text = site("batch", "create", "R1", "--by", "ann").out
    assert "missing: Li2S: 427.96 g needed" in text
    assert f"mes batch start B-0001 --data {site.folder}" in text


def test_the_same_key_creates_one_batch(site: Site) -> None:
    numbers = {site("batch", "create", "R1", "--key", "k1", "--json").document["batch_no"] for _ in range(2)}
    assert numbers == {"B-0001"}


def test_a_record_is_printed_as_text_and_json(site: Site) -> None:
    site("batch", "create", "R1", "--by", "ann")
    assert "created" in site("record", "B-0001").out
    assert site("record", "B-0001", "--format", "json").document == site("record", "B-0001", "--json").document


@pytest.mark.parametrize(("form", "sign"), [("table", "depth"), ("tree", "Li2S"), ("dot", "digraph")])
def test_a_trace_is_printed_in_every_form(stocked: Site, form: str, sign: str) -> None:
    lot = LOTS[0]
    for way in ("--backward", "--forward"):
        assert sign in stocked("trace", lot, way, "--format", form).out
    assert stocked("trace", lot, "--json").document == stocked("trace", lot, "--format", "json").document
    rows = list(csv.reader(io.StringIO(stocked("trace", lot, "--format", "csv").out)))
    assert [row[1] for row in rows] == ["lot", lot]


def test_tag_maps_are_checked_alone_and_as_configured(site: Site, mes: Mes) -> None:
    assert "good" in mes("plc", "check", MAPS / "ut.toml").out
    report = site("plc", "check", "--json").document
    assert [one["plc"] for one in report["maps"]] == ["SY", "FM", "UT"]
    assert report["together"] == []


def test_the_database_is_made_and_found_in_order(site: Site) -> None:
    made = site("db", "upgrade", "--json").document
    assert str(site.folder / "mes.db") in made["database"]
    assert site("db", "check", "--json").document["findings"] == []
    assert "hold" in site("db", "check").out


def test_what_was_altered_is_found(stocked: Site) -> None:
    connection = sqlite3.connect(stocked.folder / "mes.db")
    connection.execute("UPDATE lot SET quantity = '900' WHERE lot_no = 'L-000001'")
    connection.commit()
    connection.close()
    ending = stocked("db", "check")
    assert ending.code == 1
    assert "lot L-000001" in ending.err
