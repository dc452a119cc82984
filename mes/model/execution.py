"""The state of one batch as the fold of its facts: nothing is state that is not in the record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from mes.model.events import Consume, Prompt, PromptResponse
from mes.model.procedure import Element, ExceptionBlock, Group, index, walk
from mes.model.quantity import Quantity
from mes.model.recipe import ControlRecipe
from mes.model.states import FINAL, Command, ProceduralState, allowed_commands
from mes.model.steering import Mode, QueueChange
from mes.model.steps import PhaseStep

S = ProceduralState

ENGINE = "engine"
"""Who gave a command that no person gave."""

RUN_COMMANDS = frozenset({Command.START, Command.RESUME, Command.RESTART})
"""Commands under which a procedure goes forward."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution of an equipment phase: its identity in the PLC, the command in flight, and what it reported.

    `answered` is the last command the PLC accepted in the present state, with the sequence number of that answer: it
    is not given again until the state changes or the batch gets a new command. `parameters` are those the PLC runs
    with, `requested` those of an update it has not answered, `update` the number of that update in the plan (0: a
    person's), `updates` how many of the planned ones it has answered.
    """

    exec_id: int
    pending: Command | None = None
    answered: Command | None = None
    answered_seq: int = 0
    reported: bool = False
    parameters: Mapping[str, Quantity] = field(default_factory=dict)
    requested: Mapping[str, Quantity] = field(default_factory=dict)
    update: int = 0
    updates: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LotInUse:
    """A lot that the batch draws from: scanned for an input, or made by the batch itself."""

    lot_no: str
    material: str
    quantity: Quantity | None
    mass: Quantity | None = None
    properties: Mapping[str, Quantity] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A command that was given to a part of the procedure and still stands: who gave it and why."""

    command: Command
    by: str
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request for units that waits in the queue: one of `candidates` and all of `uses`; the smaller rank is first."""

    candidates: tuple[str, ...]
    uses: tuple[str, ...]
    rank: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A procedure with the indexes over it that every look needs: elements by path, exception blocks with the path of
    the group they guard, and the equipment phases in recipe order."""

    root: Group
    elements: Mapping[str, Element]
    blocks: Mapping[str, tuple[str, ExceptionBlock]]
    phases: tuple[PhaseStep, ...]


def tree_of(root: Group) -> Tree:
    """Give the indexes of a procedure."""
    groups = [element for element in walk(root) if isinstance(element, Group)]
    return Tree(
        root=root,
        elements=index(root),
        blocks={block.path: (group.path, block) for group in groups for block in group.exceptions},
        phases=tuple(element for element in walk(root) if isinstance(element, PhaseStep)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchState:
    """Everything the engine knows of a batch. `states` holds every element that has left idle, by path ("" = batch).

    `tree` is the procedure with the units that were chosen so far. `command` is the last command accepted for the
    batch, with who gave it and why; `local` are those for parts of it, by path. `raised` are the exception blocks whose
    steps run, by path, `raises` how often each was. `lots` has the last lot of each input and output, `earlier` those
    before it that still hold something. `loose` is what was consumed and is in no produced lot yet, by
    input and lot. `units` says which element has which units; `asked` is the prompt that asks for something now, by
    what it asks for; `withdrawn` are those nobody needs to answer any more.
    """

    batch_no: str
    control: ControlRecipe
    tree: Tree
    proposed_lots: Mapping[str, str] = field(default_factory=dict)
    command: Command | None = None
    commanded_by: str = ""
    because: str = ""
    local: Mapping[str, Given] = field(default_factory=dict)
    states: Mapping[str, ProceduralState] = field(default_factory=dict)
    executions: Mapping[str, Execution] = field(default_factory=dict)
    lots: Mapping[str, LotInUse] = field(default_factory=dict)
    earlier: Mapping[str, tuple[LotInUse, ...]] = field(default_factory=dict)
    consumed: tuple[Consume, ...] = ()
    loose: Mapping[tuple[str, str], Quantity] = field(default_factory=dict)
    made: tuple[str, ...] = ()
    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    responses: Mapping[str, PromptResponse] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)
    withdrawn: frozenset[str] = frozenset()
    holdings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    requests: Mapping[str, Request] = field(default_factory=dict)
    modes: Mapping[str, Mode] = field(default_factory=dict)
    breakpoints: frozenset[str] = frozenset()
    confirmed: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    rounds: Mapping[str, int] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    raised: frozenset[str] = frozenset()
    raises: Mapping[str, int] = field(default_factory=dict)
    timers: Mapping[str, datetime] = field(default_factory=dict)
    formula: Mapping[str, Quantity] = field(default_factory=dict)
    overrides: Mapping[tuple[str, str], Quantity] = field(default_factory=dict)
    reports: Mapping[str, Mapping[str, Quantity]] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, Quantity]] = field(default_factory=dict)
    queue: QueueChange | None = None

    def state_of(self, path: str) -> ProceduralState:
        """Give the recorded state of an element."""
        return self.states.get(path, S.IDLE)

    @property
    def state(self) -> ProceduralState:
        """State of the batch itself."""
        return self.state_of("")

    @property
    def going(self) -> bool:
        """True while the procedure may go forward."""
        return self.command in RUN_COMMANDS

    @property
    def answers(self) -> Mapping[str, str]:
        """What was answered, by prompt id."""
        return {prompt_id: response.value for prompt_id, response in self.responses.items()}

    @property
    def units(self) -> Mapping[str, str]:
        """Which element has each unit, by unit."""
        return {unit: path for path, units in self.holdings.items() for unit in units}

    @property
    def ended(self) -> bool:
        """True when nothing is left to do: final, no command in flight, every unit given back."""
        in_flight = any(execution.pending for execution in self.executions.values())
        return self.state in FINAL and not in_flight and not self.holdings


def batch_commands(state: ProceduralState) -> tuple[Command, ...]:
    """Give the commands a person may give to a batch: those of the life table but reset, for a batch runs once."""
    return tuple(command for command in allowed_commands(state) if command is not Command.RESET)


def is_below(path: str, top: str) -> bool:
    """Say whether an element is the one at `top` or somewhere below it."""
    return top == "" or path == top or path.startswith(top + "/")
