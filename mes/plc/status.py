"""From the tags of a status block to the status of a phase in the words of the model."""

from __future__ import annotations

from collections.abc import Mapping

from mes.model.phase import PLC_STATE, PhaseCommand, PhaseStatus
from mes.model.reading import Reading
from mes.model.states import ProceduralState
from mes.plc.port import PlcError
from mes.plc.tagmap import Slot

STATUS_32 = ("ActExec", "LastExec")
STATUS_16 = (
    "State",
    "StateChg",
    "AckSeq",
    "AckRes",
    "CmdEn",
    "Mode",
    "Interlock",
    "Step",
    "FailCode",
    "Wqc",
    "ProcAct",
    "StatusEnd",
)
MODE_AUTO, MODE_SOURCE_MES = 0, 3
QUALITY_GOOD = 0xFF


def status_tags(slot: Slot) -> tuple[str, ...]:
    """Give the tags of a slot's status, the 32-bit ones first.

    A PLC may hold them apart, so they are read apart, and the state comes last: where `StateChg` is the same before and
    after, all that was read between belongs to one state.
    """
    return tuple(slot.tag(field) for field in (*STATUS_32, *STATUS_16))


def good_number(readings: Mapping[str, Reading], tag: str) -> int:
    """Give the value of a tag that must be there and good; raises `PlcError` with the reason."""
    reading = readings.get(tag)
    if reading is None:
        raise PlcError(f"{tag} has not been read yet")
    if not reading.is_good or reading.value is None:
        raise PlcError(f"{tag} cannot be used: {reading.why or reading.quality}")
    return int(reading.value)


def unknown(why: str) -> PhaseStatus:
    """Give the status of a slot of which nothing is known."""
    return PhaseStatus(state=ProceduralState.IDLE, automatic=False, source_mes=False, fresh=False, why=why)


def phase_status(slot: Slot, readings: Mapping[str, Reading]) -> PhaseStatus:
    """Make the status of a slot; `fresh` is False with the reason when a tag is bad or the state is no known one."""
    try:
        value = {field: good_number(readings, slot.tag(field)) for field in (*STATUS_32, *STATUS_16)}
    except PlcError as error:
        return unknown(str(error))
    state = PLC_STATE.get(value["State"])
    if state is None:
        return unknown(f"{slot.tag('State')} = {value['State']} is no state of MES-Phase version 1")
    step = slot.steps.get((value["ProcAct"], value["Step"]))
    failure = slot.failures.get(value["FailCode"])
    return PhaseStatus(
        state=state,
        state_changes=value["StateChg"],
        ack_seq=value["AckSeq"],
        ack_result=value["AckRes"],
        commands_enabled=frozenset(one for one in PhaseCommand if value["CmdEn"] >> one & 1),
        automatic=bool(value["Mode"] >> MODE_AUTO & 1),
        source_mes=bool(value["Mode"] >> MODE_SOURCE_MES & 1),
        interlocks=_interlocks(slot, value["Interlock"]),
        step=value["Step"],
        step_name=step.name if step else "",
        fail_code=value["FailCode"],
        failure=failure.name if failure else f"FAILURE_{value['FailCode']}" if value["FailCode"] else "",
        quality_good=value["Wqc"] == QUALITY_GOOD,
        phase_number=value["ProcAct"],
        active_exec=value["ActExec"],
        last_exec=value["LastExec"],
    )


def _interlocks(slot: Slot, word: int) -> tuple[str, ...]:
    bits = [bit for bit in range(16) if word >> bit & 1]
    return tuple(slot.interlocks[bit].name if bit in slot.interlocks else f"INTERLOCK_BIT_{bit}" for bit in bits)
