"""A question of a batch to a person, with the field its answer needs."""

from __future__ import annotations

from nicegui import ui

from mes.model.events import Prompt
from mes.model.steps import AnswerKind
from mes.ui.commanding import Commanding
from mes.ui.controls import box, button, entry, text
from mes.ui.values import uom_text
from mes.ui.words import of_title, say

MAY_NEED_A_REASON = ("verdict:", "value:", "repeat:", "choose:", "again:")
"""How the prompts begin whose answer decides about the way of the batch, so that the record may want a reason."""


class PromptBox:
    """One open prompt on one page. The answer is judged by the engine; nothing is checked twice here."""

    def __init__(self, batch_no: str, prompt: Prompt, commanding: Commanding) -> None:
        self._batch_no = batch_no
        self._prompt = prompt
        self._commanding = commanding
        self._why: ui.input | None = None
        language = commanding.language
        with box("prompt").props("data-prompt") as self.element:
            text(of_title(language, prompt.text), "ask")
            if prompt.prompt_id.startswith(MAY_NEED_A_REASON):
                self._why = entry(say(language, "why_answer"), mark=f"why-{batch_no}")
            with box("choices" if prompt.answer is AnswerKind.CHOICE else "row"):
                match prompt.answer:
                    case AnswerKind.CONFIRM:
                        self._button("yes", say(language, "confirm"))
                    case AnswerKind.CHOICE:
                        for choice in prompt.choices:
                            self._button(choice, choice)
                    case _:
                        self._field(language)

    def _field(self, language: str) -> None:
        prompt = self._prompt
        is_lot, is_number = prompt.answer is AnswerKind.LOT, prompt.answer is AnswerKind.NUMBER
        label = say(language, "lot_no" if is_lot else "your_answer")
        field = entry(
            f"{label} [{uom_text(prompt.uom)}]" if is_number and prompt.uom else label,
            mark=f"entry-{self._batch_no}",
            value=prompt.proposed,
            hint=_limits(prompt, language) if is_number else "",
            numeric=is_number,
        )

        async def answer() -> None:
            await self._answer(field)

        field.on("keydown.enter", answer)
        button(say(language, "answer"), answer, mark=f"answer-{self._batch_no}", kind="main")

    async def _answer(self, field: ui.input) -> None:
        await self._give((field.value or "").strip())

    async def _give(self, value: str) -> None:
        because = "" if self._why is None else (self._why.value or "").strip()
        await self._commanding.answer(self._batch_no, self._prompt.prompt_id, value, because)

    def _button(self, value: str, words: str) -> None:
        async def answer() -> None:
            await self._give(value)

        button(words, answer, mark=f"answer-{self._batch_no}", kind="main").classes("grow")


def _limits(prompt: Prompt, language: str) -> str:
    low, high, uom = prompt.minimum, prompt.maximum, uom_text(prompt.uom)
    if low is not None and high is not None:
        return say(language, "between", minimum=low, maximum=high, uom=uom)
    if low is not None:
        return say(language, "at_least", minimum=low, uom=uom)
    return say(language, "at_most", maximum=high, uom=uom) if high is not None else ""
