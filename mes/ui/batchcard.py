"""One open batch: what it does, what it asks, and the commands that are legal now."""

from __future__ import annotations

from collections.abc import Sequence

from nicegui import ui

from mes.model.states import Command
from mes.model.statewords import glyph, pill, state_word
from mes.model.steering import Mode
from mes.ui.batchlooks import BatchLook
from mes.ui.chart import BatchChart
from mes.ui.commanding import Commanding
from mes.ui.controls import box, button, text
from mes.ui.promptbox import PromptBox
from mes.ui.queuelist import place_text
from mes.ui.values import duration_text
from mes.ui.waitlist import WaitList
from mes.ui.words import command_word, say

ENDS = frozenset({Command.STOP, Command.ABORT})


class BatchCard:
    """The card of one batch on one page; `show` changes only what differs, so that typed text is never lost."""

    def __init__(self, look: BatchLook, commanding: Commanding) -> None:
        self._commanding = commanding
        self._language = commanding.language
        self._legal: Sequence[Command] | None = None
        self._prompts: dict[str, PromptBox] = {}
        with box("batch").props(f"data-batch={look.batch_no}") as self.element:
            with box("top"):
                text(look.batch_no, "number")
                text(f"{look.recipe} · {look.size}", "recipe")
                self._mode = text("", "badge").mark(f"mode-{look.batch_no}")
                self._state = text("", "pill").mark(f"state-{look.batch_no}")
            self._reason = text("", "small reason")
            with box("meter"):
                self._meter = box("")
            with box("way"):
                self._progress = text("", "small alive")
                button(say(self._language, "chart"), self._open_chart, mark=f"chart-{look.batch_no}")
            self._activity = text("", "small alive")
            self._queued = text("", "small alive")
            self._waits = WaitList(look.batch_no, commanding)
            self._asked = box("prompts flex flex-col gap-2")
            self._commands = box("commands")
            self._endings = box("commands ending")
        self._chart = BatchChart(look, commanding)
        self.show(look)

    def leave(self) -> None:
        """Take the card away, and its chart with it: a batch that is no longer open changes no more."""
        self._chart.close()
        self.element.delete()

    async def _open_chart(self) -> None:
        await self._chart.open()

    def show(self, look: BatchLook) -> None:
        """Bring the card to what is known now."""
        language = self._language
        self._state.set_text(f"{glyph(look.state)} {state_word(language, look.state)}")
        self._state.classes(replace=f"pill {pill(look.state)}")
        done, every = look.steps
        left = f" · {say(language, 'remaining', time=duration_text(look.left_s))}" if look.left_s else ""
        self._progress.set_text(say(language, "steps", done=done, all=every) + left)
        self._meter.style(f"width: {100 * done // max(every, 1)}%")
        _show_or_hide(self._activity, f"▶ {look.activity}" if look.activity else "")
        _show_or_hide(self._queued, _queued_text(language, look))
        _show_or_hide(self._mode, _mode_text(language, look))
        self._waits.show(look.waiting)
        by, why = look.because or ("", "")
        _show_or_hide(self._reason, say(language, "because", by=by, why=why) if look.because else "")
        self._show_prompts(look)
        self._show_commands(look)
        self._chart.show(look)

    def _show_prompts(self, look: BatchLook) -> None:
        asked = {prompt.prompt_id: prompt for prompt in look.prompts}
        for prompt_id in self._prompts.keys() - asked.keys():
            self._prompts.pop(prompt_id).element.delete()
        for prompt_id in asked.keys() - self._prompts.keys():
            with self._asked:
                self._prompts[prompt_id] = PromptBox(look.batch_no, asked[prompt_id], self._commanding)

    def _show_commands(self, look: BatchLook) -> None:
        if look.legal == self._legal:
            return
        self._legal = look.legal
        for place in (self._commands, self._endings):
            place.clear()
        for command in look.legal:
            # What cannot be taken back has a row of its own, away from what is pressed often.
            with self._endings if command in ENDS else self._commands:
                self._button(look.batch_no, command)

    def _button(self, batch_no: str, command: Command) -> None:
        async def press() -> None:
            await self._commanding.press(batch_no, command)

        words = f"{command_word(self._language, command)} {batch_no}"
        button(words, press, mark=f"{command.value}-{batch_no}", kind="ends" if command in ENDS else "")


def _mode_text(language: str, look: BatchLook) -> str:
    word = say(language, f"mode_{look.mode.value}")
    if look.part_modes:
        return f"{word} {say(language, 'mode_parts')}"
    return "" if look.mode is Mode.AUTOMATIC else word


def _queued_text(language: str, look: BatchLook) -> str:
    if look.queue is None:
        return ""
    place = say(language, "queue_place", place=look.queue.position)
    return f"{place} · {place_text(language, look.queue)}"


def _show_or_hide(label: ui.label, words: str) -> None:
    label.set_text(words)
    label.set_visibility(bool(words))
