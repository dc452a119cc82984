"""An element is found by its path, or by an end of it that only one has."""

from __future__ import annotations

import pytest

from mes.elements import the_path
from mes.model.states import CommandRefused

PATHS = ("", "Mill", "Mill/Mill", "Mill/Mill/MILL", "Mill/Mill/Look", "Anneal/Anneal/Look", "Anneal")


@pytest.mark.parametrize(
    ("called", "path"),
    [
        ("Mill/Mill/MILL", "Mill/Mill/MILL"),
        ("MILL", "Mill/Mill/MILL"),
        ("Mill/MILL", "Mill/Mill/MILL"),
        ("/Anneal/", "Anneal"),
        ("Mill", "Mill"),
        ("Anneal/Look", "Anneal/Anneal/Look"),
        (" ", ""),
    ],
)
def test_an_element_is_found_by_its_path_or_a_unique_end(called: str, path: str) -> None:
    assert the_path(PATHS, called) == path


@pytest.mark.parametrize(
    ("called", "words"),
    [
        ("Look", "can mean 'Mill/Mill/Look' or 'Anneal/Anneal/Look'; write more of the path"),
        ("mill/mill/mill", "did you mean 'Mill/Mill/MILL'"),
        ("Anneel", "did you mean 'Anneal'?"),
        ("Mill/Mill/Lok", "'Mill/Mill/Look'"),
        ("ill", "nothing in the procedure is called 'ill'"),
        ("xyzzy", "`mes batch show` lists its elements"),
    ],
)
def test_another_name_is_refused_with_what_it_could_mean(called: str, words: str) -> None:
    with pytest.raises(CommandRefused) as refused:
        the_path(PATHS, called)
    assert words in str(refused.value)
