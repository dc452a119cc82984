"""What each Modbus function does to the tag image, and which exception answers what it cannot do."""

from __future__ import annotations

import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.codec import WordOrder
from plc_sim.link import LinkConditions
from plc_sim.modbus.functions import ModbusDevice
from tests.plc_sim.heater import Plant, new_plant

FUNCTIONS = {1, 2, 3, 4, 5, 6, 15, 16, 22, 23, 43}
EXEC_ID = 1102


class Asked:
    """One PLC and its Modbus device, without a socket."""

    def __init__(self) -> None:
        self.plant: Plant = new_plant()
        self.conditions = LinkConditions()
        self.device = ModbusDevice(self.plant.plc.tag_map, self.plant.plc.image, self.conditions)

    def ask(self, pdu: str, unit_id: int = 1) -> str:
        return self.device.reply(unit_id, bytes.fromhex(pdu)).hex(" ")

    def value(self, name: str) -> float:
        return self.plant.plc.image.value(name)


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.mark.parametrize(
    ("before", "request_pdu", "reply_pdu", "after"),
    [
        (0x8005, "01 00 50 00 10", "01 02 05 80", 0x8005),
        (0x8005, "01 00 52 00 05", "01 01 01", 0x8005),
        (0x0000, "02 00 10 00 0d", "02 02 67 12", 0x0000),
        (0x002A, "03 00 04 00 03", "03 06 00 00 00 2a 00 00", 0x002A),
        (0x002A, "04 00 05 00 01", "04 02 00 2a", 0x002A),
        (0x0001, "05 00 51 ff 00", "05 00 51 ff 00", 0x0003),
        (0x0003, "05 00 51 00 00", "05 00 51 00 00", 0x0001),
        (0x0000, "06 00 05 00 2a", "06 00 05 00 2a", 0x002A),
        (0xFC00, "0f 00 50 00 0a 02 cd 01", "0f 00 50 00 0a", 0xFDCD),
        (0x0000, "0f 00 50 00 0a 02 cd ff", "0f 00 50 00 0a", 0x03CD),
        (0x0000, "10 00 05 00 02 04 00 0a 01 02", "10 00 05 00 02", 0x000A),
        (0x0012, "16 00 05 00 f2 00 25", "16 00 05 00 f2 00 25", 0x0017),
        (0x0000, "17 00 04 00 03 00 05 00 02 04 00 2a 00 03", "17 06 00 00 00 2a 00 03", 0x002A),
        (0x0001, "2b 0e 04 01", "2b 0e 04 83 00 00 01 01 02 48 54", 0x0001),
    ],
)
def test_every_function_has_its_golden_bytes(
    asked: Asked, before: int, request_pdu: str, reply_pdu: str, after: int
) -> None:
    asked.plant.plc.image.write("HT.MesHb", before)
    assert asked.ask(request_pdu) == reply_pdu
    assert asked.value("HT.MesHb") == after


@pytest.mark.parametrize("function", sorted(set(range(1, 128)) - FUNCTIONS))
def test_a_function_the_plc_does_not_have_is_exception_1(asked: Asked, function: int) -> None:
    assert asked.device.reply(1, struct.pack(">BHH", function, 0, 1)) == bytes((function | 0x80, 1))


@pytest.mark.parametrize(
    "pdu",
    [
        "01 00 6f 00 02",  # from MesTmo into a gap
        "01 00 40 00 01",  # CommOk, written by the PLC, is no coil
        "01 44 c0 00 01",  # past the last register with bits
        "02 00 70 00 01",
        "02 ff ff 00 01",
        "02 ff ff 07 d0",
        "05 00 10 ff 00",
        "0f 00 4f 00 02 01 03",  # from CommOk into MesHb
        "16 00 00 ff ff 00 00",
        "16 00 07 ff ff 00 00",
        "17 00 00 00 01 00 04 00 02 04 00 01 00 01",
        "17 00 06 00 02 00 05 00 01 02 00 01",
    ],
)
def test_an_address_the_function_cannot_reach_is_exception_2(asked: Asked, pdu: str) -> None:
    assert asked.ask(pdu) == f"{int(pdu[:2], 16) | 0x80:02x} 02"
    assert asked.value("HT.MesHb") == 0


@pytest.mark.parametrize(
    "pdu",
    [
        "01 00 50 00 00",
        "01 00 50 07 d1",
        "02 00 00 00 00",
        "02 00 00 07 d1",
        "05 00 50 00 01",
        "05 00 50 ff",
        "05 00 50 ff 01",
        "0f 00 50 00 00 00",
        "0f 00 50 07 b1 f7" + " 00" * 247,
        "0f 00 50 00 08 02 ff ff",
        "0f 00 50 00 09 02 ff",
        "16 00 05 00 f2 00",
        "16 00 05 00 f2 00 25 00",
        "17 00 04 00 00 00 05 00 01 02 00 01",
        "17 00 04 00 7e 00 05 00 01 02 00 01",
        "17 00 04 00 01 00 05 00 00 00",
        "17 00 00 00 01 00 05 00 7a f4" + " 00" * 244,
        "17 00 04 00 01 00 05 00 01 01 00",
        "17 00 04 00 01 00 05 00 01",
        "2b 0e 07 00",
    ],
)
def test_a_request_whose_parts_do_not_agree_is_exception_3(asked: Asked, pdu: str) -> None:
    assert asked.ask(pdu) == f"{int(pdu[:2], 16) | 0x80:02x} 03"
    assert asked.value("HT.MesHb") == 0


