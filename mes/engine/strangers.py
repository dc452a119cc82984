"""Notice phase executions that run in a PLC and that no batch of this cell knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from mes.model.equipment import ProcessCell
from mes.model.events import Alarm
from mes.model.execution import BatchState
from mes.model.phase import PhaseStatus
from mes.model.states import FINAL, ProceduralState

_AT_REST = FINAL | {ProceduralState.IDLE, ProceduralState.RESETTING}


@dataclass(slots=True)
class StrangerWatch:
    """Tells of each unknown execution once. Its unit is not ours: no batch starts a phase there while it runs."""

    _told: set[tuple[str, int]] = field(default_factory=set)

    def look(
        self,
        equipment: ProcessCell,
        batches: Mapping[str, BatchState],
        status: Callable[[str, str], PhaseStatus],
    ) -> tuple[Alarm, ...]:
        """Give an alarm for every execution seen for the first time that runs for none of the open batches."""
        known = {0, *(execution.exec_id for state in batches.values() for execution in state.executions.values())}
        slots = {phase.slot: phase for phase in equipment.phases.values()}
        alarms = []
        for slot, phase in slots.items():
            shown = status(phase.plc, slot)
            stranger = shown.fresh and shown.state not in _AT_REST and shown.active_exec not in known
            if stranger and (slot, shown.active_exec) not in self._told:
                self._told.add((slot, shown.active_exec))
                text = (
                    f"{slot} of {phase.unit} is {shown.state} with execution {shown.active_exec}, which belongs to no "
                    "open batch: the unit is not ours until it is at rest; end it at the PLC if nobody needs it"
                )
                alarms.append(Alarm(path="", source=slot, text=text))
        return tuple(alarms)
