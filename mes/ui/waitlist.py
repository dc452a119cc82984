"""What the elements of a batch wait for, each with its kind and live values, and a button where a person lets it go."""

from __future__ import annotations

from collections.abc import Sequence

from mes.batches import Waiting
from mes.model.waiting import ConditionPart, WaitKind
from mes.ui.commanding import Commanding
from mes.ui.controls import box, button, text
from mes.ui.words import say

PERSON = "a person: "
LET_GO = frozenset({WaitKind.CONFIRMATION, WaitKind.BREAKPOINT})
"""What a confirmation ends."""


class WaitList:
    """The waits of one batch on one page: rows come and go with their waits, words are changed in place."""

    def __init__(self, batch_no: str, commanding: Commanding) -> None:
        self._batch_no = batch_no
        self._commanding = commanding
        self._rows: dict[tuple[str, WaitKind], _Row] = {}
        self.element = box("waiting alive")

    def show(self, waiting: Sequence[Waiting]) -> None:
        """Bring the list to what is known now."""
        wanted = {(one.path, one.wait.kind): one for one in waiting}
        for gone in self._rows.keys() - wanted.keys():
            self._rows.pop(gone).element.delete()
        for place, (key, one) in enumerate(wanted.items()):
            if key not in self._rows:
                with self.element:
                    self._rows[key] = _Row(self._batch_no, one, self._commanding)
                self._rows[key].element.move(target_index=place)
            self._rows[key].show(one)
        self.element.set_visibility(bool(wanted))


class _Row:
    def __init__(self, batch_no: str, one: Waiting, commanding: Commanding) -> None:
        self._language = commanding.language
        with box("wait-row").props(f"data-wait={one.wait.kind.value}") as self.element:
            self._words = text("", "small")
            self._about = text("", "small about")
            if one.wait.kind in LET_GO:

                async def let_go() -> None:
                    await commanding.confirm(batch_no, one.path)

                words = say(self._language, "confirm_element", name=one.name)
                button(words, let_go, mark=f"go-{batch_no}", kind="main")

    def show(self, one: Waiting) -> None:
        kind = say(self._language, f"wait_{one.wait.kind.value}")
        # The kind says already that it is a person who is waited for.
        self._words.set_text(f"◷ {one.name} – {kind}: {one.wait.text.removeprefix(PERSON)}")
        lines = [_part(self._language, part) for part in one.wait.parts]
        if one.wait.kind is WaitKind.UNIT and one.wait.position:
            lines.append(say(self._language, "place", place=one.wait.position, units=", ".join(one.wait.units)))
        if one.wait.names:
            lines.append(f"{say(self._language, 'interlock')}: {', '.join(one.wait.names)}")
        self._about.set_text("\n".join(lines))
        self._about.set_visibility(bool(lines))


def _part(language: str, part: ConditionPart) -> str:
    stands = say(language, f"part_{part.truth}")
    needs = f" ({say(language, 'needs', needs=part.needs)})" if part.needs else ""
    return f"{stands}: {part.text} · {part.value or '–'}{needs}"
