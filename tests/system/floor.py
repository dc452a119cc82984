"""The shop floor as a person sees it: the verbs, and an operator who waits for things and answers what he is asked."""

from __future__ import annotations

import asyncio
import json
import math
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from mes.app import Plant, opened, read_equipment, running, time_of, verbs
from mes.batches import Batches
from mes.config import Config, load
from mes.lots import Lots
from mes.model.events import Prompt
from mes.model.execution import BatchState
from mes.model.procedure import phases
from mes.model.progress import activity, progress
from mes.model.quantity import Quantity
from mes.model.states import FINAL, CommandRefused, ProceduralState
from mes.model.steps import AnswerKind, GateStep
from mes.store.database import Database
from mes.store.versions import upgrade
from tests.system.shop import Hands
from tests.system.waiting import until

S = ProceduralState

OPERATOR = "olga"
STAYS_HELD_S = 2.0
DELIVERIES = (
    # material, quantity, unit of measure, assay
    ("Li2S", "5000", "g", "0.999"),
    ("P2S5", "5000", "g", "0.99"),
    ("LiCl", "5000", "g", "0.999"),
    ("NBR", "500", "g", "1"),
    ("Xylene", "9000", "g", "1"),
    ("PET carrier film", "1000", "m", "1"),
    ("GeS2", "2000", "g", "0.99"),
    ("THF", "30000", "g", "1"),
    ("Ethanol", "10000", "g", "1"),
    ("PTFE", "100", "g", "1"),
)


