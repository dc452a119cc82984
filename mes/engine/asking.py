"""Steps that need no PLC: prompts, QC gates, waits, and the values that a person gives at the start."""

from __future__ import annotations

from datetime import timedelta

from mes.engine.draft import ENGINE, Draft, PlantView, condition_key
from mes.engine.gatekeeping import let_in
from mes.engine.prompting import ask, number_of, response_of
from mes.engine.reentry import reenter
from mes.model.quantity import Quantity
from mes.model.recipe import Ask, FormulaParameter
from mes.model.states import ProceduralState
from mes.model.steering import Deviation, TestResults, TimerStarted
from mes.model.steps import AnswerKind, GateStep, OnFail, PromptStep, ResultSpec, WaitStep
from mes.model.waiting import Wait, WaitKind

S = ProceduralState

ACCEPT = "accept"
TEST_AGAIN = "test again"
REJECT = "reject"


def value_wish(name: str) -> str:
    """Give the wish for a formula value."""
    return f"value:{name}"


def ask_start_values(draft: Draft) -> bool:
    """Ask for the formula values that a person gives at the start; True when all are there."""
    asked = [parameter for parameter in draft.state.control.limits.values() if parameter.ask is Ask.START]
    # Every one is asked for at once, so that a person need not wait for the next question.
    given = tuple(have_value(draft, "", parameter) for parameter in asked)
    return all(given)


def have_value(draft: Draft, path: str, parameter: FormulaParameter) -> bool:
    """Say whether a person has given a formula value; ask for it where `path` waits."""
    wish = value_wish(parameter.name)
    if response_of(draft.state, wish) is not None:
        return True
    uom = parameter.default.uom
    limits = (parameter.minimum.to(uom).value, parameter.maximum.to(uom).value)
    proposed = draft.state.formula[parameter.name]
    text = {
        "en": f"Value of {parameter.name} ({limits[0]} to {limits[1]} {uom}, proposed {proposed})",
        "zh": f"参数 {parameter.name} 的值（{limits[0]} 至 {limits[1]} {uom}，建议 {proposed}）",
    }
    ask(draft, path, wish, text, AnswerKind.NUMBER, uom=uom, limits=limits, proposed=f"{proposed.to(uom).value}")
    return False


def enter_prompt(draft: Draft, step: PromptStep) -> None:
    """Ask what an operator phase asks; its answer completes it."""
    if not _begun(draft, step):
        return
    if step.answer is AnswerKind.LOT:
        proposed = draft.state.proposed_lots.get(step.input, "")
    else:
        proposed = ""
    ask(
        draft,
        step.path,
        step.path,
        step.text,
        step.answer,
        choices=step.choices,
        uom=step.uom,
        limits=(step.minimum, step.maximum),
        lot_input=step.input,
        proposed=proposed,
    )


def _begun(draft: Draft, step: PromptStep | GateStep | WaitStep) -> bool:
    """Begin a step that is idle and may begin; say whether it runs."""
    if draft.state.state_of(step.path) is S.IDLE and let_in(draft, step):
        draft.change(step.path, S.STARTING)
        draft.change(step.path, S.RUNNING)
    return draft.state.state_of(step.path) is S.RUNNING


def enter_wait(draft: Draft, view: PlantView, step: WaitStep) -> None:
    """Wait for a condition or a time."""
    if not _begun(draft, step):
        return
    if step.duration_s:
        _wait_for_time(draft, view, step)
        return
    stands = view.permissives.get(condition_key(step.path, "wait"))
    if stands is None:
        draft.wait(step.path, WaitKind.CONDITION, f"the condition {step.until} to be evaluated")
    elif stands.is_true:
        draft.change(step.path, S.COMPLETE, stands.why)
    else:
        draft.waiting[step.path] = Wait(kind=WaitKind.CONDITION, text=stands.why, parts=stands.parts)
        if step.within_s and stands.since_s > step.within_s:
            minutes = step.within_s / 60
            draft.hold(f"{step.name} has waited more than {minutes:.0f} min for {step.until}: {stands.why}", step.path)


