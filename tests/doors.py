"""A small works with the verbs that people have on it: a real engine, a real database, a PLC of the fake kind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from mes.batches import Batches, Waiting
from mes.clock import wall_now
from mes.model.equipment import ProcessCell
from mes.model.procedure import Group, Level
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe, FormulaParameter, Limits
from mes.model.states import ProceduralState
from mes.model.steps import Parameter, PhaseStep, PromptStep, Source
from mes.model.waiting import WaitKind
from mes.plc.tagmap import process_cell
from mes.store.database import Database
from mes.store.dialect import sqlite_url
from mes.store.versions import upgrade
from mes.units import Units
from tests.engine.recipe import AT, bound, control_of, group
from tests.engine.works import NAME, Works, until

S = ProceduralState
STIR = "Mix/Mix/STIR"
LOOK = "Mix/Mix/Look"
HEAT = "Cook/Cook/HEAT"
ENDLESS = 1_000_000


def rpm(value: str) -> Quantity:
    return Quantity(Decimal(value), "rpm")


def trial(cell: ProcessCell) -> ControlRecipe:
    """Give a recipe that needs no material: stir at a speed of the formula, look, then heat in the same reactor."""
    speed = FormulaParameter(
        name="speed",
        default=rpm("60"),
        minimum=rpm("10"),
        maximum=rpm("300"),
        high=Limits(low=rpm("20"), high=rpm("200")),
        soft=Limits(low=rpm("40"), high=rpm("100")),
    )
    stir = PhaseStep(
        path=STIR,
        name="STIR",
        unit="RX-1",
        phase_class="STIR",
        parameters=(Parameter(name="speed", source=Source.FORMULA, reference="speed", uom="rpm"),),
    )
    heat = PhaseStep(
        path=HEAT,
        name="HEAT",
        unit="RX-1",
        phase_class="HEAT",
        parameters=(Parameter(name="target", value=Quantity(Decimal(550), "degC")),),
    )
    look = PromptStep(path=LOOK, name="Look", text={"en": "Is it even?", "zh": "均匀吗？"})
    mix = group("Mix/Mix", bound(cell, stir), look, level=Level.OPERATION)
    cook = group("Cook/Cook", bound(cell, heat), level=Level.OPERATION)
    made = control_of(_procedure("Mix", mix), _procedure("Cook", cook))
    return ControlRecipe(
        recipe_id="T1",
        version="1",
        title={"en": "Trial"},
        product="NOTHING",
        size=made.size,
        formula={"speed": rpm("60")},
        inputs={},
        outputs={},
        procedure=made.procedure,
        limits={"speed": speed},
        sha256="beef",
    )


def _procedure(path: str, *children: Group) -> Group:
    return group(path, *children, level=Level.UNIT_PROCEDURE, unit="RX-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """The works, and the verbs on its batches and units."""

    works: Works
    batches: Batches
    units: Units

    def create(self) -> str:
        """Create a batch of the trial recipe."""
        return self.works.create(trial(process_cell([self.works.plc.tag_map])))

    async def started(self) -> str:
        """Start a batch and wait until it stirs."""
        batch_no = self.create()
        await self.batches.start(batch_no, by="ann")
        await self.state(batch_no, STIR, S.RUNNING)
        return batch_no

    async def state(self, batch_no: str, path: str, wanted: ProceduralState) -> None:
        """Wait until an element is in a state."""
        await until(
            lambda: self.works.state(batch_no).state_of(path) is wanted,
            shown=lambda: (self.works.state(batch_no).states, self.works.batch(batch_no).waits),
        )

    async def waits(self, batch_no: str, path: str, kind: WaitKind, words: str = "") -> Waiting:
        """Wait until an element waits for something of a kind, said with these words, and give it."""
        found: list[Waiting] = []

        async def there() -> bool:
            told = [one for one in await self.batches.why(batch_no) if words in one.wait.text]
            found[:] = [one for one in told if (one.path, one.wait.kind) == (path, kind)]
            return bool(found)

        await eventually(there, lambda: self.works.batch(batch_no).waits)
        return found[0]


async def eventually(seen: Callable[[], object], shown: Callable[[], object]) -> None:
    """Wait until something awaited is true; the error tells what was there last."""
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + 10
    while not await seen():  # type: ignore[misc]
        assert loop.time() < deadline_s, f"not within 10 s; last seen: {shown()}"
        await asyncio.sleep(0.02)


@asynccontextmanager
async def doors_of(folder: Path) -> AsyncIterator[Doors]:
    """Run a works whose phases go on and on until the block ends."""
    url = sqlite_url(folder / "mes.db")
    upgrade(url)
    with Database(url) as database:
        works = Works(database, wall=wall_now)  # type: ignore[arg-type]
        works.program.running_scans = ENDLESS
        equipment = process_cell([works.plc.tag_map])
        verbs = {"database": database, "cell": NAME, "equipment": equipment, "now": lambda: AT}
        try:
            async with works.engine():
                yield Doors(works=works, batches=Batches(**verbs), units=Units(**verbs))  # type: ignore[arg-type]
        finally:
            await works.plc.stop()