@dataclass(slots=True, kw_only=True)
class Floor:
    """The verbs of a cell whose engine may run anywhere."""

    batches: Batches
    lots: Lots
    database: Database
    hands: Hands | None = None

    async def receive_deliveries(self) -> None:
        for material, amount, uom, assay in DELIVERIES:
            await self.receive(material, amount, uom, assay)

    async def receive(self, material: str, amount: str, uom: str, assay: str = "1") -> str:
        row = await self.lots.receive(
            material, Quantity(Decimal(amount), uom), by=OPERATOR, assay=Decimal(assay), supplier="ACME"
        )
        if self.hands is not None:
            await self.hands.unload(row.lot.lot_no, material, float(amount))
        return row.lot.lot_no

    async def started(
        self,
        recipe: str,
        *,
        size: Quantity | None = None,
        formula: Mapping[str, Quantity] | None = None,
        lots: Mapping[str, str] | None = None,
    ) -> str:
        """Create a batch, start it, and give its number."""
        made = await self.batches.create(recipe, by=OPERATOR, size=size, formula=formula, lots=lots)
        assert not made.missing, made.missing
        await self.batches.start(made.batch_no, by=OPERATOR)
        return made.batch_no

    async def see(self, batch_no: str) -> Seen:
        """Look at a batch, wherever its engine is."""
        view = await self.batches.show(batch_no)
        return Seen(state=view.state, waiting=view.row.waiting)

    async def work(self, batch_no: str) -> Seen:
        """Look at a batch and answer what it asks, as far as an operator for whom all is well can."""
        seen = await self.see(batch_no)
        for prompt in seen.state.prompts.values() if seen.state.going else ():
            value = _reply(seen.state, prompt)
            if value is not None:
                if self.hands is not None and prompt.answer is AnswerKind.LOT:
                    await self.hands.carry(seen.state, prompt, value)
                try:
                    await self.batches.answer(batch_no, value, by=OPERATOR, prompt_id=prompt.prompt_id)
                except CommandRefused:
                    continue  # the batch was held meanwhile: it is looked at again
        return seen

    async def until_phase(
        self, batch_no: str, name: str, *states: ProceduralState, limit_s: float = 120.0
    ) -> BatchState:
        """Work on a batch until a phase of it is in one of the states."""

        def there(seen: Seen) -> bool:
            assert not seen.state.ended, f"{batch_no} has ended: {seen}"
            return phase_state(seen.state, name) in states

        what = f"{name} of {batch_no} {' or '.join(states)}"
        return (await until(lambda: self.work(batch_no), there, what, limit_s=limit_s)).state

    async def until_state(self, batch_no: str, wanted: ProceduralState, *, limit_s: float = 120.0) -> BatchState:
        """Work on a batch until it is in a state; one that ends or stays held otherwise is an error."""
        loop = asyncio.get_running_loop()
        held_since_s = math.inf

        def there(seen: Seen) -> bool:
            nonlocal held_since_s
            found = seen.state.state
            if found is wanted:
                return found not in FINAL or seen.state.ended
            assert found not in FINAL, f"{batch_no} ended otherwise: {seen}"
            if found is S.HELD and wanted in {S.RUNNING, S.COMPLETE} and not seen.state.going:
                # A restart is answered out of the books; what the engine shows follows them a moment later.
                held_since_s = min(held_since_s, loop.time())
                assert loop.time() - held_since_s < STAYS_HELD_S, f"held: {seen}"
            else:
                held_since_s = math.inf
            return False

        what = f"{batch_no} {wanted}"
        return (await until(lambda: self.work(batch_no), there, what, limit_s=limit_s)).state


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A batch and why its elements wait; it tells in an error message what matters."""

    state: BatchState
    waiting: str

    def __str__(self) -> str:
        state = self.state
        return (
            f"{state.batch_no} {state.state} ({state.commanded_by}: {state.because}), active {activity(state)!r}, "
            f"waiting {self.waiting!r}, open prompts {list(state.prompts)}, steps {progress(state)}"
        )


def path_of(state: BatchState, name: str) -> str:
    """Give the path of the one phase of that name."""
    (path,) = [phase.path for phase in phases(state.control.procedure) if phase.name == name]
    return path


def phase_state(state: BatchState, name: str) -> ProceduralState:
    return state.state_of(path_of(state, name))


def exec_of(state: BatchState, name: str) -> int:
    """Give the id of the present execution of a phase."""
    return state.executions[path_of(state, name)].exec_id


def _reply(state: BatchState, prompt: Prompt) -> str | None:
    match prompt.answer:
        case AnswerKind.CONFIRM:
            return "yes"
        case AnswerKind.LOT:
            return prompt.proposed
        case AnswerKind.NUMBER:
            return str(_passing(state, prompt))
        case AnswerKind.TEXT:
            return "as it should be"
        case _:
            return None  # whether to repeat what was interrupted is not for everyday


def _passing(state: BatchState, prompt: Prompt) -> Decimal | None:
    """Give the least number that passes: of a gate the lower end of its specification, else the lower limit."""
    gate = state.tree.elements.get(prompt.path)
    if isinstance(gate, GateStep):
        asked = {f"{gate.path}#{spec.name}": spec.spec_low for spec in gate.results}
        return next((low for wish, low in asked.items() if asks_for(prompt, wish)), prompt.minimum)
    return prompt.minimum


def asks_for(prompt: Prompt, wish: str) -> bool:
    """Say whether a prompt asks for this; asked again, it has a number as well."""
    return prompt.prompt_id == wish or prompt.prompt_id.startswith(f"{wish} #")


def write_config(folder: Path, plcs: Mapping[str, str], *, speed: float, heartbeat_timeout_s: int = 30) -> Config:
    """Write `mes.toml` for PLCs at these URLs, by name, and read it."""
    lines = ["[cell]", 'name = "pilot"', f"speed = {speed:g}"]
    for name, url in plcs.items():
        lines += ["[[plc]]", f"map = {json.dumps(f'maps/{name.lower()}.toml')}", f"url = {json.dumps(url)}"]
        lines.append(f"heartbeat_timeout_s = {heartbeat_timeout_s}")
    (folder / "mes.toml").write_text("\n".join(lines))
    return load(data=folder)


@dataclass(slots=True, kw_only=True)
class LivePlant(Floor):
    """A floor whose engine runs in this process."""

    plant: Plant

    async def see(self, batch_no: str) -> Seen:
        """Look at a batch in the engine's own memory; at one that has ended, in the books."""
        state = self.plant.cell.batches.get(batch_no)
        if state is None:
            return await Floor.see(self, batch_no)
        waiting = self.plant.cell.waiting.get(batch_no, {})
        return Seen(state=state, waiting="; ".join(f"{path} waits for {why}" for path, why in waiting.items()))


@asynccontextmanager
async def live_plant(
    folder: Path, urls: Mapping[str, str], *, speed: float, heartbeat_timeout_s: int = 30
) -> AsyncIterator[LivePlant]:
    """Run the engine over the PLCs at these URLs, by name, until the block ends."""
    config = write_config(folder, urls, speed=speed, heartbeat_timeout_s=heartbeat_timeout_s)
    await asyncio.to_thread(_make_database, config.database_url)
    with opened(config) as database:
        async with running(config, database) as plant:
            await until_linked(plant)
            yield LivePlant(batches=plant.batches, lots=plant.lots, database=database, plant=plant)


_MAKING = threading.Lock()


def _make_database(url: str) -> None:
    # Migrations know their database by a global of alembic: one at a time in a process.
    with _MAKING:
        upgrade(url)


async def until_linked(plant: Plant) -> None:
    """Wait until every PLC is there."""

    async def look() -> Mapping[str, str]:
        return {name: link.status().why for name, link in plant.links.items() if not link.status().usable}

    await until(look, lambda missing: not missing, "every PLC linked")


@asynccontextmanager
async def floor_beside(config: Config) -> AsyncIterator[Floor]:
    """Give the floor of a cell whose engine is another process."""
    with opened(config) as database:
        batches, lots = verbs(config, database, read_equipment(config), time_of(database))
        yield Floor(batches=batches, lots=lots, database=database)
