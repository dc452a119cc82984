"""Wrong input: a clear error that names the place and the nearest right thing, and nothing half done."""

from __future__ import annotations

import json
import socket
import sqlite3
from pathlib import Path

import pytest

from mes.recipes.library import find_recipe
from tests.cli.installation import MAPS, Mes, Site


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("batch", "create", "R1x"), ("R1x", "no recipe", "did you mean 'R1'")),
        (("batch", "create", "R1", "--lot", "Li2S=L-000002"), ("L-000002 is P2S5", "Li2S needs Li2S")),
        (("batch", "create", "R1", "--lot", "Li2S=L-00001"), ("no lot 'L-00001'", "the nearest: L-00000")),
        (("batch", "create", "R1", "--lot", "Li2=L-000001"), ("no input 'Li2'", "Li2S, P2S5, LiCl")),
        (("batch", "create", "R1", "--set", "soak_temperature=700 degC"), ("soak_temperature", "545 degC to 570 degC")),
        (("batch", "create", "R1", "--set", "soak_temperatur=550 degC"), ("did you mean 'soak_temperature'",)),
        (("batch", "create", "R1", "--set", "soak_time=5 degC"), ("soak_time", "degC")),
        (("batch", "create", "R1", "--size", "2 kg"), ("2 kg", "allowed is exactly 1 kg")),
        (("batch", "create", "R1", "--size", "one kilo"), ("'one kilo' is not a quantity",)),
        (("batch", "create", "R1", "--set", "soak_time"), ("--set", "NAME=VALUE")),
        (("batch", "start", "B-0009"), ("no batch 'B-0009'",)),
        (("batch", "show", "B-0009"), ("no batch 'B-0009'",)),
        (("record", "B-0009"), ("no batch 'B-0009'",)),
        (("trace", "L-00001"), ("no lot 'L-00001'", "the nearest: L-000001")),
        (("lot", "show", "L-00001"), ("no lot 'L-00001'", "the nearest: L-000001")),
        (("lot", "receive", "Li2S", "ten grams"), ("'ten grams' is not a quantity",)),
        (("lot", "receive", "Li2S", "10 grms"), ("unknown unit of measure 'grms'",)),
        (("lot", "receive", "Li2S", "10"), ("no unit of measure", "'10 g'")),
        (("lot", "receive", "Li2S", "0 g"), ("0 g", "more than nothing")),
        (("lot", "receive", "Li2s", "10 g"), ("Li2s", "did you mean 'Li2S'")),
        (("lot", "receive", "Li2S", "10 g", "--assay", "99.9"), ("assay 99.9", "at most 1")),
        (("lot", "receive", "Li2S", "10 g", "--lot-no", "L-000001"), ("L-000001 is used already",)),
        (("lot", "receive", "Li2S", "10 g", "--lot-no", "a b"), ("'a b' cannot be a lot number",)),
        (("lot", "receive", "Li2S", "1 m"), ("1 m of Li2S", "measured in g")),
        (("lot", "receive", "Li2S", "1e30 kg"), ("L-000004", "0.000001 to 1000000000 kg")),
        (("lot", "receive", "Li2S", "1e-9 g"), ("L-000004", "0.000001 to 1000000000 g")),
        (("lot", "receive", "Li2S", "1e400 kg"), ("1e400 is no amount",)),
        (("lot", "receive", "Li2S", "1e99999999999999999999 kg"), ("is no amount",)),
        (("trace", "\udcff"), ("'\\udcff' is not UTF-8 text",)),
        (("recipe", "show", "R9"), ("R9", "no recipe")),
        (("trace", "L-000001", "--json", "--format", "csv"), ("--json", "give one")),
    ],
)
def test_is_refused_and_nothing_is_written(stocked: Site, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    before = stocked.journal()
    stocked(*arguments).says(*words)
    assert stocked.journal() == before
    assert stocked("batch", "list", "--json").document == []
    assert len(stocked("lot", "list", "--json").document) == 3


def test_a_repeated_key_gives_the_batch_as_it_was_made(stocked: Site) -> None:
    create = ("batch", "create", "R1", "--key", "k1", "--json")
    first = stocked(*create).document
    before = stocked.journal()
    assert stocked(*create).document == first
    assert stocked(*create, "--lot", "Li2S=L-000001").document == first
    assert stocked.journal() == before
    assert stocked("lot", "receive", "Li2S", "1000 g").code == 0
    before = stocked.journal()
    stocked(*create, "--lot", "Li2S=L-000004").says("B-0001", "L-000004 for Li2S", "use a new key")
    stocked(*create, "--set", "soak_time=250 min").says("'k1' made batch B-0001", "use a new key")
    assert stocked.journal() == before


def test_a_repeated_key_gives_its_batch_though_the_named_lot_is_used_up(stocked: Site) -> None:
    create = ("batch", "create", "R1", "--lot", "Li2S=L-000001", "--key", "k1", "--json")
    first = stocked(*create).document
    connection = sqlite3.connect(stocked.folder / "mes.db")
    connection.execute("UPDATE lot SET quantity = '0' WHERE lot_no = 'L-000001'")
    connection.commit()
    connection.close()
    again = stocked(*create).document
    assert (again["batch_no"], again["proposed_lots"]) == (first["batch_no"], first["proposed_lots"])


def test_an_empty_key_is_no_key(stocked: Site) -> None:
    numbers = [stocked("batch", "create", "R1", "--key", "", "--json").document["batch_no"] for _ in range(2)]
    assert numbers == ["B-0001", "B-0002"]


@pytest.mark.parametrize("port", ["99999", "0", "-1", "x"])
def test_a_port_that_cannot_be_is_told(mes: Mes, tmp_path: Path, port: str) -> None:
    text = (MAPS / "sy.toml").read_text(encoding="utf-8")
    (tmp_path / "sy.toml").write_text(text.replace("127.0.0.1:5511", f"127.0.0.1:{port}"), encoding="utf-8")
    mes("plc", "check", tmp_path / "sy.toml").says("sy.toml:9", "the port of the url", "1..65535")
    probed = mes("plc", "probe", MAPS / "sy.toml", "--url", f"modbus://127.0.0.1:{port}")
    assert probed.code == 1
    assert "the port of the url" in probed.err


def test_a_recipe_is_checked_against_the_simulated_plant_where_no_plc_is_configured(mes: Mes, tmp_path: Path) -> None:
    text = find_recipe("R1", tmp_path).read_text(encoding="utf-8")
    file = tmp_path / "wrong.yaml"
    file.write_text(text.replace("phase: PREMIX", "phase: PREMIXX"), encoding="utf-8")
    mes("recipe", "check", file, "--data", tmp_path).says("wrong.yaml:7", "did you mean 'PREMIX'")


def test_an_empty_lot_is_refused(stocked: Site) -> None:
    connection = sqlite3.connect(stocked.folder / "mes.db")
    connection.execute("UPDATE lot SET quantity = '0' WHERE lot_no = 'L-000001'")
    connection.commit()
    connection.close()
    before = stocked.journal()
    stocked("batch", "create", "R1", "--lot", "Li2S=L-000001").says("lot L-000001 of Li2S is empty")
    assert stocked.journal() == before


@pytest.mark.parametrize("order", ["start", "hold", "restart", "pause", "resume", "stop", "abort"])
def test_no_order_is_put_in_the_books_without_an_engine(stocked: Site, order: str) -> None:
    assert stocked("batch", "create", "R1", "--by", "ann").code == 0
    before = stocked.journal()
    stocked("batch", order, "B-0001", "--because", "test").says("no engine drives process cell pilot", "mes serve")
    stocked("batch", "answer", "B-0001", "yes").says("no engine drives process cell pilot")
    assert stocked.journal() == before


@pytest.mark.parametrize("order", ["hold", "stop", "abort"])
def test_an_interruption_without_a_reason_is_refused(stocked: Site, order: str) -> None:
    ending = stocked("batch", order, "B-0001")
    ending.says("--because", f"a {order} needs a reason")
    assert ending.code == 2


def test_a_plc_that_is_not_there_is_told(mes: Mes) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"modbus://127.0.0.1:{taken.getsockname()[1]}"
        ending = mes("plc", "probe", MAPS / "sy.toml", "--url", url)
    assert ending.code == 1
    assert url.removeprefix("modbus://") in ending.err
    assert "Traceback" not in ending.err
    assert "0 tags are good" in ending.out


def test_a_map_with_an_overlap_names_both_owners(mes: Mes, tmp_path: Path) -> None:
    text = (MAPS / "sy.toml").read_text(encoding="utf-8")
    first = text.index("[[slot]]")
    status = text.index("status", first)
    second = text.index("status", text.index("[[slot]]", status))
    line, other = (text[at : text.index("\n", at)] for at in (status, second))
    broken = tmp_path / "overlap.toml"
    broken.write_text(text[:second] + line + text[second + len(other) :], encoding="utf-8")
    owners = [text[at:].split('name = "')[1].split('"')[0] for at in (first, text.index("[[slot]]", status))]
    mes("plc", "check", broken).says("overlap.toml:", *owners)
    mes("recipe", "check", "R1", "--map", broken).says("overlap.toml:", *owners)


def test_the_same_map_twice_in_one_cell_is_told(mes: Mes, tmp_path: Path) -> None:
    twin = tmp_path / "twin.toml"
    twin.write_bytes((MAPS / "sy.toml").read_bytes())
    ending = mes("plc", "check", MAPS / "sy.toml", twin)
    assert ending.code == 1
    assert "declared in" in ending.err


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("recipe: R1\nrecipe: R2\n", ":2: "),
        ("recipe: R1\n\ttitle: x\n", ":2: "),
        ("recipe: [R1\n", "broken.yaml:"),
    ],
)
def test_broken_yaml_is_told_with_file_and_line(site: Site, text: str, place: str) -> None:
    file = site.folder / "broken.yaml"
    file.write_text(text, encoding="utf-8")
    site("recipe", "check", file).says(str(file), place)
    site("batch", "create", file).says(str(file), place)
    assert site.journal() == 0


