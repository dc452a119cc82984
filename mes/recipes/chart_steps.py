"""How the steps of a procedure are drawn, and a group whose inside is folded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mes.model.procedure import Element, ExceptionBlock, Group, UnitWanted, walk
from mes.model.steps import GateStep, HoldingStep, OnFail, PhaseStep, PromptStep, Step, WaitStep
from mes.recipes.chart_compose import stacked
from mes.recipes.chart_marks import Box, BoxKind, Line, Mark, Sketch, Symbol, down
from mes.recipes.chart_sight import Sight, Words, given_name, set_text
from mes.recipes.chart_words import say, time_text
from mes.recipes.schedule import expected_schedule
from mes.recipes.values import value_text

STEP_WIDTH = 196.0
BESIDE_WIDTH = 190.0
PERSON = 14.0
DIAMOND = 30.0
INDENT = 9.0


def step_sketch(step: Step, sight: Sight) -> Sketch:
    """Draw one step as its kind is drawn."""
    match step:
        case PhaseStep():
            return _phase(step, sight)
        case PromptStep():
            return boxed(step, list(_prompt_lines(step, sight)), sight, symbol="person")
        case GateStep():
            return _marked(step, list(_gate_lines(step, sight)), sight, kind=BoxKind.GATE, symbol="diamond")
        case WaitStep():
            return transition(step, list(_wait_lines(step, sight)), sight, look=sight.look(step.path))
        case HoldingStep():
            verb = "release" if step.release else "acquire"
            lines = [(say(sight.language, verb, units=", ".join(step.units)), "unit"), *sight.state_line(step.path)]
            return _marked(step, lines, sight, kind=BoxKind.HOLDING, symbol=verb)


def folded(group: Group, sight: Sight) -> Sketch:
    """Draw a group as one box with a plus sign."""
    inside = [element for element in walk(group) if not isinstance(element, Group)]
    language = sight.language
    count = say(language, "one_step") if len(inside) == 1 else say(language, "steps", n=len(inside))
    expected_s = expected_schedule(group).total_s
    size = f"{count} · {time_text(language, expected_s)}" if expected_s else count
    lines: list[Words] = [(group.name, "name"), *unit_lines(group, sight), (size, "dim")]
    if group.exceptions:
        names = ", ".join(block.name for block in group.exceptions)
        lines.append((say(language, "on_exception", names=names), "dim"))
    lines += sight.state_line(group.path)
    asks = any(isinstance(element, PromptStep | GateStep) for element in inside)
    return boxed(group, lines, sight, symbol="person" if asks else "", corner="+" if inside else "")


def boxed(element: Element, lines: Iterable[Words], sight: Sight, *, symbol: str = "", corner: str = "") -> Sketch:
    """Draw an element as a rectangle with its texts, and below it what it waits for."""
    room = STEP_WIDTH - 2 * INDENT - (2 * PERSON if symbol or corner else 0)
    said = set_text(lines, room, x=0)
    height = max(said.height + 10, 32.0)
    rise = (height - said.height) / 2
    box = Box(
        kind=BoxKind.STEP,
        x=-STEP_WIDTH / 2,
        y=0,
        width=STEP_WIDTH,
        height=height,
        path=element.path,
        look=sight.look(element.path),
        tooltip=tooltip(element, sight),
        corner=corner,
    )
    marks: list[Mark] = [box, *(text.moved(0, rise) for text in said.texts)]
    if symbol:
        marks.append(Symbol(kind=symbol, x=-STEP_WIDTH / 2 + 6, y=6))
    half = STEP_WIDTH / 2
    return noted(Sketch(left=half, right=half, height=height, marks=tuple(marks)), element, sight)


def noted(sketch: Sketch, element: Element, sight: Sight) -> Sketch:
    """Put what an element waits for into a note below it."""
    said = set_text(sight.wait_lines(element), STEP_WIDTH - 2 * INDENT, x=-STEP_WIDTH / 2 + INDENT, middle=False)
    if not said.texts:
        return sketch
    half = STEP_WIDTH / 2
    note = Box(
        kind=BoxKind.NOTE, x=-half, y=sketch.height, width=STEP_WIDTH, height=said.height + 6, look=sight.look("")
    )
    texts = (text.moved(0, sketch.height + 2) for text in said.texts)
    height = sketch.height + note.height
    marks = (*sketch.marks, note, *texts)
    return Sketch(left=max(sketch.left, half), right=max(sketch.right, half), height=height, marks=marks)


def transition(
    element: Element, lines: Iterable[Words], sight: Sight, *, path: str | None = None, look: str = ""
) -> Sketch:
    """Draw a bar across the flow with the condition beside it; `path` "" leaves the element to another mark."""
    said = set_text(lines, BESIDE_WIDTH, x=21, middle=False)
    height = max(said.height + 4, 16.0)
    middle, shown = height / 2, element.path if path is None else path
    box = Box(
        kind=BoxKind.TRANSITION,
        x=-15,
        y=0,
        width=15 + 21 + said.width + 5,
        height=height,
        path=shown,
        look=look,
        tooltip=tooltip(element, sight),
    )
    bar = Line(points=((-13, middle), (13, middle)), look="thick")
    texts = (text.moved(0, (height - said.height) / 2) for text in said.texts)
    marks: tuple[Mark, ...] = (box, down(0, 0, height), bar, *texts)
    drawn = Sketch(left=15, right=box.x + box.width, height=height, marks=marks)
    return noted(drawn, element, sight) if shown else drawn


def _marked(element: Step, lines: Iterable[Words], sight: Sight, *, kind: BoxKind, symbol: str) -> Sketch:
    """Draw a symbol on the flow with texts to its right."""
    said = set_text(lines, BESIDE_WIDTH, x=DIAMOND / 2 + 8, middle=False)
    height = max(said.height + 6, DIAMOND + 2)
    box = Box(
        kind=kind,
        x=-DIAMOND / 2 - 3,
        y=0,
        width=DIAMOND + 3 + 8 + said.width + 5,
        height=height,
        path=element.path,
        look=sight.look(element.path),
        tooltip=tooltip(element, sight),
    )
    texts = (text.moved(0, (height - said.height) / 2) for text in said.texts)
    sign = Symbol(kind=symbol, x=-DIAMOND / 2, y=(height - DIAMOND) / 2, look=box.look)
    drawn = Sketch(left=-box.x, right=box.x + box.width, height=height, marks=(box, down(0, 0, height), sign, *texts))
    return noted(drawn, element, sight)


def _phase(step: PhaseStep, sight: Sight) -> Sketch:
    language = sight.language
    lines: list[Words] = [(step.name, "name")]
    kind = [step.phase_class] if step.phase_class != step.name else []
    if step.expected_s:
        kind.append(time_text(language, step.expected_s))
    if kind:
        lines.append((" · ".join(kind), "dim"))
    if step.scan:
        lines.append((say(language, "scan", inputs=", ".join(step.scan)), "dim"))
    if step.sync:
        lines.append((say(language, "transfer" if step.transfer else "sync", name=step.sync), "dim"))
    for update in step.updates:
        values = ", ".join(f"{one.name} {value_text(one)}" for one in update.parameters)
        lines.append((say(language, "update", condition=update.when, values=values), "dim"))
    box = boxed(step, [*lines, *sight.state_line(step.path)], sight, symbol="person" if step.scan else "")
    if not step.requires:
        return box
    condition = say(language, "requires", condition=step.requires)
    return stacked([transition(step, [(condition, "dim")], sight, path=""), box], gap=8)


def unit_lines(group: Group, sight: Sight) -> Iterator[Words]:
    """Give which unit a group runs on, which shared ones it holds, and how it leaves its own."""
    if group.wanted is not None and not group.unit:
        yield _wanted(group.wanted, sight), "unit"
    elif group.unit:
        yield group.unit, "unit"
    if group.uses:
        yield say(sight.language, "uses", units=", ".join(group.uses)), "dim"
    if group.leaves is not None:
        yield say(sight.language, f"leaves {group.leaves.value}"), "dim"


def _wanted(wanted: UnitWanted, sight: Sight) -> str:
    language = sight.language
    parts = [say(language, "unit_of", unit_class=wanted.unit_class)]
    if wanted.where:
        parts.append(say(language, "where", condition=wanted.where))
    if wanted.prefer:
        parts.append(say(language, "preferred", units=", ".join(wanted.prefer)))
    elif wanted.choose.value != "preferred":
        parts.append(say(language, wanted.choose.value))
    return ", ".join(parts)


def _prompt_lines(step: PromptStep, sight: Sight) -> Iterator[Words]:
    wanted = {"low": step.minimum, "high": step.maximum, "uom": step.uom}
    choices = ", ".join(step.choices)
    yield step.name, "name"
    yield say(sight.language, step.answer.value, choices=choices, input=step.input, **wanted).strip(), "dim"
    yield from sight.state_line(step.path)


def _gate_lines(step: GateStep, sight: Sight) -> Iterator[Words]:
    language = sight.language
    yield step.name, "name"
    for one in step.results:
        uom = "" if one.uom == "1" else one.uom
        text = say(language, "gate_spec", name=one.name, low=one.spec_low, high=one.spec_high, uom=uom)
        yield text.strip(), "dim"
    if step.sample:
        yield say(language, "sample", sample=step.sample), "dim"
    yield say(language, "gate_ask" if step.on_fail is OnFail.ASK else "gate_continue"), "dim"
    yield from sight.state_line(step.path)


def _wait_lines(step: WaitStep, sight: Sight) -> Iterator[Words]:
    language = sight.language
    if given_name(step.name) and step.name != step.until:
        yield step.name, "unit"
    yield step.until or say(language, "after", time=time_text(language, step.duration_s)), "dim"
    if step.within_s:
        yield say(language, "within", time=time_text(language, step.within_s)), "dim"
    yield from sight.state_line(step.path)


def tooltip(element: Element | ExceptionBlock, sight: Sight) -> str:
    """Give everything about an element that has no room in the chart, one thing a line."""
    lines = [element.path or element.name]
    if isinstance(element, PhaseStep):
        lines += [f"{one.name} {value_text(one)}" for one in element.parameters]
    if isinstance(element, PromptStep):
        lines.append(element.text.get(sight.language) or element.text.get("en", ""))
    if isinstance(element, Group):
        lines += [text for text, _ in unit_lines(element, sight)]
    if not isinstance(element, ExceptionBlock):
        lines += [text for text, _ in (*sight.state_line(element.path), *sight.wait_lines(element))]
    return "\n".join(line for line in lines if line)
