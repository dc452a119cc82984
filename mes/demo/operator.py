"""The operator of the demonstration: receives lots, starts batches, scans and confirms what he is asked to."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal

from mes.batches import Batches, BatchView, NewBatch
from mes.engine.cell import Cell
from mes.lots import Lots
from mes.model.events import Prompt
from mes.model.execution import BatchState
from mes.model.lots import Role
from mes.model.quantity import Quantity
from mes.model.states import FINAL, CommandRefused, ProceduralState
from mes.recipes.library import find_recipe
from mes.recipes.need import largest_size
from mes.recipes.reader import read_recipe
from mes.simulated.carrier import Carrier
from mes.simulated.replies import good_reply

BY = "demo operator"
_LOOK_S = 0.1

DELIVERIES: Sequence[tuple[str, str, str, str, str]] = (
    # material, quantity, unit of measure, assay, supplier lot
    ("Li2S", "1000", "g", "0.999", "LS-2611-07"),
    ("P2S5", "1000", "g", "0.99", "PS-0448"),
    ("LiCl", "500", "g", "0.999", "LC-19-332"),
    ("NBR", "500", "g", "1", "NB-77"),
    ("Xylene", "5000", "g", "1", "XY-5120"),
    ("PET carrier film", "1000", "m", "1", "PET-50-0031"),
)


class DemoFailed(Exception):
    """The demonstration did not come to its end; the message says where it stands."""


class BatchEnded(DemoFailed):
    """A batch was stopped or aborted, which is what a person at the page may do."""


class Operator:
    """Works through batches by the public verbs only; what he cannot answer stays open for a person at the page."""

    def __init__(self, batches: Batches, lots: Lots, cell: Cell, carrier: Carrier) -> None:
        self._batches = batches
        self._carrier = carrier
        self._lots = lots
        self._cell = cell

    async def receive_deliveries(self) -> None:
        """Take one delivery of every raw material in."""
        for material, amount, uom, assay, supplier_lot in DELIVERIES:
            await self._lots.receive(
                material,
                Quantity(Decimal(amount), uom),
                by=BY,
                assay=Decimal(assay),
                supplier="Demo Chemicals",
                supplier_lot=supplier_lot,
            )

    async def clear_left_over(self) -> None:
        """Abort what an earlier demonstration left open: its simulated plant is gone."""
        for row in await self._batches.list():
            if row.state is not ProceduralState.IDLE and row.state not in FINAL:
                await self._batches.abort(row.batch_no, by=BY, because="its simulated plant was ended")

    async def synthesis(self) -> NewBatch:
        """Create a batch of electrolyte powder."""
        return await self._batches.create("R1", by=BY)

    async def film(self, powder_lot: str) -> NewBatch:
        """Create a batch of film as long as the powder allows."""
        master = read_recipe(find_recipe("R3", self._batches.recipe_folder))
        powder = await self._lots.show(powder_lot)
        name = next(name for name, needed in master.inputs.items() if needed.material == powder.lot.material)
        size = largest_size(master, {name: powder.lot.quantity})
        return await self._batches.create("R3", by=BY, size=size, lots={name: powder_lot})

    async def run(self, batch: NewBatch) -> BatchView:
        """Start a batch and stay with it until it has ended; raises `BatchEnded` when it did not become complete."""
        if batch.missing:
            raise DemoFailed(f"batch {batch.batch_no} cannot start: " + "; ".join(batch.missing))
        await self._batches.start(batch.batch_no, by=BY, because="demonstration")
        while (state := self._cell.batches.get(batch.batch_no)) is not None:
            for prompt in state.prompts.values():
                await self._answer(state, prompt)
            await self._restart_after_loss(state)
            await asyncio.sleep(_LOOK_S)
        view = await self._batches.show(batch.batch_no)
        if view.state.state is not ProceduralState.COMPLETE:
            raise BatchEnded(f"batch {batch.batch_no} ended {view.state.state}: {view.state.because}")
        return view

    async def _restart_after_loss(self, state: BatchState) -> None:
        """Go on with a batch that only a lost link holds, once every PLC is back; a busy machine can starve one."""
        lost = state.because.startswith("link to ") and state.state is ProceduralState.HELD
        if not lost or not all(link.status().usable for link in self._cell.links.values()):
            return
        with suppress(CommandRefused):  # the hold is another one by now: it is looked at again
            await self._batches.restart(state.batch_no, by=BY, because="every PLC is back, the units look right")

    def products_of(self, view: BatchView) -> Sequence[str]:
        """Give the product lots that a batch has made."""
        outputs = view.state.control.outputs
        return [
            lot.lot_no
            for name, lot in view.state.lots.items()
            if name in outputs and outputs[name].role is Role.PRODUCT
        ]

    def product_of(self, view: BatchView) -> str:
        """Give the one product lot of a batch; raises `DemoFailed` when it made none."""
        made = self.products_of(view)
        if not made:
            raise DemoFailed(f"batch {view.row.batch_no} made no product")
        return made[0]

    async def _answer(self, state: BatchState, prompt: Prompt) -> None:
        value = good_reply(state, prompt)
        if value is None:
            return
        await self._carrier.carry(state, prompt, value)
        try:
            await self._batches.answer(state.batch_no, value, by=BY, prompt_id=prompt.prompt_id)
        except CommandRefused:
            # Somebody at the page was quicker, or holds the batch: it is looked at again.
            return