def test_a_check_tells_its_findings_as_json_too(site: Site) -> None:
    file = site.folder / "broken.yaml"
    file.write_text("recipe: R1\nrecipe: R2\n", encoding="utf-8")
    ending = site("recipe", "check", file, "R1", "--json")
    broken, good = json.loads(ending.out)["recipes"]
    assert ending.code == 1
    assert broken["problems"][0]["line"] == 2
    assert good["problems"] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("lot", "list"),
        ("lot", "show", "L-1"),
        ("batch", "list"),
        ("batch", "show", "B-1"),
        ("trace", "L-1"),
        ("record", "B-1"),
    ],
)
def test_reading_makes_no_database(site: Site, arguments: tuple[str, ...]) -> None:
    site(*arguments).says("does not exist", "mes db upgrade")
    site(*arguments, "--json").says("does not exist")
    assert not (site.folder / "mes.db").exists()


def test_without_a_plc_no_batch_can_be_created(mes: Mes, tmp_path: Path) -> None:
    mes("batch", "create", "R1", "--data", tmp_path).says("no PLC is configured", "mes.toml")
    mes("serve", "--data", tmp_path).says("no PLC is configured", "mes.toml")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[cel]\n", ("cel is not known", "did you mean 'cell'")),
        ("[cell\n", ("not TOML",)),
        ("[cell]\nspeed = -1\n", ("cell.speed",)),
        ("[database]\nurl = 'nonsense'\n", ("'nonsense' cannot be used",)),
        ("[database]\nurl = 'oracel://x'\n", ("'oracel://x' cannot be used",)),
        ("[[plc]]\nmap = 'nowhere.toml'\n", ("nowhere.toml", "cannot be read")),
    ],
)
def test_a_wrong_configuration_is_told(mes: Mes, tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    file = tmp_path / "mes.toml"
    file.write_text(text, encoding="utf-8")
    command = ("batch", "create", "R1") if "plc" in text else ("lot", "list")
    mes(*command, "--config", file).says("mes.toml" if "nowhere" not in text else "", *words)


def test_a_configuration_that_is_not_there_is_told(mes: Mes, tmp_path: Path) -> None:
    mes("lot", "list", "--config", tmp_path / "no.toml").says("no.toml", "no such file")


def test_the_demonstration_does_not_overwrite_a_real_installation(site: Site) -> None:
    before = (site.folder / "mes.toml").read_text(encoding="utf-8")
    site("demo", "--once", "--headless").says("not of a demonstration")
    assert (site.folder / "mes.toml").read_text(encoding="utf-8") == before


def test_a_damaged_database_is_told(site: Site) -> None:
    (site.folder / "mes.db").write_bytes(b"this is no database, but long enough to look at it" * 100)
    site("lot", "list").says("damaged or is no database")
    ending = site("db", "check")
    assert ending.code == 1
    assert "damaged or is no database" in ending.err
