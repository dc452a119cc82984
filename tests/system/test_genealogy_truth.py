"""The genealogy that the MES recorded against the truth of the plant: both lines, and a rework between them."""

from __future__ import annotations

import asyncio
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from mes.model.quantity import Quantity
from mes.model.states import ProceduralState
from tests.system.floor import LivePlant, live_plant
from tests.system.score import Score, score_of
from tests.system.shop import Hands, running_shop

S = ProceduralState
SPEED = 4_000.0
FILM_M = 20


async def made(floor: LivePlant, recipe: str, size: Quantity | None = None, lots: dict[str, str] | None = None) -> str:
    """Make a batch to its end and clear its products away; gives its number."""
    assert floor.hands is not None
    batch_no = await floor.started(recipe, size=size, lots=lots)
    state = await floor.until_state(batch_no, S.COMPLETE, limit_s=240)
    await floor.hands.clear(state)
    return batch_no


async def scored(folder: Path, seed: int) -> Score:
    """Make powder twice, rework the second lot, cast a film of it, and compare every lot that is left."""
    async with running_shop(folder, seed=seed, speed=SPEED) as shop:
        async with live_plant(folder, shop.urls, speed=SPEED) as floor:
            floor.hands = Hands(shop=shop)
            await floor.receive_deliveries()
            powder = f"{await made(floor, 'R1')}-powder"
            view = await floor.lots.show(powder)
            reworked = f"{await made(floor, 'R1W', view.lot.quantity, {'lot': powder})}-powder"
            film = await made(floor, "R3", Quantity(Decimal(FILM_M), "m"), {"powder": reworked})
            truth = await shop.truth()
            products = [f"{powder.removesuffix('-powder')}-sample", reworked]
            products += [f"{film}-film_roll_1", f"{film}-film_roll_2"]
            assert max(abs(lost) for lost in truth["unaccounted"].values()) < 1e-6
            return await asyncio.to_thread(score_of, floor.database, truth, products)


@pytest.mark.no_cover  # it runs what other tests cover, for long
@pytest.mark.timeout(420)
async def test_no_lot_is_missing_none_is_invented_and_the_quantities_agree(
    tmp_path: Path, plant_seed: int, capsys: pytest.CaptureFixture[str]
) -> None:
    score = await scored(tmp_path, plant_seed)
    with capsys.disabled():
        sys.stdout.write(f"\ngenealogy of seed {plant_seed}: {score}\n")
    assert score.findings == ()
    assert (score.lots, score.quantities) == (1.0, 1.0)
