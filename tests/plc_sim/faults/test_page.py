"""The reference page says what the catalogue says."""

from __future__ import annotations

from pathlib import Path

from plc_sim.faults.catalogue import CATALOGUE
from plc_sim.faults.page import faults_page

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "faults.md"


def test_the_page_in_the_documentation_is_fresh() -> None:
    again = "run `python -m plc_sim --list-faults > docs/reference/faults.md`"
    assert PAGE.read_text("utf-8") == faults_page(), again


def test_the_page_has_every_fault_with_every_parameter() -> None:
    page = faults_page()
    for kind in CATALOGUE.values():
        assert f"\n### {kind.name}\n{kind.says}\n" in page
        for parameter in kind.parameters:
            assert f"`{parameter.name}`: {parameter.says}" in page
