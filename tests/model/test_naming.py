"""Quoted names mean an element by its name or by the end of its path."""

from __future__ import annotations

import pytest

from mes.model.naming import asked, named
from mes.model.reference import ReferenceKind
from mes.recipes.reader import read_recipe
from tests.recipes.everything import EVERYTHING

ROOT = read_recipe(EVERYTHING).procedure


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("Weigh salt", ["Weigh/Weigh all/Weigh salt"]),
        ("Weigh all/Weigh salt", ["Weigh/Weigh all/Weigh salt"]),
        ("Weigh/Weigh all/Weigh salt", ["Weigh/Weigh all/Weigh salt"]),
        ("Inertise", ["parallel 1/Box/Inertise", "parallel 1/Other box/Inertise"]),
        ("Box/Inertise", ["parallel 1/Box/Inertise"]),
        ("Too hot", ["Mill until clean/Mill/Too hot"]),
        ("salt", []),
        ("", [""]),
    ],
)
def test_a_name_means_every_element_whose_path_ends_in_it(name: str, paths: list[str]) -> None:
    assert [found.path for found in named(ROOT, name)] == paths


def test_a_report_asks_phases_a_result_gates_and_an_answer_prompts() -> None:
    assert [step.path for step in asked(ROOT, ReferenceKind.REPORT, "INERTISE")] == [
        "parallel 1/Box/Inertise/INERTISE",
        "parallel 1/Other box/Inertise/INERTISE",
    ]
    assert asked(ROOT, ReferenceKind.REPORT, "QC") == ()
    assert [step.name for step in asked(ROOT, ReferenceKind.RESULT, "QC")] == ["QC"]
    assert [step.name for step in asked(ROOT, ReferenceKind.ANSWER, "Which route")] == ["Which route"]
