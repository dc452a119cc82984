"""Random recipes that are sound by construction, over a cell of its own: every construct of the language, nested."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from mes.model.lots import Role
from mes.model.procedure import (
    Choose,
    Element,
    ExceptionBlock,
    Group,
    Level,
    Order,
    Then,
    UnitWanted,
)
from mes.model.quantity import Quantity
from mes.model.recipe import Ask, ControlRecipe
from mes.model.steps import (
    AnswerKind,
    Consumption,
    GateStep,
    HoldingStep,
    OnFail,
    Parameter,
    ParameterUpdate,
    PhaseStep,
    Production,
    PromptStep,
    ResultSpec,
    SlotBinding,
    Source,
    WaitStep,
)
from tests.engine.hall_plant import MADE_OUTPUTS, SALT, SHARED, SLOTS, SPEED_VALUE, UNITS, Material, rpm


@dataclass(slots=True)
class Author:
    """Writes recipes. `depth` bounds the nesting, `size` the number of steps."""

    dice: random.Random
    size: int = 8
    made: int = 0
    names: int = 0
    held: set[str] = field(default_factory=set)

    def recipe(self) -> ControlRecipe:
        """Write a recipe."""
        procedure = Group(
            path="",
            name="R",
            level=Level.PROCEDURE,
            order=Order.SEQUENCE,
            children=self.unit_procedures("", self.dice.randint(1, 3)),
        )
        return ControlRecipe(
            recipe_id="R",
            version="1",
            title={"en": "Random"},
            product="P",
            size=Quantity(Decimal(1), "kg"),
            formula={"speed": rpm(10)},
            limits={"speed": replace(SPEED_VALUE, ask=self.dice.choice(list(Ask)))},
            inputs={"salt": SALT},
            outputs={output.name: output for output in MADE_OUTPUTS},
            procedure=procedure,
            hold_propagation=self.dice.choice([None, Level.OPERATION, Level.UNIT_PROCEDURE, Level.PROCEDURE]),
        )

    def name(self, path: str, kind: str) -> str:
        self.names += 1
        return f"{path}/{kind} {self.names}" if path else f"{kind} {self.names}"

    def unit_procedures(self, path: str, count: int) -> tuple[Element, ...]:
        return tuple(self.unit_procedure_or_block(path) for _ in range(count))

    def unit_procedure_or_block(self, path: str) -> Element:
        if self.made < self.size and self.dice.random() < 0.3:
            return self.block(path, self.unit_procedure_or_block)
        if self.dice.random() < 0.15 and not self.held:
            return self.guarded_by_holding(path)
        return self.unit_procedure(path)

    def guarded_by_holding(self, path: str) -> Group:
        """A sequence that holds a shared unit from its first to its last step."""
        here = self.name(path, "sequence")
        unit = self.dice.choice(SHARED)
        self.held.add(unit)
        inner = self.unit_procedure(here)
        self.held.discard(unit)
        first = HoldingStep(path=self.name(here, "acquire"), name="acquire", units=(unit,))
        last = HoldingStep(path=self.name(here, "release"), name="release", units=(unit,), release=True)
        return self.group(here, Level.BLOCK, Order.SEQUENCE, (first, inner, last))

    def unit_procedure(self, path: str) -> Group:
        here = self.name(path, "unit")
        wanted, units = None, (self.dice.choice(UNITS),)
        if self.dice.random() < 0.4:
            choose = self.dice.choice(list(Choose))
            units = ("A-1", "A-2")
            wanted = UnitWanted(unit_class="A", choose=choose, candidates=units)
        uses = tuple(unit for unit in SHARED if unit not in self.held and self.dice.random() < 0.15)
        children = tuple(self.operation(here, units) for _ in range(self.dice.randint(1, 2)))
        return Group(
            path=here,
            name=here.rsplit("/", 1)[-1],
            level=Level.UNIT_PROCEDURE,
            order=Order.SEQUENCE,
            children=children,
            unit="" if wanted else units[0],
            wanted=wanted,
            uses=uses,
            exceptions=self.exceptions(here, children, units),
        )

    def operation(self, path: str, units: tuple[str, ...]) -> Group:
        here = self.name(path, "operation")
        children = tuple(self.step(here, units, SLOTS) for _ in range(self.dice.randint(1, 3)))
        return Group(
            path=here,
            name=here.rsplit("/", 1)[-1],
            level=Level.OPERATION,
            order=Order.SEQUENCE,
            children=children,
            exceptions=self.exceptions(here, children, units),
        )

    def exceptions(
        self, path: str, children: tuple[Element, ...], units: tuple[str, ...]
    ) -> tuple[ExceptionBlock, ...]:
        if self.dice.random() > 0.3:
            return ()
        here = self.name(path, "exception")
        then = self.dice.choice(list(Then))
        # What goes back may not need the slot of what it has interrupted.
        step = self.prompt(here) if then is Then.RETURN else self.phase(here, units, SLOTS)
        by_condition = self.dice.random() < 0.5
        return (
            ExceptionBlock(
                path=here,
                name="trouble",
                steps=self.group(here, Level.BLOCK, Order.SEQUENCE, (step,)),
                then=then,
                when="T > 1 g" if by_condition else "",
                failure="" if by_condition else "any",
                target=self.dice.choice(children).path if then is Then.JUMP else "",
                at_most=self.dice.randint(1, 2),
            ),
        )

    def step(self, path: str, units: tuple[str, ...], slots: tuple[str, ...]) -> Element:
        if self.made < self.size and self.dice.random() < 0.3:
            return self.block(path, lambda inner: self.step(inner, units, slots), units=units)
        kind = self.dice.random()
        if kind < 0.6:
            return self.phase(path, units, slots)
        if kind < 0.7:
            return self.prompt(path)
        if kind < 0.8:
            return self.gate(path)
        self.made += 1
        here = self.name(path, "wait")
        timed = self.dice.random() < 0.5
        return WaitStep(path=here, name="wait", until="" if timed else "T > 1 g", duration_s=60 if timed else 0)

    def block(self, path: str, inner: Callable[[str], Element], *, units: tuple[str, ...] = ()) -> Group:
        order = self.dice.choice(["sequence", "parallel", "choice", "repeat"])
        here = self.name(path, order)
        if order == "choice":
            branches = [self.branch(here, inner, "T > 1 g"), self.branch(here, inner, "")]
            return self.group(here, Level.BLOCK, Order.CHOICE, tuple(branches))
        if order == "parallel":
            return self.group(here, Level.BLOCK, Order.PARALLEL, self.side_by_side(here, inner, units))
        children = tuple(inner(here) for _ in range(self.dice.randint(1, 2)))
        if order == "repeat":
            at_most = self.dice.randint(1, 3)
            return self.group(here, Level.BLOCK, Order.SEQUENCE, children, until="T > 1 g", at_most=at_most)
        return self.group(here, Level.BLOCK, Order.SEQUENCE, children)

    def side_by_side(self, here: str, inner: Callable[[str], Element], units: tuple[str, ...]) -> tuple[Element, ...]:
        if not units:
            return tuple(inner(here) for _ in range(2))
        sync = f"together {self.names}" if self.dice.random() < 0.4 else ""
        return tuple(self.phase(here, units, (slot,), sync=sync) for slot in SLOTS)

    def branch(self, path: str, inner: Callable[[str], Element], when: str) -> Group:
        here = self.name(path, "branch")
        return self.group(here, Level.BLOCK, Order.SEQUENCE, (inner(here),), when=when)

    def group(
        self,
        path: str,
        level: Level,
        order: Order,
        children: tuple[Element, ...],
        *,
        when: str = "",
        until: str = "",
        at_most: int = 1,
    ) -> Group:
        return Group(
            path=path,
            name=path.rsplit("/", 1)[-1],
            level=level,
            order=order,
            children=children,
            when=when,
            until=until,
            at_most=at_most,
        )

    def phase(self, path: str, units: tuple[str, ...], slots: tuple[str, ...], *, sync: str = "") -> PhaseStep:
        self.made += 1
        slot = self.dice.choice(slots)
        bindings = tuple(
            SlotBinding(unit=unit, plc="L", slot=f"{unit}.{slot}", number=SLOTS.index(slot) + 1) for unit in units
        )
        chosen = bindings[0] if len(bindings) == 1 else None
        given = Parameter(name="speed", value=rpm(10), uom="rpm")
        by_formula = Parameter(name="speed", source=Source.EXPRESSION, reference="$speed / 2", uom="rpm")
        speed = by_formula if self.dice.random() < 0.3 else given
        faster = Parameter(name="speed", value=rpm(20), uom="rpm")
        updates = (ParameterUpdate(when="T > 1 g", parameters=(faster,)),) if self.dice.random() < 0.2 else ()
        return PhaseStep(
            path=self.name(path, "phase"),
            name="phase",
            unit=chosen.unit if chosen else "",
            phase_class=f"P{slot}",
            parameters=(speed,),
            requires="T > 1 g" if self.dice.random() < 0.3 else "",
            sync=sync,
            updates=updates,
            **self.material(),
            bindings=bindings,
            slot=chosen.slot if chosen else "",
            plc="L",
            number=SLOTS.index(slot) + 1,
        )

    def material(self) -> Material:
        """What a phase takes and makes: nothing, a sub-lot of salt, or a blend of all sub-lots there are."""
        kind = self.dice.random()
        if kind < 0.25:
            made = Production(output="sub", report="made", role=Role.INTERMEDIATE, made_from=("salt",))
            return Material(scan=("salt",), consumes=(Consumption(input="salt", report="made"),), produces=(made,))
        if kind < 0.4:
            made = Production(output="blend", report="made", role=Role.PRODUCT, made_from=("sub",))
            return Material(scan=(), consumes=(Consumption(input="sub", whole_lot=True),), produces=(made,))
        return Material(scan=(), consumes=(), produces=())

    def prompt(self, path: str) -> PromptStep:
        self.made += 1
        return PromptStep(path=self.name(path, "prompt"), name="look", text={"en": "Is it well?"})

    def gate(self, path: str) -> GateStep:
        self.made += 1
        spec = ResultSpec(
            name="peak",
            uom="%",
            minimum=Decimal(0),
            maximum=Decimal(100),
            spec_low=Decimal(0),
            spec_high=Decimal(5),
        )
        on_fail = self.dice.choice(list(OnFail))
        return GateStep(path=self.name(path, "gate"), name="gate", results=(spec,), on_fail=on_fail)


ANSWERS = {
    AnswerKind.CONFIRM: "yes",
    AnswerKind.NUMBER: "3",
    AnswerKind.TEXT: "well",
    AnswerKind.LOT: "SALT-1",
}
"""What a helpful operator answers; a choice is answered with one of its words."""
