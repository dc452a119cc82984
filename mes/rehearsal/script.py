"""What the operator of a dry run answers: what was told beforehand, else what one would for whom all is well."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mes.elements import the_path
from mes.engine.asking import ACCEPT, TEST_AGAIN
from mes.engine.claims import unit_wish
from mes.engine.prompting import number_of
from mes.model.events import Prompt
from mes.model.execution import BatchState
from mes.model.fold import wish_of
from mes.model.procedure import Group, index
from mes.model.quantity import UomError
from mes.model.states import CommandRefused
from mes.model.steps import AnswerKind, GateStep, ResultSpec
from mes.recipes.problem import nearest
from mes.simulated.replies import good_reply

BECAUSE = "told so for the dry run"
_REPEAT, _VERDICT = "repeat:", "verdict:"
_OF_ELEMENT = (_REPEAT, _VERDICT, unit_wish(""))
"""How the wishes begin that are a person's decision about an element."""

Answer = tuple[str, str]
"""A value, and the reason that goes with it."""


@dataclass(slots=True, kw_only=True)
class Script:
    """Answers by the path of a prompt, results by the path of a gate and the name of the result.

    Of several values for one question each is given once, in their order, and the last one from then on.
    """

    told: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _given: dict[str, int] = field(default_factory=dict)

    def reply(self, state: BatchState, prompt: Prompt) -> Answer | None:
        """Give the answer to a prompt of a batch; None for what only a person may decide."""
        wish = wish_of(prompt.prompt_id, state.tree.elements)
        if wish in self.told:
            return self._next(wish), BECAUSE
        if wish.startswith(_OF_ELEMENT) and prompt.path in self.told:
            return self._next(prompt.path), BECAUSE
        if wish.startswith(_REPEAT):
            return None
        if wish.startswith(_VERDICT):
            return (TEST_AGAIN, "") if self._is_left(prompt.path) else (ACCEPT, BECAUSE)
        if prompt.answer is AnswerKind.CHOICE and prompt.choices:
            return prompt.choices[0], ""
        value = good_reply(state, prompt)
        return None if value is None else (value, "")

    def _next(self, key: str) -> str:
        values, place = self.told[key], self._given.get(key, 0)
        self._given[key] = place + 1
        return values[min(place, len(values) - 1)]

    def _is_left(self, gate: str) -> bool:
        """Say whether a gate that is tested again gets results that it has not had yet."""
        return any(
            self._given.get(key, 0) < len(values) for key, values in self.told.items() if key.startswith(f"{gate}#")
        )


def written(procedure: Group, results: Iterable[str], answers: Iterable[str]) -> Script:
    """Read `GATE.RESULT=VALUE` and `PROMPT=VALUE`; the same name again is the answer to the next asking.

    Raises `CommandRefused` that names the nearest gate, result or element, or the value that cannot be.
    """
    elements = index(procedure)
    told: dict[str, list[str]] = {}
    gates = {path: element for path, element in elements.items() if isinstance(element, GateStep)}
    for text in results:
        called, value = _split(text, "'QC.purity=99 %'")
        gate_name, dot, result = called.rpartition(".")
        if not dot:
            raise CommandRefused(f"{called!r} names no result of a gate; write for example 'QC.purity=99 %'")
        if not gates:
            raise CommandRefused(f"{called!r}: the recipe has no gate that asks for results")
        gate = gates[the_path(gates, gate_name)]
        spec = next((spec for spec in gate.results if spec.name == result), None)
        if spec is None:
            known = (spec.name for spec in gate.results)
            raise CommandRefused(f"gate {gate.name!r} asks for no result {result!r}{nearest(result, known)}")
        _check(spec, value)
        told.setdefault(f"{gate.path}#{result}", []).append(value)
    for text in answers:
        called, value = _split(text, "'Check the premix=yes'")
        told.setdefault(the_path(elements, called), []).append(value)
    return Script(told=told)


def _split(text: str, example: str) -> tuple[str, str]:
    name, _, value = (part.strip() for part in text.partition("="))
    if not (name and value):
        raise CommandRefused(f"{text!r} is not NAME=VALUE; write for example {example}")
    return name, value


def _check(spec: ResultSpec, value: str) -> None:
    try:
        given = number_of(value, spec.uom)
    except UomError as error:
        raise CommandRefused(f"result {spec.name}: {error}") from None
    if not (given.value.is_finite() and spec.minimum <= given.value <= spec.maximum):
        raise CommandRefused(
            f"result {spec.name}: {given} cannot be typed; the gate takes {spec.minimum} to {spec.maximum} {spec.uom}"
        )
