"""Whether every condition of a recipe means something: its tags are there and fresh, its units fit, it can be true.

A condition that can never be true keeps what stands behind it from ever being reached, and so does one that an earlier
branch has taken already. Both are told from the ranges of tags, and from the limits of what a recipe refers to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mes.model.condition import ConditionError, parse_condition
from mes.model.condition_range import Ranges, never_true
from mes.model.condition_text import Condition
from mes.model.condition_tree import AllOf, AnyOf, Comparison, Lasting, Negation, Node
from mes.model.equipment import AGE_LIMIT_S
from mes.model.expression import Arithmetic, Call, Negative, Operand, Term
from mes.model.procedure import Group, Order, walk
from mes.model.quantity import Quantity
from mes.model.reference import Reference, ReferenceKind
from mes.recipes.proof.case import Case
from mes.recipes.proof.ranges import range_of
from mes.recipes.proof.stated import stated
from mes.recipes.proof.uoms import uom_of_reference


def prove_conditions(case: Case) -> None:
    """Find conditions that cannot be read, judged or met, and branches and exceptions that are never taken."""
    for one in stated(case.master.procedure):
        for problem in problems_of(case, one.text):
            case.tell(one.at, f"{one.key}: {problem}", one.line)
    for element in walk(case.master.procedure):
        if isinstance(element, Group) and element.order is Order.CHOICE:
            _branches(case, element)


def problems_of(case: Case, text: str) -> list[str]:
    """Give what is wrong with one condition."""
    try:
        condition = parse_condition(text)
    except ConditionError as error:
        return [str(error)]
    uoms = {name: tag.uom for name, tag in case.cell.tags.items()}
    problems = condition.check(uoms, lambda reference: uom_of_reference(case, reference))
    for tag in sorted(condition.tags & set(case.cell.tags)):
        sampling = case.cell.tags[tag].sampling
        if sampling not in AGE_LIMIT_S:
            known = " or ".join(repr(name) for name in AGE_LIMIT_S)
            problems.append(
                f"{tag} is sampled {sampling!r}, for which no age makes a reading stale, so an old value could count; "
                f"give it the sampling {known} in the tag map"
            )
    return problems or [why for why in (impossible(case, condition.root),) if why]


def impossible(case: Case, root: Node) -> str:
    """Say why a condition can never be true; empty when it may be."""
    condition = Condition(root=_as_tags(root))
    ranges: dict[str, tuple[float, float]] = {}
    uoms: dict[str, str] = {}
    written = Condition(root=root)
    named: list[Operand] = [*written.references, *written.tags]
    for operand in named:
        name = str(operand)
        found = range_of(case, operand)
        if found is not None:
            low, high = found
            ranges[name] = float(low.value), float(high.to(low.uom).value)
            uoms[name] = low.uom
    return _never(condition, ranges, uoms)


def _never(condition: Condition, ranges: Ranges, uoms: Mapping[str, str]) -> str:
    known = {name: uoms.get(name, "") for name in condition.tags}
    return never_true(condition, ranges, known)


def _as_tags(node: Node) -> Node:
    """Give a condition in which references stand as tags, for both have a range and a unit of measure."""
    match node:
        case Comparison(left, operator, right):
            return Comparison(_as_tag(left), operator, _as_tag(right))
        case Negation(inner):
            return Negation(_as_tags(inner))
        case Lasting(inner, duration):
            return Lasting(_as_tags(inner), duration)
        case AllOf(parts):
            return AllOf(tuple(_as_tags(part) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_as_tags(part) for part in parts))


def _as_tag(term: Term) -> Term:
    match term:
        case Reference():
            return str(term)
        case Arithmetic(left, operator, right):
            return Arithmetic(_as_tag(left), operator, _as_tag(right))
        case Negative(inner):
            return Negative(_as_tag(inner))
        case Call(function, terms):
            return Call(function, tuple(_as_tag(each) for each in terms))
        case str() | Quantity():
            return term


def _branches(case: Case, choice: Group) -> None:
    """Find branches that those before them leave nothing for."""
    before: list[tuple[Group, Node]] = []
    for branch in choice.children:
        if not isinstance(branch, Group):
            continue
        root = _root(branch.when)
        if branch.when and root is None:
            continue
        same = next((earlier for earlier, other in before if root is not None and str(other) == str(root)), None)
        if same is not None:
            message = f"when: this is the condition of {same.name!r} again, so this branch is never taken; remove it"
            case.tell(branch, message)
        elif before and not (root is not None and impossible(case, root)):
            rest: list[Node] = [Negation(other) for _, other in before]
            if impossible(case, AllOf((*rest, *([root] if root is not None else [])))):
                case.tell(branch, f"{_left_over(branch, before)}, so this branch is never taken; remove it")
        if root is not None:
            before.append((branch, root))
    if len(before) == len(choice.children):
        _without_otherwise(case, choice, [root for _, root in before])


def _without_otherwise(case: Case, choice: Group, roots: Sequence[Node]) -> None:
    """Find choices that wait for a condition to become true without a limit, and those that wait for ever."""
    if impossible(case, AllOf(tuple(Negation(root) for root in roots))):
        return
    message = "it may be that none of its conditions is true, and then it waits"
    fix = "add '- otherwise: [...]' with what is done then"
    conditions = [Condition(root=root) for root in roots]
    formula = any(one.kind is ReferenceKind.FORMULA for condition in conditions for one in condition.references)
    if formula or any(condition.tags for condition in conditions):
        case.doubt(choice, f"{message} without a limit until one is; {fix}")
    else:
        case.tell(choice, f"{message} for ever, for what they look at does not change any more; {fix}")


def _root(text: str) -> Node | None:
    try:
        return parse_condition(text).root if text else None
    except ConditionError:
        return None


def _left_over(branch: Group, before: Sequence[tuple[Group, Node]]) -> str:
    names = ", ".join(repr(earlier.name) for earlier, _ in before)
    if not branch.when:
        return f"otherwise: the conditions of {names} leave nothing over"
    return f"when: whenever {branch.when!r} is true, one of {names} is true before it"
