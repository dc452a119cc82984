"""The recipes of the how-to pages are read, fit the shipped plant at every size, and run to their end in the engine.

They run with a plant of slots only, in which all goes well: conditions are true, tests pass, and what is reported fits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from mes.engine.draft import CollectReports, Permissive
from mes.engine.step import Reported
from mes.model.condition import Truth
from mes.model.equipment import ProcessCell
from mes.model.events import Prompt, StateChange
from mes.model.lots import Lot
from mes.model.procedure import Group, phases, walk
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe
from mes.model.states import Command, ProceduralState
from mes.model.steps import AnswerKind, GateStep
from mes.recipes.binding import bind
from mes.recipes.check import check, prove
from mes.recipes.reader import read_recipe
from tests.engine.shift import Plant, Shift
from tests.system.floor import asks_for

HOW_TO = Path(__file__).resolve().parents[2] / "docs" / "how-to"
PAGES = [HOW_TO / "write-a-recipe.md", *sorted((HOW_TO / "recipes").glob("*.md"))]
S = ProceduralState


def shown(page: Path) -> str:
    """Give the one whole recipe that a page shows."""
    (text,) = re.findall(r"```yaml\n(recipe: .*?)```", page.read_text("utf-8"), re.DOTALL)
    return str(text)


class FairWeather(dict[str, Permissive]):
    """Every condition is true, but none of those that raise an exception."""

    def __init__(self, control: ControlRecipe) -> None:
        super().__init__()
        groups = (element for element in walk(control.procedure) if isinstance(element, Group))
        self._exceptions = {f"{block.path}#when" for group in groups for block in group.exceptions}

    def __missing__(self, key: str) -> Permissive:
        truth = Truth.FALSE if key in self._exceptions else Truth.TRUE
        return Permissive(truth=truth, why="all is well")

    def get(self, key: str, default: object = None) -> Permissive:  # type: ignore[override]  # never a default
        return self[key]


@dataclass(slots=True)
class GoodShift(Shift):
    """A batch with people who answer everything so that it passes; half an hour goes by with every look."""

    def tick(self) -> None:
        self.plant.at += timedelta(minutes=30)
        Shift.tick(self)

    def report(self, item: CollectReports) -> Reported:
        values = {spec.name: min(500.0, (spec.minimum + spec.maximum) / 2) for spec in item.equipment.reports}
        return Reported(path=item.path, exec_id=item.exec_id, equipment=item.equipment, reports=values)

    def answer_prompts(self) -> None:
        for prompt in list(self.state.prompts.values()):
            self.answer(prompt.prompt_id, self._reply(prompt), because="all is well")

    def _reply(self, prompt: Prompt) -> str:
        match prompt.answer:
            case AnswerKind.LOT:
                return f"{prompt.input}-1"
            case AnswerKind.CHOICE:
                return prompt.choices[0]
            case AnswerKind.NUMBER:
                return prompt.proposed or str(self._passing(prompt))
            case _:
                return "yes"

    def _passing(self, prompt: Prompt) -> Decimal:
        gate = self.state.tree.elements[prompt.path]
        assert isinstance(gate, GateStep), prompt
        (low,) = (spec.spec_low for spec in gate.results if asks_for(prompt, f"{gate.path}#{spec.name}"))
        return low


def lots_for(control: ControlRecipe) -> dict[str, Lot]:
    lots = {}
    for name, needed in control.inputs.items():
        assert needed.amount is not None
        lots[f"{name}-1"] = Lot(
            lot_no=f"{name}-1",
            material=needed.material,
            quantity=Quantity(10 * needed.amount.value, needed.amount.uom),
        )
    return lots


def run_through(control: ControlRecipe, cell: ProcessCell) -> GoodShift:
    plant = Plant(cell=cell)
    plant.permissives = FairWeather(control)
    shift = GoodShift(control, plant, lots=lots_for(control))
    shift.command(Command.START, because="to the plan")
    shift.finish()
    return shift


def ran(shift: Shift) -> Mapping[str, list[ProceduralState]]:
    found: dict[str, list[ProceduralState]] = {}
    for fact in shift.facts:
        if isinstance(fact, StateChange):
            found.setdefault(fact.path, []).append(fact.after)
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_recipe_of_a_page_fits_the_plant_and_balances_at_every_size(page: Path, cell: ProcessCell) -> None:
    master = read_recipe(shown(page), f"{page.stem}.yaml")
    assert check(master, cell) == []
    for size in (master.size.minimum, master.size.default, master.size.maximum):
        assert bind(master, cell, Quantity(size, master.size.uom)).recipe_id == master.recipe_id
    assert any(line.startswith("material balance closed") for line in prove(master, cell).proved)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_recipe_of_a_page_runs_to_its_end(page: Path, cell: ProcessCell) -> None:
    control = bind(read_recipe(shown(page), f"{page.stem}.yaml"), cell)
    shift = run_through(control, cell)
    assert shift.state.state is S.COMPLETE, shift.waiting
    assert not shift.state.units
    history = ran(shift)
    guarded = {step.path for step in phases(control.procedure)}
    raised = {
        block.path for element in walk(control.procedure) if isinstance(element, Group) for block in element.exceptions
    }
    in_exceptions = {path for path in guarded if any(path.startswith(f"{block}/") for block in raised)}
    assert all(S.COMPLETE in history.get(path, []) for path in guarded - in_exceptions)


def test_the_pages_show_every_construct_of_the_language() -> None:
    text = "\n".join(shown(page) for page in PAGES)
    for key in KEYS:
        assert re.search(rf"\b{key}:", text), f"no page shows {key!r}"


KEYS = (
    *("parallel", "sequence", "choose", "repeat", "wait", "acquire", "release", "prompt", "phase", "gate", "exception"),
    *("uses", "class", "where", "prefer", "requires", "scan", "consume", "produce", "loss", "expected", "updates"),
    *(
        "transfer",
        "until",
        "at_most",
        "within",
        "failure",
        "jump",
        "otherwise",
        "steps",
        "per",
        "fixed",
        "yield",
        "ask",
    ),
    *("high", "soft", "assay_corrected", "losses", "hold_propagation", "on_fail", "spec", "choice"),
)
