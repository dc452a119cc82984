"""Cutting a byte stream into Modbus TCP requests, however it is cut into pieces."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plc_sim.modbus.framing import FramingError, Request, RequestCutter, framed

requests = st.builds(
    Request,
    st.integers(0, 0xFFFF),
    st.integers(0, 255),
    st.binary(min_size=1, max_size=253),
)


def taken(cutter: RequestCutter) -> list[Request]:
    found = []
    while (request := cutter.take()) is not None:
        found.append(request)
    return found


@given(st.lists(requests, min_size=1, max_size=6), st.data())
def test_any_cutting_of_a_stream_gives_the_same_requests(sent: list[Request], data: st.DataObject) -> None:
    stream = b"".join(framed(request, request.pdu) for request in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    cutter, found = RequestCutter(), []
    for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        cutter.feed(stream[begin:end])
        found += taken(cutter)
    assert found == sent
    assert cutter.waiting == 0


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_no_bytes_give_more_than_they_are(pieces: list[bytes]) -> None:
    cutter, consumed = RequestCutter(), 0
    try:
        for piece in pieces:
            cutter.feed(piece)
            consumed += sum(7 + len(request.pdu) for request in taken(cutter))
    except FramingError:
        return
    assert consumed + cutter.waiting == sum(map(len, pieces))


@pytest.mark.parametrize(("protocol", "length"), [(1, 6), (0xFFFF, 6), (0, 0), (0, 1), (0, 255), (0, 0xFFFF)])
def test_a_header_that_cannot_be_true_is_a_framing_error(protocol: int, length: int) -> None:
    cutter = RequestCutter()
    cutter.feed(struct.pack(">HHHB", 1, protocol, length, 1))
    with pytest.raises(FramingError, match=f"protocol {protocol}, length {length}"):
        cutter.take()


def test_the_longest_and_the_shortest_request_are_taken() -> None:
    cutter = RequestCutter()
    sent = [Request(1, 1, b"\x2b"), Request(2, 1, bytes(253))]
    cutter.feed(b"".join(framed(request, request.pdu) for request in sent))
    assert taken(cutter) == sent


def test_an_answer_carries_transaction_and_unit_id_of_its_request() -> None:
    assert framed(Request(0x1234, 9, b"\x03\x00\x00\x00\x01"), b"\x83\x02").hex(" ") == "12 34 00 00 00 03 09 83 02"
