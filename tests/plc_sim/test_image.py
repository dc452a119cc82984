"""The tag image: latched inputs, outputs published as a whole."""

from __future__ import annotations

import math

import pytest

from plc_sim.codec import WireType, to_single
from plc_sim.image import TagImage
from plc_sim.tagmap import WireTag


def wire_tag(name: str, wire_type: WireType, writable: bool = False) -> WireTag:
    return WireTag(name=name, wire_type=wire_type, writable=writable, register=0, node=name, folder="A")


@pytest.fixture
def image() -> TagImage:
    return TagImage(
        [
            wire_tag("A.Cmd", WireType.UINT, writable=True),
            wire_tag("A.Sp1", WireType.REAL, writable=True),
            wire_tag("A.State", WireType.UINT),
            wire_tag("A.T", WireType.REAL),
        ]
    )


def test_the_plc_sees_a_write_only_after_the_next_latch(image: TagImage) -> None:
    image.write("A.Cmd", 2)
    assert (image.value("A.Cmd"), image.latched("A.Cmd")) == (2, 0)
    image.latch()
    assert image.latched("A.Cmd") == 2


def test_what_the_plc_writes_no_client_may_write(image: TagImage) -> None:
    with pytest.raises(PermissionError, match=r"A\.State is written by the PLC only"):
        image.write("A.State", 4)


def test_a_watcher_is_told_what_changed_and_only_that(image: TagImage) -> None:
    changed = image.watch()
    image.publish({"A.State": 4, "A.T": 16.4})
    assert changed == {2, 3}
    changed.clear()
    image.publish({"A.State": 4, "A.T": 16.4})
    image.write("A.Cmd", 0)
    assert changed == set()
    image.write("A.Cmd", 1)
    assert changed == {0}


def test_a_reading_has_the_precision_of_the_wire(image: TagImage) -> None:
    image.publish({"A.T": 16.4})
    assert image.value("A.T") == to_single(16.4) != 16.4


def test_a_reading_that_is_no_number_changes_once(image: TagImage) -> None:
    changed = image.watch()
    image.publish({"A.T": math.nan})
    assert changed == {3}
    changed.clear()
    image.publish({"A.T": math.nan})
    assert changed == set()


def test_a_value_that_does_not_fit_names_its_tag(image: TagImage) -> None:
    with pytest.raises(ValueError, match=r"A\.State: 65536 does not fit into a UINT"):
        image.publish({"A.State": 65536})
