"""What the material at hand does not allow is said before the start, and nothing is commanded."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from mes.model.events import Allocation, StateChange, StateCommand
from mes.model.quantity import Quantity
from mes.model.states import CommandRefused, ProceduralState
from mes.store.journal import entries_of
from tests.system import eye
from tests.system.floor import OPERATOR, live_plant
from tests.system.plcs import MODBUS, started_plcs, urls_of


async def test_a_film_that_needs_more_powder_than_one_lot_has_is_refused_before_the_start(tmp_path: Path) -> None:
    async with (
        started_plcs(tmp_path, {"FM": MODBUS, "UT": MODBUS}, speed=100) as plcs,
        live_plant(tmp_path, urls_of(plcs), speed=100) as floor,
    ):
        await floor.receive_deliveries()
        # What one batch of R1 gives.
        powder = await floor.receive("Li6PS5Cl powder", "890", "g")

        made = await floor.batches.create(
            "R3", by=OPERATOR, size=Quantity(Decimal(100), "m"), lots={"binder": "L-000004"}
        )
        told = "Li6PS5Cl powder: 1270 g needed from one lot, the largest"
        assert made.missing == (f"{told} ({powder}) has 890 g",)

        with pytest.raises(CommandRefused) as refused:
            await floor.batches.start(made.batch_no, by=OPERATOR)
        assert str(refused.value).startswith(f"batch {made.batch_no} cannot start: {told}")
        assert "890 g" in str(refused.value)

        view = await floor.batches.show(made.batch_no)
        assert view.state.state is ProceduralState.IDLE
        entries = await floor.database.read(lambda books: entries_of(books, made.batch_no))
        assert not [one.fact for one in entries if isinstance(one.fact, StateCommand | StateChange | Allocation)]
        seen = await eye.look(plcs["FM"], "MX-601.PH")
        assert (seen.state, seen.last_exec) == (eye.IDLE, 0)

        # A film as long as the powder allows is another matter.
        shorter = await floor.batches.create("R3", by=OPERATOR, size=Quantity(Decimal(50), "m"))
        assert shorter.missing == ()
        await floor.batches.start(shorter.batch_no, by=OPERATOR)


async def test_a_named_lot_that_is_too_small_is_refused_when_the_batch_is_made(tmp_path: Path) -> None:
    async with (
        started_plcs(tmp_path, {"FM": MODBUS, "UT": MODBUS}, speed=100) as plcs,
        live_plant(tmp_path, urls_of(plcs), speed=100) as floor,
    ):
        powder = await floor.receive("Li6PS5Cl powder", "890", "g")
        with pytest.raises(CommandRefused, match=rf"lot {powder} of Li6PS5Cl powder has 890 g left, .* 1270 g"):
            await floor.batches.create("R3", by=OPERATOR, size=Quantity(Decimal(100), "m"), lots={"powder": powder})
        assert await floor.batches.list() == []
