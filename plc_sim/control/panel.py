"""The panel at the machine: its mode switch, its buttons, and the reset of interlocks."""

from __future__ import annotations

from collections.abc import Mapping

from plc_sim.cell import Cell
from plc_sim.faults.catalogue import nearest
from plc_sim.judge import Ack, CommandBlock
from plc_sim.phase_logic import PhaseSlot, SlotMode
from plc_sim.scan import SimulatedPlc
from plc_sim.states import COMMANDED, PhaseCommand
from plc_sim.tagmap import PARAMETERS_MAX, PhaseClass, Slot

MODES = {"automatic": SlotMode.AUTOMATIC, "local": SlotMode.LOCAL, "off": SlotMode.OFF}
COMMANDS = {command.name.lower(): command for command in PhaseCommand}
MODE_NAMES = {mode: name for name, mode in MODES.items()}


class Panel:
    """What an operator does at the machines of a cell.

    Every method raises LookupError for a slot, unit or name that is not there, and ValueError for what cannot be done
    now; both say what can be.
    """

    def __init__(self, cell: Cell) -> None:
        self._cell = cell

    def switch(self, slot_name: str, mode: str) -> PhaseSlot:
        """Turn the mode switch of a slot to automatic, local or off; nothing starts or ends by that."""
        slot = self._slot(slot_name)
        if mode not in MODES:
            raise LookupError(f"there is no mode {mode!r}{nearest(mode, MODES)}")
        slot.mode = MODES[mode]
        return slot

    def press(
        self, slot_name: str, command: str, phase: str = "", parameters: Mapping[str, float] | None = None
    ) -> PhaseSlot:
        """Give a slot in local mode a command; a start names its phase, parameters not given have their defaults."""
        slot = self._slot(slot_name)
        if slot.mode is not SlotMode.LOCAL:
            raise ValueError(f"slot {slot_name} is in {MODE_NAMES[slot.mode]}: switch it to local first")
        if command not in COMMANDS:
            raise LookupError(f"there is no command {command!r}{nearest(command, COMMANDS)}")
        number, values = self._asked(slot, COMMANDS[command], phase, parameters or {})
        block = CommandBlock(
            command=COMMANDS[command],
            boot_id=0,
            epoch_low=0,
            phase_number=number,
            epoch=0,
            exec_id=0,
            parameters=values,
        )
        ack = slot.operate(block)
        if ack is not Ack.ACCEPTED:
            raise ValueError(f"slot {slot_name} does not {command}: {_why(slot, ack)}")
        return slot

    def reset(self, unit_name: str, interlock: str, *, key: bool) -> None:
        """Reset a latched interlock of a unit with the button, or with the key."""
        for plc in self._cell.plcs.values():
            if unit_name in plc.units:
                plc.units[unit_name].reset(interlock, key=key)
                return
        known = [name for plc in self._cell.plcs.values() for name in plc.units]
        raise LookupError(f"there is no unit {unit_name!r}{nearest(unit_name, known)}")

    def _slot(self, name: str) -> PhaseSlot:
        for plc in self._cell.plcs.values():
            if name in plc.slots:
                _refuse_without_power(plc)
                return plc.slots[name]
        known = [slot for plc in self._cell.plcs.values() for slot in plc.slots]
        raise LookupError(f"there is no slot {name!r}{nearest(name, known)}")

    def _asked(
        self, slot: PhaseSlot, command: PhaseCommand, phase_name: str, given: Mapping[str, float]
    ) -> tuple[int, tuple[float, ...]]:
        if command not in (PhaseCommand.START, PhaseCommand.UPDATE):
            return 0, (0.0,) * PARAMETERS_MAX
        phase = (
            slot.phase if command is PhaseCommand.UPDATE and slot.phase is not None else _phase(slot.slot, phase_name)
        )
        known = {parameter.name: parameter.default for parameter in phase.parameters}
        for name in given:
            if name not in known:
                raise LookupError(f"phase {phase.name} has no parameter {name!r}{nearest(name, known)}")
        values = tuple((known | dict(given)).values())
        return phase.number, values + (0.0,) * (PARAMETERS_MAX - len(values))


def _phase(slot: Slot, name: str) -> PhaseClass:
    for phase in slot.phases.values():
        if phase.name == name:
            return phase
    known = [phase.name for phase in slot.phases.values()]
    raise LookupError(f"slot {slot.name} has no phase {name!r}{nearest(name, known)}")


def _refuse_without_power(plc: SimulatedPlc) -> None:
    if not plc.powered:
        raise ValueError(f"PLC {plc.tag_map.name} does not run")


def _why(slot: PhaseSlot, ack: Ack) -> str:
    if ack is Ack.INTERLOCK_OR_MODE:
        return f"interlock {', '.join(slot.interlocks)}"
    if ack is Ack.NOT_IN_THIS_STATE:
        possible = ", ".join(command.name.lower() for command in COMMANDED[slot.state]) or "nothing"
        return f"it is {slot.state.name.lower()}; possible now: {possible}"
    return "a parameter is out of its limits, or they make no sense together"
