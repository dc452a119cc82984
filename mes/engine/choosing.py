"""Choose the units that a recipe wants chosen when the batch starts, long before it has them."""

from __future__ import annotations

from mes.engine.draft import ENGINE, Draft, PlantView
from mes.engine.prompting import ask, response_of
from mes.model.procedure import Bind, Choose, Group, UnitWanted
from mes.model.steering import UnitChosen
from mes.model.steps import AnswerKind


def choose_units(draft: Draft, view: PlantView) -> bool:
    """Choose a unit for every group that wants one of a class from the start; True when all are chosen.

    By preference it is the first that is fit for use, or else the first; the longest idle is that of those fit.
    """
    groups = [element for element in draft.state.tree.elements.values() if isinstance(element, Group)]
    # Every one is asked for at once, so that a person need not wait for the next question.
    chosen = tuple(_chosen(draft, view, group, group.wanted) for group in groups if group.wanted is not None)
    return all(chosen)


def _chosen(draft: Draft, view: PlantView, group: Group, wanted: UnitWanted) -> bool:
    if wanted.bind is not Bind.START or group.unit:
        return True
    if wanted.choose is Choose.OPERATOR and len(wanted.candidates) > 1:
        return _asked(draft, group, wanted)
    fit = [unit for unit in view.fit_units if unit in wanted.candidates]
    if wanted.choose is not Choose.LONGEST_IDLE:
        fit = [unit for unit in wanted.candidates if unit in fit]
    unit = fit[0] if fit else wanted.candidates[0]
    how = f"{wanted.choose} of {', '.join(wanted.candidates)}"
    draft.record(UnitChosen(path=group.path, unit=unit, by=ENGINE, because=how))
    return True


def _asked(draft: Draft, group: Group, wanted: UnitWanted) -> bool:
    wish = f"unit:{group.path}"
    response = response_of(draft.state, wish)
    if response is not None:
        because = response.because or "chosen at the start"
        draft.record(UnitChosen(path=group.path, unit=response.value, by=response.by, because=because))
        return True
    text = {"en": f"{group.name}: which unit will it run on?", "zh": f"{group.name}：将在哪台设备上进行？"}
    ask(draft, group.path, wish, text, AnswerKind.CHOICE, choices=wanted.candidates)
    return False
