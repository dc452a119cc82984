"""`mes recipe chart` draws recipes and batches, and says what it cannot draw."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from tests.cli.installation import Mes, Site

SVG = "{http://www.w3.org/2000/svg}"


def _said(svg: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_a_recipe_is_drawn_into_a_file_or_onto_the_standard_output(mes: Mes, tmp_path: Path) -> None:
    file = tmp_path / "r1.svg"
    ending = mes("recipe", "chart", "R1", "-o", file)
    assert ending.code == 0, ending.err
    assert str(file) in ending.out
    printed = mes("recipe", "chart", "R1").out
    assert printed == file.read_text("utf-8")
    assert any(line.startswith("R1 1.") for line in _said(printed))
    assert "Anneal" in _said(printed)
    assert float(ElementTree.fromstring(printed).attrib["width"]) <= 1280


def test_level_language_and_night_are_those_that_were_asked_for(mes: Mes) -> None:
    phases = mes("recipe", "chart", "R1", "--level", "phase", "--language", "zh", "--night").out
    assert 'class="pfc pfc-night"' in phases
    assert any("启动条件" in line for line in _said(phases))


def test_the_document_has_the_picture(mes: Mes) -> None:
    document = mes("recipe", "chart", "R3", "--json").document
    assert document["svg"].startswith("<svg")


def test_a_batch_is_drawn_with_its_states(stocked: Site) -> None:
    assert stocked("batch", "create", "R1", "--by", "ann").code == 0
    svg = stocked("recipe", "chart", "--batch", "B-0001").out
    assert any(line.startswith("B-0001 · R1 1.") for line in _said(svg))
    assert 'class="container idle"' in svg
    stocked("recipe", "chart", "R3", "--batch", "B-0001").says("B-0001 runs a frozen copy of R1", "'R3'")
    stocked("recipe", "chart", "--batch", "B-0002").says("B-0002", "B-0001")


def test_what_cannot_be_drawn_is_said(mes: Mes, tmp_path: Path) -> None:
    mes("recipe", "chart").says("nothing to draw", "mes recipe chart R1")
    mes("recipe", "chart", "R11").says("R11", "R1")
    missing = tmp_path / "no" / "r1.svg"
    mes("recipe", "chart", "R1", "-o", missing).says(str(missing), "No such file or directory")
