"""The few controls every page is made of, so that they look, feel and are found the same everywhere."""

from __future__ import annotations

import inspect
from collections.abc import Callable

from nicegui import ui

Press = Callable[[], object]
"""What a button does; a coroutine is awaited."""


def box(classes: str, tag: str = "div") -> ui.element:
    """Give a plain element to put things into."""
    return ui.element(tag).classes(classes)


def text(words: str, classes: str = "", tag: str = "") -> ui.label:
    """Give a text."""
    label = ui.label(words).classes(classes)
    if tag:
        label.tag = tag
    return label


def button(words: str, press: Press, *, mark: str, kind: str = "") -> ui.button:
    """Give a button that a gloved finger finds; while it works it shows so and takes no second press.

    `kind` is "main" for what a dialog is for, "ends" for what cannot be taken back.
    """
    made = ui.button(words, color=None).classes(f"hmi {kind}").mark(mark).props(f"no-caps unelevated data-mark={mark}")

    async def pressed() -> None:
        made.disable()
        made.props("loading")
        try:
            outcome = press()
            # Only what was written to be awaited: a dialog can be awaited too, and would open again.
            if inspect.iscoroutine(outcome):
                await outcome
        finally:
            if not made.is_deleted:
                made.props(remove="loading")
                made.enable()

    made.on_click(pressed)
    return made


def entry(label: str, *, mark: str, value: str = "", hint: str = "", numeric: bool = False) -> ui.input:
    """Give a field for a short text or a number (which stays the text that was typed, so that no digit is lost)."""
    made = ui.input(label, value=value).mark(mark).props(f"outlined square bg-color=white data-mark={mark}")
    if hint:
        made.props["hint"] = hint
    if numeric:
        made.props("inputmode=decimal")
    return made


def asking(place: ui.element) -> ui.dialog:
    """Give a dialog that only its own buttons close and that leaves nothing behind; `place` must outlive it."""
    with place:
        holder = box("hidden")
    with holder:
        dialog = ui.dialog().props("persistent")

    def forget() -> None:
        dialog.delete()
        holder.delete()

    dialog.on("hide", forget)
    return dialog


def tell(message: str, *, dismiss: str, well: bool = False) -> None:
    """Show a message: one about a refusal stays until it is dismissed, one that all is well goes by itself."""
    kind = "told well" if well else "told"
    ui.notification(
        message if well else f"■ {message}",
        position="bottom-left" if well else "top",
        close_button=False if well else dismiss,
        timeout=3.0 if well else None,
        multi_line=not well,
        color="white",
        textColor="dark",
        classes=kind,
    ).mark("told-well" if well else "refusal")
