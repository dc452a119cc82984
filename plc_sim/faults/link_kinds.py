"""Faults of the link between a PLC and its clients, by name; they set what the protocol servers obey."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.faults.kinds import End, FaultKind, FaultParameter, Seat, Target

MODBUS_EXCEPTIONS = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 11.0)


def _cut(seat: Seat, values: Mapping[str, float]) -> End:
    seat.plc.cut_link()
    return seat.plc.mend_link


def _half_open(seat: Seat, values: Mapping[str, float]) -> End:
    conditions = seat.plc.conditions
    conditions.frozen = True

    def end() -> None:
        conditions.frozen = False

    return end


def _slow(seat: Seat, values: Mapping[str, float]) -> End:
    conditions = seat.plc.conditions
    conditions.delay_s = values["delay"]

    def end() -> None:
        conditions.delay_s = 0.0

    return end


def _busy(seat: Seat, values: Mapping[str, float]) -> End:
    conditions = seat.plc.conditions
    conditions.busy_code = int(values["code"])

    def end() -> None:
        conditions.busy_code = 0

    return end


def _ignore_writes(seat: Seat, values: Mapping[str, float]) -> End:
    conditions = seat.plc.conditions
    conditions.ignore_writes = True

    def end() -> None:
        conditions.ignore_writes = False

    return end


def _swap_words(seat: Seat, values: Mapping[str, float]) -> End:
    conditions = seat.plc.conditions
    conditions.swap_words = True

    def end() -> None:
        conditions.swap_words = False

    return end


LINK_KINDS = (
    FaultKind(
        name="link-down",
        target=Target.PLC,
        says="The network cable is out.",
        effect="Every connection is closed, new ones are closed as they come; the PLC and its phases go on.",
        act=_cut,
    ),
    FaultKind(
        name="half-open",
        target=Target.PLC,
        says="The communication module hangs: connections stay, nobody answers.",
        effect="Requests are taken and not answered; when it ends, the answers come.",
        act=_half_open,
    ),
    FaultKind(
        name="slow-answers",
        target=Target.PLC,
        says="The PLC answers late.",
        effect="Every answer comes later by the delay.",
        parameters=(
            FaultParameter(
                name="delay", unit="s", low=0.0, high=60.0, default=2.0, says="how much later, wall time at any speed"
            ),
        ),
        act=_slow,
    ),
    FaultKind(
        name="busy",
        target=Target.PLC,
        says="The PLC refuses every request.",
        effect="Modbus: every request is answered with the exception code; OPC UA: with a bad status.",
        parameters=(
            FaultParameter(
                name="code",
                unit="-",
                low=1.0,
                high=11.0,
                default=6.0,
                says="Modbus exception code, 6: server device busy",
                only=MODBUS_EXCEPTIONS,
            ),
        ),
        act=_busy,
    ),
    FaultKind(
        name="write-ignored",
        target=Target.PLC,
        says="Writes are confirmed and lost.",
        effect="A write is answered as good and changes no tag; MesHbEcho stands and no command is acknowledged.",
        act=_ignore_writes,
    ),
    FaultKind(
        name="wrong-word-order",
        target=Target.PLC,
        says="After a change of its settings the device sends 32-bit values with their words swapped. Modbus only.",
        effect="UDINT and REAL tags read as another number, and written ones are taken that way; UINT tags are right.",
        act=_swap_words,
    ),
)