def _wait_for_time(draft: Draft, view: PlantView, step: WaitStep) -> None:
    if step.path not in draft.state.timers:
        draft.record(TimerStarted(path=step.path, ends_at=view.at + timedelta(seconds=step.duration_s)))
    ends_at = draft.state.timers[step.path]
    if view.at >= ends_at:
        draft.change(step.path, S.COMPLETE)
    else:
        draft.wait(step.path, WaitKind.TIME, f"the time until {ends_at:%Y-%m-%d %H:%M:%S} of the process")


def enter_gate(draft: Draft, step: GateStep) -> None:
    """Ask for every result of a QC gate, judge them, and let a person decide about what is out of specification."""
    if not _begun(draft, step):
        return
    if step.path not in draft.state.results and not _results_in(draft, step):
        return
    failed = [spec for spec in step.results if not _passes(spec, draft.state.results[step.path][spec.name])]
    if not failed or step.on_fail is OnFail.CONTINUE:
        draft.change(step.path, S.COMPLETE, _told(draft, step, failed))
    else:
        _decide(draft, step, failed)


def _results_in(draft: Draft, step: GateStep) -> bool:
    found: dict[str, Quantity] = {}
    by = ENGINE
    for spec in step.results:
        wish = f"{step.path}#{spec.name}"
        response = response_of(draft.state, wish)
        if response is not None:
            found[spec.name] = number_of(response.value, spec.uom)
            by = response.by
            continue
        limits = f"{spec.spec_low} to {spec.spec_high} {spec.uom}"
        text = {
            "en": f"{step.name}: result {spec.name} (specification {limits})",
            "zh": f"{step.name}：检验结果 {spec.name}（规格 {limits}）",
        }
        ask(draft, step.path, wish, text, AnswerKind.NUMBER, uom=spec.uom, limits=(spec.minimum, spec.maximum))
    if len(found) < len(step.results):
        return False
    lot = draft.state.lots.get(step.sample)
    passed = all(_passes(spec, found[spec.name]) for spec in step.results)
    lot_no = "" if lot is None else lot.lot_no
    draft.record(TestResults(path=step.path, results=found, passed=passed, by=by, lot_no=lot_no))
    return True


def _passes(spec: ResultSpec, result: Quantity) -> bool:
    return spec.spec_low <= result.value <= spec.spec_high


def _told(draft: Draft, step: GateStep, failed: list[ResultSpec]) -> str:
    results = draft.state.results[step.path]
    return "; ".join(
        f"{spec.name} = {results[spec.name]} is outside {spec.spec_low} to {spec.spec_high} {spec.uom}"
        for spec in failed
    )


def _decide(draft: Draft, step: GateStep, failed: list[ResultSpec]) -> None:
    wish = f"verdict:{step.path}"
    response = response_of(draft.state, wish)
    told = _told(draft, step, failed)
    if response is not None and response.value == ACCEPT:
        by, because = response.by, response.because
        draft.record(
            Deviation(path=step.path, name=step.name, limit="specification", text=told, by=by, because=because)
        )
        draft.change(step.path, S.COMPLETE, told)
    elif response is not None:
        reenter(draft, step.path, include=True, by=response.by, because=f"decided: {response.value}")
        if response.value == REJECT:
            draft.hold(f"{step.name}: rejected, {told}", step.path)
    else:
        text = {
            "en": f"{step.name}: {told}. Accept it with a reason, test again, or reject (the batch is held).",
            "zh": f"{step.name}：{told}。说明理由后接受、重新检验，或拒收（批次保持）。",
        }
        ask(draft, step.path, wish, text, AnswerKind.CHOICE, choices=(ACCEPT, TEST_AGAIN, REJECT))