def test_the_largest_quantities_are_a_matter_of_the_address_only(asked: Asked) -> None:
    for pdu in ("01 00 50 07 d0", "0f 00 50 07 b0 f6" + " 00" * 246, "17 00 00 00 7d 00 05 00 79 f2" + " 00" * 242):
        assert asked.ask(pdu) == f"{int(pdu[:2], 16) | 0x80:02x} 02"


@pytest.mark.parametrize(("unit_id", "code"), [(2, 11), (247, 11), (248, 10), (254, 10)])
def test_a_unit_id_behind_the_gateway_answers_as_a_gateway_does(asked: Asked, unit_id: int, code: int) -> None:
    assert asked.ask("06 00 05 00 01", unit_id) == f"86 {code:02x}"
    assert asked.value("HT.MesHb") == 0


@pytest.mark.parametrize("unit_id", [0, 1, 255])
def test_the_unit_ids_of_the_device_itself_reach_it(asked: Asked, unit_id: int) -> None:
    assert asked.ask("03 00 01 00 01", unit_id) == "03 02 12 67"


@pytest.mark.parametrize("code", [1, 2, 3, 4, 6, 8, 10, 11])
def test_a_busy_code_answers_every_request_and_nothing_is_done(asked: Asked, code: int) -> None:
    asked.conditions.busy_code = code
    assert asked.ask("06 00 05 00 01") == f"86 {code:02x}"
    assert asked.ask("03 00 00 00 01") == f"83 {code:02x}"
    asked.conditions.busy_code = 0
    assert asked.ask("03 00 05 00 01") == "03 02 00 00"


def test_an_acknowledged_request_is_carried_out_unless_it_is_refused(asked: Asked) -> None:
    asked.conditions.busy_code = 5
    assert asked.ask("06 00 05 00 01") == "86 05"
    assert asked.ask("06 00 07 00 01") == "86 02"
    assert asked.value("HT.MesHb") == 1


@pytest.mark.parametrize(
    ("pdu", "reply"),
    [
        ("05 00 50 ff 00", "05 00 50 ff 00"),
        ("06 00 05 00 01", "06 00 05 00 01"),
        ("0f 00 50 00 01 01 01", "0f 00 50 00 01"),
        ("10 00 05 00 01 02 00 01", "10 00 05 00 01"),
        ("16 00 05 00 00 00 01", "16 00 05 00 00 00 01"),
        ("17 00 05 00 01 00 05 00 01 02 00 01", "17 02 00 00"),
    ],
)
def test_an_ignored_write_is_answered_as_good_and_changes_nothing(asked: Asked, pdu: str, reply: str) -> None:
    asked.conditions.ignore_writes = True
    assert asked.ask(pdu) == reply
    assert asked.value("HT.MesHb") == 0
    assert asked.ask("06 00 07 00 01") == "86 02"


def test_swapped_words_go_out_and_come_in_the_wrong_way_round(asked: Asked) -> None:
    asked.conditions.swap_words = True
    assert asked.ask("03 00 10 00 02") == "03 04 56 78 12 34"
    asked.ask("10 04 4e 00 02 04 00 01 00 07")
    assert asked.plant.read("ExecId") == 0x0007_0001
    assert asked.ask("03 00 01 00 01") == "03 02 12 67"
    asked.conditions.swap_words = False
    assert asked.ask("03 04 4e 00 02") == "03 04 00 07 00 01"


def test_a_device_with_the_low_word_first_is_told_so_by_its_map(asked: Asked) -> None:
    tag_map = replace(asked.plant.plc.tag_map, word_order=WordOrder.LITTLE, device_id=9)
    device = ModbusDevice(tag_map, asked.plant.plc.image, LinkConditions())
    assert device.reply(9, bytes.fromhex("03 00 10 00 02")).hex(" ") == "03 04 56 78 12 34"
    assert device.reply(1, bytes.fromhex("03 00 10 00 02")).hex(" ") == "83 0b"


known = st.sampled_from(sorted(FUNCTIONS)).flatmap(
    lambda function: st.binary(max_size=252).map(lambda rest: bytes((function,)) + rest)
)


@given(st.lists(st.one_of(st.binary(min_size=1, max_size=253), known), min_size=1, max_size=8))
def test_no_pdu_breaks_the_device(pdus: list[bytes]) -> None:
    device = DEVICE.device
    for pdu in pdus:
        reply = device.reply(1, pdu)
        assert len(reply) <= 253
        assert reply[0] & 0x7F == pdu[0] & 0x7F
        assert len(reply) > 2 or reply[0] & 0x80


DEVICE = Asked()
"""Shared by the runs of one law: building a PLC costs more than asking it."""
