"""What is scanned is carried to the unit, when it is its turn and once for each asking."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from mes.model.events import Prompt
from mes.model.execution import BatchState, LotInUse
from mes.model.lots import Lot
from mes.model.quantity import Quantity
from mes.model.states import ProceduralState
from mes.model.steps import AnswerKind
from mes.simulated.carrier import Carrier
from tests.rehearsal.portion import WEIGH, portion_batch

S = ProceduralState
OPERATION = WEIGH.rpartition("/")[0]


@dataclass(slots=True)
class Store:
    """Lots in the books, batches in the engine, and a plant that writes down what it is asked."""

    batches: dict[str, BatchState] = field(default_factory=dict)
    asked: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    made: Quantity = field(default_factory=lambda: Quantity(Decimal("0.24"), "kg"))

    @property
    def lot(self) -> Lot:
        return Lot(lot_no="L-1", material="LiCl", quantity=self.made)

    async def show(self, lot_no: str) -> Store:
        assert lot_no == "L-1"
        return self

    async def ask(self, path: str, body: Mapping[str, Any]) -> None:
        self.asked.append((path, body))


def scanned(asking: str, **states: ProceduralState) -> BatchState:
    lot = LotInUse(lot_no="L-1", material="LiCl", quantity=None)
    return replace(portion_batch(**states), lots={"LiCl": lot}, asked={"scan:LiCl": asking})


async def looked(carrier: Carrier, store: Store, state: BatchState) -> int:
    """Let the carrier look at a batch in this state, and give how often it has carried something to a unit."""
    store.batches["B-0001"] = state
    with suppress(TimeoutError):
        async with asyncio.timeout(0.02):
            await carrier.run()
    return sum(path == "/bring" for path, _ in store.asked)


async def test_a_lot_is_carried_before_its_number_is_told_and_not_again_after_it() -> None:
    store = Store()
    carrier = Carrier(store, store, store, takes=False)  # type: ignore[arg-type]
    state = replace(portion_batch(**{OPERATION: S.RUNNING}), asked={"scan:LiCl": "scan:LiCl"})
    prompt = Prompt(path=WEIGH, prompt_id="scan:LiCl", text={"en": "Scan"}, answer=AnswerKind.LOT, input="LiCl")
    await carrier.carry(state, prompt, "L-1")
    assert store.asked[-1] == ("/bring", {"label": "L-1", "unit": "WS-111"})
    assert await looked(carrier, store, scanned("scan:LiCl", **{OPERATION: S.RUNNING})) == 1


async def test_a_lot_is_brought_in_its_turn_and_once_more_for_another_round() -> None:
    store = Store()
    carrier = Carrier(store, store, store, takes=False)  # type: ignore[arg-type]
    assert await looked(carrier, store, scanned("scan:LiCl")) == 0  # the operation has not begun
    running = {OPERATION: S.RUNNING}
    assert await looked(carrier, store, replace(portion_batch(**running))) == 0  # nothing is scanned
    assert await looked(carrier, store, scanned("scan:LiCl", **running)) == 1
    assert store.asked == [
        ("/lots", {"lot": "L-1", "material": "LiCl", "amount": 240.0}),
        ("/bring", {"label": "L-1", "unit": "WS-111"}),
    ]
    assert await looked(carrier, store, scanned("scan:LiCl", **{**running, WEIGH: S.RUNNING})) == 1
    assert await looked(carrier, store, scanned("scan:LiCl #2", **running)) == 2
