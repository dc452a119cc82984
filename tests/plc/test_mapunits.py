"""What a tag map says about its units: how many batches share one, and what it can be chosen by."""

from __future__ import annotations

from decimal import Decimal

import pytest

from mes.model.equipment import Unit
from mes.model.quantity import Quantity
from mes.plc.tagfile import parse_map
from mes.plc.tagmap import TagMapError
from tests.plc.test_tagfile import OVEN, TEXT

HEADER = 'name = "OV-1"\nclass = "OVEN"\ntitle = { en = "Oven", zh = "烘箱" }\n'


def oven(more: str) -> Unit:
    text = TEXT.replace(HEADER, HEADER + more)
    assert text != TEXT or not more
    return parse_map(text, OVEN).units["OV-1"]


def test_a_unit_has_one_user_and_no_properties_unless_its_map_says_so() -> None:
    assert (oven("").users, dict(oven("").properties)) == (1, {})


@pytest.mark.parametrize(
    "written",
    ['users = 2\n\n[unit.properties]\nvolume = "30 L"\n', 'users = 2\nproperties = { volume = "30 L" }\n'],
)
def test_users_and_properties_are_read_in_both_ways_of_writing_them(written: str) -> None:
    assert oven(written).users == 2
    assert oven(written).properties == {"volume": Quantity(Decimal(30), "L")}


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("users = 0\n", r":\d+: \[\[unit\]\] OV-1: users = 0 must be a whole number 1\.\.100"),
        ("users = true\n", "users = True must be a whole number"),
        ("user = 2\n", 'unknown key "user" - did you mean "users"'),
        ("properties = 3\n", "properties = 3 must be a table"),
        ('properties = { volume = "30 lites" }\n', "property volume = .30 lites.: .*lites"),
        ("properties = { volume = 30 }\n", "volume = 30 must be a text"),
        ('properties = { Volume = "30 L" }\n', "property 'Volume' does not fit the pattern"),
    ],
)
def test_wrong_users_and_properties_are_refused_with_the_unit(written: str, told: str) -> None:
    with pytest.raises(TagMapError, match=told):
        oven(written)
