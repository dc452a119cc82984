"""One fault as asked for: read from a line or from keys, and every mistake told with the nearest right thing."""

from __future__ import annotations

import re

import pytest

from plc_sim.faults.catalogue import CATALOGUE
from plc_sim.faults.kinds import Target
from plc_sim.faults.order import RESERVED, order_from, order_from_line


def test_a_line_names_fault_target_times_and_parameters() -> None:
    order = order_from_line("spike FU-301.TZ1 at=10min for=1.5h size=-40 every=2min")
    assert (order.kind.name, order.target) == ("spike", "FU-301.TZ1")
    assert (order.at_s, order.for_s) == (600.0, 5400.0)
    assert order.values == {"size": -40.0, "every": 120.0}


def test_what_is_not_given_has_its_default() -> None:
    order = order_from_line("slow-answers SY")
    assert (order.at_s, order.for_s, order.values) == (None, None, {"delay": 2.0})


def test_a_fault_of_the_site_needs_no_target() -> None:
    assert order_from_line("argon-loss").target == "AR-003"
    assert order_from_line("argon-loss AR-003 pressure=3bar").values == {"pressure": 3.0}


@pytest.mark.parametrize("at", [600, 600.0, "600", "600s", "600 s", "10min", "10 min"])
def test_a_time_is_a_number_of_seconds_or_has_its_unit(at: object) -> None:
    assert order_from({"name": "link-down", "target": "SY", "at": at}).at_s == 600.0


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("", "'' must name a fault and what it strikes"),
        ("link-down SY FM", "must name a fault and what it strikes, such as"),
        ('link-down "SY', "cannot be read (No closing quotation)"),
        ("link-dwon SY", "there is no fault 'link-dwon'; did you mean link-down?"),
        ("zebra SY", "there is no fault 'zebra'; --list-faults lists them all"),
        ("link-down", "link-down needs a target: the name of a PLC"),
        ("drift", "drift needs a target: the name of a tag"),
        ("link-down SY at=soon", "link-down: at = 'soon' must be a time, such as 600, 600s, 10min or 2h"),
        ("link-down SY at=5d", "link-down: at = '5d' must be a time"),
        ("link-down SY at=1e", "link-down: at = '1e' must be a time"),
        ("link-down SY at=1e999", "link-down: at = '1e999' must be a time"),
        ("link-down SY for=0", "link-down: for = 0 must be longer"),
        ("link-down SY for=-5s", "link-down: for = '-5s' must be a time"),
        ("link-down SY for=5s for=6s", "for is given twice"),
        ("link-down SY form=5s", "link-down has no parameter 'form'; did you mean for?"),
        ("drift FU-301.TZ1 rat=5", "drift has no parameter 'rat'; did you mean rate?"),
        ("drift FU-301.TZ1 rate=fast", "drift: rate = 'fast' must be a number, in unit of the tag per process hour"),
        ("drift FU-301.TZ1 rate=nan", "drift: rate = 'nan' must be a number"),
        ("argon-loss pressure=9", "argon-loss: pressure = '9' must be 0 to 8 bar"),
        ("busy SY code=7", "busy: code = '7' must be one of 1, 2, 3, 4, 5, 6, 8, 10, 11"),
        ("heater-failure FU-301 zone=1.5", "heater-failure: zone = '1.5' must be one of 1, 2, 3"),
        ("plc-restart SY for=60s", "plc-restart is over as soon as it began; take plc-stop or power-cut"),
    ],
)
def test_a_mistake_in_a_line_is_told(line: str, told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        order_from_line(line)


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({}, "a fault needs its name"),
        ({"fault": "link-down"}, 'a fault needs its name, such as name = "link-down"; it has fault'),
        ({"name": 3}, "a fault needs its name"),
        ({"name": "link-down", "target": 3}, "link-down: target = 3 must be a name"),
        ({"name": "link-down", "target": "SY", "at": True}, "link-down: at = True must be a time"),
        ({"name": "link-down", "target": "SY", "at": [1]}, "link-down: at = [1] must be a time"),
        ({"name": "busy", "target": "SY", "code": True}, "busy: code = True must be a number"),
        ({"name": "busy", "target": "SY", "code": None}, "busy: code = None must be a number"),
    ],
)
def test_a_mistake_in_an_entry_is_told(entry: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=re.escape(told)):
        order_from(entry)


def test_the_catalogue_is_made_of_words_that_fit_together() -> None:
    for name, kind in CATALOGUE.items():
        assert name == name.lower().replace("_", "-")
        assert kind.says.endswith(".")
        assert kind.effect.endswith(".")
        for parameter in kind.parameters:
            assert parameter.name not in RESERVED
            assert parameter.low <= parameter.default <= parameter.high, f"{name} {parameter.name}"
            assert not parameter.only or parameter.default in parameter.only
        assert bool(kind.units) == (kind.target in (Target.UNIT, Target.SITE))
        assert kind.target is not Target.SITE or len(kind.units) == 1
