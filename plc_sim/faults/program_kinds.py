"""Faults of a PLC and its program by name."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.faults.kinds import End, FaultKind, Seat, Target
from plc_sim.phase_logic import SlotMode

OTHER_PROGRAM = 0x5A5A5A5A


def _restart(seat: Seat, values: Mapping[str, float]) -> End:
    seat.plc.power_off()
    return seat.plc.power_on


def _power_cut(seat: Seat, values: Mapping[str, float]) -> End:
    plc = seat.plc
    plc.cut_link()
    plc.power_off()

    def end() -> None:
        plc.power_on()
        plc.mend_link()

    return end


def _freeze_heartbeat(seat: Seat, values: Mapping[str, float]) -> End:
    header = seat.plc.header
    header.frozen = True

    def end() -> None:
        header.frozen = False

    return end


def _change_program(seat: Seat, values: Mapping[str, float]) -> End:
    header = seat.plc.header
    header.program_id ^= OTHER_PROGRAM

    def end() -> None:
        header.program_id ^= OTHER_PROGRAM

    return end


def _take_over(seat: Seat, values: Mapping[str, float]) -> End:
    plc, name = seat.plc, seat.name
    plc.slots[name].mode = SlotMode.LOCAL

    def end() -> None:
        # By its name: a restart of the PLC has made another slot of it.
        plc.slots[name].mode = SlotMode.AUTOMATIC

    return end


PROGRAM_KINDS = (
    FaultKind(
        name="plc-restart",
        target=Target.PLC,
        says="The PLC starts anew at once: phases are lost, drives and heaters off, retained values kept.",
        effect="Connections are closed for two scans; then BootId is new, State 4, ActExec 0, LastExec kept, AckRes 9.",
        act=_restart,
        momentary=True,
    ),
    FaultKind(
        name="plc-stop",
        target=Target.PLC,
        says="Somebody turns the PLC to STOP: its program stands, drives and heaters go off, the link answers on.",
        effect="Every tag stands at its last value, PlcHb too; in the end as after plc-restart.",
        act=_restart,
    ),
    FaultKind(
        name="power-cut",
        target=Target.PLC,
        says="The PLC and the drives and heaters it switches have no power; then it starts anew.",
        effect="Connections are closed, new ones too; in the end as after plc-restart, and what was hot has cooled.",
        act=_power_cut,
    ),
    FaultKind(
        name="frozen-heartbeat",
        target=Target.PLC,
        says="The counter that shows that the PLC lives stands still, though all else goes on.",
        effect="PlcHb stands; every other tag moves.",
        act=_freeze_heartbeat,
    ),
    FaultKind(
        name="program-changed",
        target=Target.PLC,
        says="Another program was loaded while the PLC runs; with a restart it takes plc-restart at the same time.",
        effect="ProgramId shows another number; when it ends, the one before.",
        act=_change_program,
    ),
    FaultKind(
        name="local-takeover",
        target=Target.SLOT,
        says="An operator switches the slot to local; in the end back to automatic, which restarts nothing.",
        effect="Mode shows 2 (local) instead of 9, CmdEn is 0, commands of the MES are refused with AckRes 8.",
        act=_take_over,
    ),
)
