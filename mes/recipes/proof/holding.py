"""Whether every unit that is acquired is released, on every way through the procedure.

What is held is followed along the tree: the children of a sequence one after the other, the branches of a choose beside
each other (they must leave the same), those of a parallel each on its own, the rounds of a repeat as one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mes.model.claims import wants_of
from mes.model.procedure import Element, ExceptionBlock, Group, Level, Order, Then, walk
from mes.model.steps import HoldingStep
from mes.recipes.problem import nearest
from mes.recipes.proof.case import Case

Held = Mapping[str, HoldingStep]
"""What is held by unit, with the step that acquired it."""

Owned = Mapping[str, Group]
"""The units of the surrounding unit procedures and operations, with who owns them."""


def prove_holding(case: Case) -> None:
    """Find units that are acquired and not released, released and not held, or acquired twice."""
    flow = _Flow(case)
    for unit, step in flow.follow(case.master.procedure, {}, {}).items():
        flow.tell_kept(step, unit, "")


@dataclass(frozen=True, slots=True)
class _Flow:
    case: Case

    def tell_kept(self, step: HoldingStep, unit: str, where: str) -> None:
        message = f"unit {unit} is acquired here and never released{where}; add '- release: [{unit}]' where it can go"
        self.case.tell(step, message)

    def follow(self, element: Element, held: Held, owned: Owned) -> Held:
        """Give what is held after an element."""
        match element:
            case HoldingStep():
                return self.released(element, held, owned) if element.release else self.acquired(element, held, owned)
            case Group():
                return self.group(element, held, owned)
            case _:
                return held

    def acquired(self, step: HoldingStep, held: Held, owned: Owned) -> Held:
        for unit in step.units:
            why = _by_whom(unit, held, owned)
            if why:
                self.case.tell(step, f"acquires {unit}, {why}, so it would wait for itself; remove it here")
        return {**{unit: step for unit in step.units if unit not in owned}, **held}

    def released(self, step: HoldingStep, held: Held, owned: Owned) -> Held:
        for unit in step.units:
            if unit in held:
                continue
            if unit in owned:
                owner = owned[unit]
                why = f"{owner.level} {owner.name!r} gives back when it ends; remove it here"
                self.case.tell(step, f"releases {unit}, which {why}")
            else:
                known = nearest(unit, held) or "; nothing is acquired before it"
                self.case.tell(step, f"releases {unit}, which is not held here{known}")
        return {unit: by for unit, by in held.items() if unit not in step.units}

    def group(self, group: Group, held: Held, owned: Owned) -> Held:
        for want in wants_of(group):
            # What an acquire step has is not asked for again; what something around has cannot be had twice.
            found = [_by_whom(unit, {}, owned) for unit in want.candidates]
            if found and all(found):
                message = f"wants {' or '.join(want.candidates)}, {found[0]}, so it would wait for itself"
                self.case.tell(group, f"{message}; release it before, or leave one of the two out")
        own = (*group.uses, *((group.unit,) if group.level is Level.UNIT_PROCEDURE and group.unit else ()))
        owned = {**owned, **dict.fromkeys(own, group)}
        after = self.children(group, held, owned)
        for block in group.exceptions:
            self.exception(group, block, held, owned)
        if group.is_repeated:
            self.same(
                after, held, f" in the same round of {group.name!r}", f"is held before {group.name!r} and released"
            )
            return held
        return after

    def children(self, group: Group, held: Held, owned: Owned) -> Held:
        if group.order is Order.PARALLEL:
            for branch in group.children:
                after = self.follow(branch, held, owned)
                self.same(after, held, f" in its branch {branch.name!r}", f"is released in the branch {branch.name!r}")
            return held
        if group.order is Order.CHOICE:
            return self.choice(group, held, owned)
        jumps = any(block.then is Then.JUMP for block in group.exceptions)
        for child in group.children:
            after = self.follow(child, held, owned)
            if jumps:
                jump = next(block for block in group.exceptions if block.then is Then.JUMP)
                reason = f" before {child.name!r} ends, but {jump.name!r} can jump out of it"
                self.same(after, held, reason, f"is released in {child.name!r}, which {jump.name!r} can jump over")
            else:
                held = after
        return held

    def choice(self, group: Group, held: Held, owned: Owned) -> Held:
        afters = [(branch, self.follow(branch, held, owned)) for branch in group.children]
        first, kept = afters[0]
        for branch, after in afters[1:]:
            for unit in sorted(set(kept) ^ set(after)):
                has, lacks = (first, branch) if unit in kept else (branch, first)
                by = kept.get(unit) or after[unit]
                ways = f"is held after {has.name!r} and not after {lacks.name!r}"
                message = f"unit {unit} {ways}; release it in both or acquire it before the choose"
                self.case.tell(by if by.path.startswith(f"{has.path}/") else lacks, message)
        return {unit: by for unit, by in kept.items() if all(unit in after for _, after in afters)}

    def same(self, after: Held, before: Held, kept: str, given_back: str) -> None:
        """Note what a part of the procedure leaves otherwise than it found it."""
        for unit, step in after.items():
            if unit not in before:
                self.tell_kept(step, unit, kept)
        for unit, step in before.items():
            if unit not in after:
                self.case.tell(step, f"unit {unit} {given_back}; release it where it was acquired")

    def exception(self, group: Group, block: ExceptionBlock, held: Held, owned: Owned) -> None:
        # What acquire steps of the interrupted children have taken may still be held while the exception is served.
        before = dict(held)
        for child in group.children:
            steps = (step for step in walk(child) if isinstance(step, HoldingStep) and not step.release)
            before.update({unit: step for step in steps for unit in step.units})
        after = self.follow(block.steps, before, owned)
        if block.then is not Then.END:
            self.same(
                after, before, f" by the exception {block.name!r}", f"is released by the exception {block.name!r}"
            )


def _by_whom(unit: str, held: Held, owned: Owned) -> str:
    if unit in held:
        return f"which is held since line {held[unit].line}"
    if unit in owned:
        return f"which {owned[unit].level} {owned[unit].name!r} has"
    return ""
