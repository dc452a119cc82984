"""The procedure of a recipe text as a tree of groups and steps with unique paths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from mes.model.procedure import Bind, Choose, Element, ExceptionBlock, Group, Level, Order, Then, UnitWanted
from mes.recipes.blocktexts import (
    AcquireText,
    ChooseText,
    ExceptionText,
    JumpText,
    OtherwiseText,
    ParallelText,
    ReleaseText,
    RepeatText,
    SequenceText,
    WaitText,
)
from mes.recipes.document import RecipeText
from mes.recipes.leaves import gate_step, holding_step, phase_step, prompt_step, wait_step
from mes.recipes.levels import AnyItem, OperationText, UnitClassText, UnitProcedureText
from mes.recipes.links import Jump, judge_jumps, judge_syncs
from mes.recipes.notes import Notes
from mes.recipes.scope import Scope
from mes.recipes.steptexts import GateText, PhaseText, PromptText
from mes.recipes.strict_yaml import Place

OTHERWISE = "otherwise"


def procedure_of(notes: Notes, recipe: RecipeText) -> Group:
    """Give the procedure; its own path is "", below it names are joined by "/". Problems go to `notes`."""
    tree = _Tree(Scope(notes, recipe))
    root = Group(
        path="",
        name=recipe.recipe,
        level=Level.PROCEDURE,
        order=Order.SEQUENCE,
        children=tree.children(recipe.procedure, ("procedure",), path="", unit=""),
        exceptions=tree.exceptions(recipe.exceptions, (), path="", unit=""),
        line=notes.line(("procedure",)),
    )
    tree.scope.judge(root)
    judge_jumps(notes, root, tree.jumps)
    judge_syncs(notes, root)
    return root


@dataclass(slots=True)
class _Tree:
    scope: Scope
    jumps: list[Jump] = field(default_factory=list)
    _taken: dict[str, int] = field(default_factory=dict)

    def line(self, place: Place) -> int:
        return self.scope.notes.line(place)

    def claim(self, place: Place, path: str, name: str) -> str:
        """Give the path of a new element; a name that its siblings have is noted."""
        whole = f"{path}/{name}" if path else name
        if whole in self._taken:
            message = f"{name!r} is here twice (first in line {self._taken[whole]}); give one another name"
            self.scope.notes.add(place, message)
        self._taken.setdefault(whole, self.line(place))
        return whole

    def children(self, items: Sequence[AnyItem], place: Place, *, path: str, unit: str) -> tuple[Element, ...]:
        numbers: Counter[str] = Counter()
        found = []
        for index, item in enumerate(items):
            here = (*place, index)
            name = _name(item, numbers)
            found.append(self.element(item, here, path=self.claim(here, path, name), name=name, unit=unit))
        return tuple(found)

    def element(self, item: AnyItem, place: Place, *, path: str, name: str, unit: str) -> Element:
        scope = self.scope
        match item:
            case PhaseText():
                return phase_step(scope, item, place, path=path, name=name, unit=unit)
            case PromptText():
                return prompt_step(scope, item, place, path=path, name=name)
            case GateText():
                return gate_step(scope, item, place, path=path, name=name)
            case WaitText():
                return wait_step(scope, item, place, path=path, name=name)
            case AcquireText() | ReleaseText():
                return holding_step(scope, item, place, path=path, name=name)
            case UnitProcedureText():
                return self.unit_procedure(item, place, path=path, name=name)
            case OperationText():
                return Group(
                    path=path,
                    name=name,
                    level=Level.OPERATION,
                    order=Order.SEQUENCE,
                    children=self.children(item.phases, (*place, "phases"), path=path, unit=unit),
                    uses=tuple(item.uses),
                    exceptions=self.exceptions(item.exceptions, place, path=path, unit=unit),
                    line=self.line(place),
                )
            case _:
                return self.block(item, place, path=path, name=name, unit=unit)

    def unit_procedure(self, item: UnitProcedureText, place: Place, *, path: str, name: str) -> Group:
        wanted = self.wanted(item.unit, (*place, "unit")) if isinstance(item.unit, UnitClassText) else None
        unit = item.unit if isinstance(item.unit, str) else ""
        return Group(
            path=path,
            name=name,
            level=Level.UNIT_PROCEDURE,
            order=Order.SEQUENCE,
            children=self.children(item.operations, (*place, "operations"), path=path, unit=unit),
            unit=unit,
            wanted=wanted,
            uses=tuple(item.uses),
            exceptions=self.exceptions(item.exceptions, place, path=path, unit=unit),
            line=self.line(place),
        )

    def wanted(self, text: UnitClassText, place: Place) -> UnitWanted:
        return UnitWanted(
            unit_class=text.unit_class,
            choose=Choose(text.choose),
            bind=Bind(text.bind),
            prefer=tuple(text.prefer),
            where=self.scope.condition(text.where, (*place, "where")),
        )

    def block(
        self,
        item: ParallelText[AnyItem] | SequenceText[AnyItem] | ChooseText[AnyItem] | RepeatText[AnyItem],
        place: Place,
        *,
        path: str,
        name: str,
        unit: str,
    ) -> Group:
        order, until, at_most = Order.SEQUENCE, "", 1
        match item:
            case ParallelText():
                order = Order.PARALLEL
                children = self.children(item.parallel, (*place, "parallel"), path=path, unit=unit)
            case SequenceText():
                children = self.children(item.sequence, (*place, "sequence"), path=path, unit=unit)
            case ChooseText():
                order = Order.CHOICE
                children = self.branches(item, (*place, "choose"), path=path, unit=unit)
            case RepeatText():
                until, at_most = self.scope.condition(item.until, (*place, "until")), item.at_most
                children = self.children(item.repeat, (*place, "repeat"), path=path, unit=unit)
        return Group(
            path=path,
            name=name,
            level=Level.BLOCK,
            order=order,
            children=children,
            until=until,
            at_most=at_most,
            exceptions=self.exceptions(
                item.exceptions, place, path=path, unit=unit, block="" if order is Order.SEQUENCE else str(order)
            ),
            line=self.line(place),
        )

    def branches(self, item: ChooseText[AnyItem], place: Place, *, path: str, unit: str) -> tuple[Group, ...]:
        notes = self.scope.notes
        if not any(not isinstance(branch, OtherwiseText) for branch in item.choose):
            notes.add(place, "a choose needs at least one branch with 'when'; without one there is nothing to choose")
        found = []
        for index, branch in enumerate(item.choose):
            here = (*place, index)
            if isinstance(branch, OtherwiseText):
                if index < len(item.choose) - 1:
                    notes.add(here, "no branch after 'otherwise' is ever taken; put 'otherwise' last, and only once")
                name, when, items, key = branch.name or OTHERWISE, "", branch.otherwise, "otherwise"
            else:
                when = self.scope.condition(branch.when, (*here, "when"))
                name, items, key = branch.name or f"branch {index + 1}", branch.do, "do"
            own = self.claim(here, path, name)
            found.append(
                Group(
                    path=own,
                    name=name,
                    level=Level.BLOCK,
                    order=Order.SEQUENCE,
                    children=self.children(items, (*here, key), path=own, unit=unit),
                    when=when,
                    line=self.line(here),
                )
            )
        return tuple(found)

    def exceptions(
        self, texts: Sequence[ExceptionText[AnyItem]], place: Place, *, path: str, unit: str, block: str = ""
    ) -> tuple[ExceptionBlock, ...]:
        """Give the exception blocks of a group; `block` is the kind of one whose items are in no sequence."""
        found = []
        for index, text in enumerate(texts):
            here = (*place, "exceptions", index)
            if bool(text.when) is bool(text.failure):
                message = f"exception {text.exception!r} needs either 'when' or 'failure', not both or none"
                self.scope.notes.add(here, message)
            own, target = self.claim(here, path, text.exception), ""
            if isinstance(text.then, JumpText):
                target = f"{path}/{text.then.jump}" if path else text.then.jump
                self.jumps.append(Jump(place=(*here, "then"), path=path, name=text.then.jump, block=block))
            steps = Group(
                path=own,
                name=text.exception,
                level=Level.BLOCK,
                order=Order.SEQUENCE,
                children=self.children(text.do, (*here, "do"), path=own, unit=unit),
                line=self.line(here),
            )
            found.append(
                ExceptionBlock(
                    path=own,
                    name=text.exception,
                    steps=steps,
                    then=Then.JUMP if target else Then(str(text.then)),
                    when=self.scope.condition(text.when, (*here, "when")),
                    failure=text.failure,
                    target=target,
                    at_most=text.at_most,
                    line=self.line(here),
                )
            )
        return tuple(found)


def _name(item: AnyItem, numbers: Counter[str]) -> str:
    match item:
        case PhaseText():
            return item.name or item.phase
        case PromptText():
            return item.prompt
        case GateText():
            return item.gate
        case OperationText():
            return item.operation
        case UnitProcedureText():
            return item.unit_procedure
    kind = next(kind for kind in _NUMBERED if kind in type(item).model_fields)
    if not item.name:
        numbers[kind] += 1
    return item.name or f"{kind} {numbers[kind]}"


_NUMBERED = ("parallel", "sequence", "choose", "repeat", "wait", "acquire", "release")
