"""The people of a simulated plant who carry material: what is scanned in the MES is brought to the simulated unit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from mes.engine.cell import Cell
from mes.engine.scanning import is_scanned, scan_wish, scanned_lot
from mes.lots import Lots
from mes.model.events import Prompt
from mes.model.execution import BatchState
from mes.model.lots import Role
from mes.model.procedure import Group, Order, phases
from mes.model.quantity import Quantity, comparable
from mes.model.states import ProceduralState
from mes.model.steps import AnswerKind, PhaseStep
from mes.simulated.control import PlantControl

S = ProceduralState

_LOOK_S = 0.1
_TIMEOUT_S = 10.0
_COUNTED_IN = ("g", "m")
"""What the simulated plant counts material in: grams, and metres of web."""


class Carrier:
    """Brings every scanned lot to the unit that asked for it, and takes away and labels what a batch has made.

    The simulated plant knows nothing of batches, and the MES nothing of containers: this is the only way between them,
    as it is on a shop floor. Without `takes` what a batch has made stays where it is.
    """

    def __init__(self, control: PlantControl, lots: Lots, cell: Cell, *, takes: bool = True) -> None:
        self._control = control
        self._lots = lots
        self._cell = cell
        self._takes = takes
        self._seen: dict[str, BatchState] = {}
        self._brought: set[tuple[str, str, str]] = set()
        self._delivered: set[str] = set()
        self._cleared: dict[str, asyncio.Event] = {}

    async def run(self) -> None:
        """Carry until cancelled; raises `PlantRefused` when the plant does not take something."""
        while True:
            for batch_no, state in list(self._cell.batches.items()):
                self._seen[batch_no] = state
                await self._bring(state)
            for batch_no in [one for one in self._seen if one not in self._cell.batches]:
                await self._take(self._seen.pop(batch_no))
                self._when_cleared(batch_no).set()
            await asyncio.sleep(_LOOK_S)

    async def inside(self, batch_no: str, label: str) -> set[str]:
        """Give the received lots that the plant itself knows to be in a product of a batch that has ended."""
        async with asyncio.timeout(_TIMEOUT_S):
            await self._when_cleared(batch_no).wait()
        container = await self._control.ask(f"/containers/{label}")
        parts = container["parcel"]["parts"] if container["kind"] == "parcel" else container["parts"]
        return {*parts, *container.get("carrier", {})}

    def _when_cleared(self, batch_no: str) -> asyncio.Event:
        return self._cleared.setdefault(batch_no, asyncio.Event())

    async def _bring(self, state: BatchState) -> None:
        scanned = {name for step in state.tree.phases for name in step.scan}
        for step in state.tree.phases:
            for name in _wanted(step, state, scanned):
                lot = state.lots.get(name)
                if lot is None or not _is_next(step, state):
                    continue
                # Another round, or another charge, is asked for anew and brought its own.
                asking = state.asked.get(scan_wish(step, name), name)
                await self._carry_once(state, step, asking, scanned_lot(state, step, name) or lot.lot_no)

    async def carry(self, state: BatchState, prompt: Prompt, lot_no: str) -> None:
        """Bring a lot to the phase that asks for it before its number is told: some units look for it at once."""
        step = state.tree.elements.get(prompt.path)
        if isinstance(step, PhaseStep) and prompt.answer is AnswerKind.LOT:
            await self._carry_once(state, step, prompt.prompt_id, lot_no)

    async def _carry_once(self, state: BatchState, step: PhaseStep, asking: str, label: str) -> None:
        key = (state.batch_no, step.path, asking)
        if key not in self._brought:
            self._brought.add(key)
            await self._deliver(label)
            await self._control.ask("/bring", {"label": label, "unit": step.unit})

    async def _take(self, last_seen: BatchState) -> None:
        """Label what a batch that has ended made; what was aborted halfway has been set aside by the plant."""
        for step in phases(last_seen.tree.root) if self._takes else ():
            for made in step.produces:
                lot = last_seen.lots.get(made.output)
                if lot is not None and last_seen.control.outputs[made.output].role is not Role.INTERMEDIATE:
                    unit = _outlet(step, last_seen, made.output)
                    await self._control.ask("/take", {"unit": unit, "label": lot.lot_no})

    async def _deliver(self, lot_no: str) -> None:
        """Set a received lot down in the plant's store when it is carried for the first time."""
        row = await self._lots.show(lot_no)
        if row.lot.batch_no is not None or lot_no in self._delivered:
            return
        self._delivered.add(lot_no)
        amount = float(_counted(row.made).value)
        await self._control.ask("/lots", {"lot": lot_no, "material": row.lot.material, "amount": amount})


def _wanted(step: PhaseStep, state: BatchState, scanned: set[str]) -> Iterator[str]:
    """Give the inputs that a phase takes from a container: those scanned for it, and those scanned by a prompt."""
    yield from (name for name in step.scan if is_scanned(state, step, name))
    for taken in step.consumes:
        if taken.input in state.control.inputs and taken.input not in scanned:
            yield taken.input


def _is_next(step: PhaseStep, state: BatchState) -> bool:
    """Say whether it is the turn of a phase: a container brought earlier would stand in the way of the one before."""
    parent = state.tree.elements.get(step.path.rpartition("/")[0])
    if not isinstance(parent, Group) or state.state_of(parent.path) in {S.IDLE, S.COMPLETE}:
        return False
    if parent.order is not Order.SEQUENCE:
        return True
    paths = [child.path for child in parent.children]
    before = paths[: paths.index(step.path)] if step.path in paths else []
    return all(path in state.skipped or state.state_of(path) is S.COMPLETE for path in before)


def _counted(quantity: Quantity) -> Quantity:
    for uom in _COUNTED_IN:
        if comparable(quantity.uom, uom):
            return quantity.to(uom)
    return quantity


def _outlet(step: PhaseStep, state: BatchState, output: str) -> str:
    return f"{step.unit}.SAMPLES" if state.control.outputs[output].role is Role.SAMPLE else step.unit
