"""Procedures for tests and pictures: one with every construct, and random ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from mes.model.procedure import Element, ExceptionBlock, Group, Level, Order, Then, UnitWanted
from mes.model.quantity import parse_quantity
from mes.model.steps import (
    AnswerKind,
    GateStep,
    HoldingStep,
    OnFail,
    Parameter,
    ParameterUpdate,
    PhaseStep,
    PromptStep,
    ResultSpec,
    Step,
    WaitStep,
)


def phase(name: str, minutes: float = 15, **fields: Any) -> PhaseStep:
    """Give a phase; its path is set by what it is put into."""
    phase_class = fields.pop("phase_class", name.upper().replace(" ", "_"))
    unit = fields.pop("unit", "")
    return PhaseStep(path=name, name=name, unit=unit, phase_class=phase_class, expected_s=int(minutes * 60), **fields)


def group(name: str, level: Level, *children: Element, order: Order = Order.SEQUENCE, **fields: Any) -> Group:
    """Give a group whose children have their paths below its own."""
    made = Group(path=name, name=name, level=level, order=order, children=children, **fields)
    return placed(made, "")


def operation(name: str, *children: Element, **fields: Any) -> Group:
    """Give an operation."""
    return group(name, Level.OPERATION, *children, **fields)


def unit_procedure(name: str, *children: Element, **fields: Any) -> Group:
    """Give a unit procedure."""
    return group(name, Level.UNIT_PROCEDURE, *children, **fields)


def block(name: str, order: Order, *children: Element, **fields: Any) -> Group:
    """Give a parallel, a sequence, a choice or a repetition."""
    return group(name, Level.BLOCK, *children, order=order, **fields)


def procedure(*children: Element, **fields: Any) -> Group:
    """Give a whole procedure; its own path is ""."""
    root = Group(
        path="", name="Example", level=Level.PROCEDURE, order=Order.SEQUENCE, children=tuple(children), **fields
    )
    return placed(root, "", root=True)


def exception(name: str, then: Then, *children: Element, **fields: Any) -> ExceptionBlock:
    """Give an exception block."""
    steps = Group(path=name, name=name, level=Level.BLOCK, order=Order.SEQUENCE, children=children)
    return ExceptionBlock(path=name, name=name, steps=steps, then=then, **fields)


def placed(element: Group, above: str, *, root: bool = False) -> Group:
    """Give a group with the paths that follow from where it stands."""
    path = "" if root else _join(above, element.name)
    return replace(
        element,
        path=path,
        children=tuple(_placed(child, path) for child in element.children),
        exceptions=tuple(
            replace(one, path=_join(path, one.name), steps=placed(replace(one.steps, name=one.name), path))
            for one in element.exceptions
        ),
    )


def _placed(element: Element, above: str) -> Element:
    return placed(element, above) if isinstance(element, Group) else replace(element, path=_join(above, element.name))


def _join(above: str, name: str) -> str:
    return f"{above}/{name}" if above else name


def _mill() -> Group:
    update = ParameterUpdate(
        when="BM-201.TC_JAR > 60 degC", parameters=(Parameter(name="speed", value=parse_quantity("500 rpm")),)
    )
    result = ResultSpec(
        name="li2s_peak", uom="%", minimum=Decimal(0), maximum=Decimal(100), spec_low=Decimal(0), spec_high=Decimal(5)
    )
    gate = GateStep(
        path="", name="QC after milling", results=(result,), on_fail=OnFail.CONTINUE, sample="powder sample"
    )
    look = PromptStep(path="", name="Check the jar", text={"en": "Look for cracks."}, answer=AnswerKind.CONFIRM)
    until = 'result("QC after milling", li2s_peak) <= 5 %'
    return unit_procedure(
        "Mill",
        operation("Charge", phase("Weigh Li2S", phase_class="WEIGH", scan=("Li2S",)), look),
        block(
            "Mill until clean",
            Order.SEQUENCE,
            operation("Mill", phase("Mill", 600, phase_class="MILL", updates=(update,))),
            operation("Sample", gate),
            until=until,
            at_most=3,
        ),
        operation("Unload", phase("Unload", sync="milled powder", transfer=True)),
        wanted=UnitWanted(unit_class="MILL", prefer=("BM-201",), where="jar_volume >= 2 L"),
        uses=("SCR-002",),
        exceptions=(
            exception("Oxygen ingress", Then.RETURN, phase("Purge"), when="GB-101.O2_PPM > 200 ppm for 10 s"),
            exception("Jar too hot", Then.JUMP, phase("Cool the jar"), failure="OVERTEMP", target="Unload"),
        ),
    )


def example() -> Group:
    """Give a procedure with every construct, as an engineer could write it."""
    pure = "AR-003.P_AR > 5 bar and GB-102.O2_PPM < 10 ppm"
    box = unit_procedure(
        "Unloading box",
        operation("Make inert", phase("Make inert", 45, phase_class="INERTISE", requires=pure)),
        operation("Take powder", phase("Receive", sync="milled powder", transfer=True)),
        unit="GB-102",
    )
    cold = WaitStep(path="", name="wait 1", until="FU-301.TC_CORE < 50 degC for 1 min", within_s=14_400)
    anneal = unit_procedure(
        "Anneal", operation("Heat", phase("Anneal", 525, phase_class="ANNEAL"), cold), unit="FU-301"
    )
    choice = block(
        "Anneal?",
        Order.CHOICE,
        block("when 1", Order.SEQUENCE, anneal, when="$size > 2 kg and FU-301.TC_CORE < 60 degC"),
        block(
            "otherwise",
            Order.SEQUENCE,
            HoldingStep(path="", name="acquire 1", units=("SCR-002",)),
            WaitStep(path="", name="Let it rest", duration_s=600),
            HoldingStep(path="", name="release 1", units=("SCR-002",), release=True),
        ),
    )
    slower = ParameterUpdate(
        when="CT-701.LENGTH >= 40 m", parameters=(Parameter(name="speed", value=parse_quantity("1.2 m/min")),)
    )
    coat = unit_procedure(
        "Coat",
        operation(
            "Run",
            block(
                "parallel 1",
                Order.PARALLEL,
                phase("Head", 60, sync="head and web"),
                phase("Web", 60, sync="head and web", updates=(slower,)),
            ),
        ),
        unit="CT-701",
    )
    fire = exception("Fire", Then.END, when="UT.FIRE > 0.5 for 1 s")
    return procedure(block("parallel 1", Order.PARALLEL, _mill(), box), choice, coat, exceptions=(fire,))


_NAMES = st.sampled_from(("Mill", "Weigh & check", "研磨并取样", "A <b>long</b> name with many words in it", "X" * 40))
_CONDITIONS = st.sampled_from(("FU-301.TC_CORE >= 540 degC for 2 min", "$size > 2 kg", "炉温高于 540 degC"))


@st.composite
def _steps(draw: st.DrawFn) -> Step:
    name = draw(_NAMES)
    kind = draw(st.sampled_from(("phase", "phase", "prompt", "gate", "wait", "acquire")))
    match kind:
        case "prompt":
            return PromptStep(path="", name=name, text={"en": "?"}, answer=draw(st.sampled_from(tuple(AnswerKind))))
        case "gate":
            low, high = Decimal(0), Decimal(5)
            found = ResultSpec(name="peak", uom="%", minimum=low, maximum=high, spec_low=low, spec_high=high)
            return GateStep(path="", name=name, results=(found,) * draw(st.integers(1, 3)))
        case "wait":
            return WaitStep(path="", name=name, until=draw(_CONDITIONS), within_s=draw(st.integers(0, 9000)))
        case "acquire":
            return HoldingStep(path="", name=name, units=("SCR-002",), release=draw(st.booleans()))
    sync = draw(st.sampled_from(("", "", "s1", "s2")))
    requires = draw(st.sampled_from(("", "AR-003.P_AR > 5 bar")))
    return phase(name, draw(st.integers(0, 300)), sync=sync, requires=requires)


def _numbered(children: list[Element]) -> tuple[Element, ...]:
    """Give siblings names of their own, as a recipe must."""
    return tuple(replace(child, name=f"{child.name} {place}") for place, child in enumerate(children, start=1))


@st.composite
def _blocks(draw: st.DrawFn, inner: st.SearchStrategy[Element]) -> Group:
    children = _numbered(draw(st.lists(inner, min_size=1, max_size=2)))
    kind = draw(st.sampled_from(("parallel", "choice", "repeat", "sequence")))
    if kind == "choice":
        branches = [
            block(f"when {place}", Order.SEQUENCE, child, when=draw(_CONDITIONS))
            for place, child in enumerate(children, start=1)
        ]
        return block("choose 1", Order.CHOICE, *branches, block("otherwise", Order.SEQUENCE))
    fields: dict[str, Any] = {"until": draw(_CONDITIONS), "at_most": 3} if kind == "repeat" else {}
    fields["exceptions"] = tuple(draw(_EXCEPTIONS))
    order = Order.PARALLEL if kind == "parallel" else Order.SEQUENCE
    return block(draw(st.sampled_from((f"{kind} 1", "Named"))), order, *children, **fields)


@st.composite
def _exceptions(draw: st.DrawFn) -> ExceptionBlock:
    children = _numbered(draw(st.lists(_steps(), max_size=1)))
    then = draw(st.sampled_from(tuple(Then)))
    return exception("Exception!", then, *children, when=draw(_CONDITIONS), target="Mill 1")


_EXCEPTIONS = st.lists(_exceptions(), max_size=1)


def _level(inner: st.SearchStrategy[Element], made: Callable[..., Group]) -> st.SearchStrategy[Element]:
    @st.composite
    def drawn(draw: st.DrawFn) -> Group:
        children = _numbered(draw(st.lists(inner, min_size=1, max_size=2)))
        exceptions = tuple(draw(_EXCEPTIONS))
        return made(draw(_NAMES), *children, exceptions=exceptions)

    return drawn()


def procedures() -> st.SearchStrategy[Group]:
    """Give random procedures with every construct at every level."""
    in_operations = st.one_of(_steps(), _steps(), _blocks(_steps()))
    operations = _level(in_operations, operation)
    in_units = st.one_of(operations, operations, _blocks(operations))
    units = _level(in_units, unit_procedure)
    whole = st.lists(st.one_of(units, _blocks(units)), min_size=1, max_size=2)
    return whole.map(lambda children: procedure(*_numbered(children)))
