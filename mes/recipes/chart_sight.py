"""What one chart shows of a procedure: how deep, in which language, and how its elements stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mes.model.procedure import Element, ExceptionBlock, Group, Level, walk
from mes.model.states import ProceduralState
from mes.model.statewords import glyph, pill, state_word
from mes.recipes.chart_marks import Text
from mes.recipes.chart_text import text_width, wrapped

_MADE_UP = re.compile(r"[a-z]+ \d+")
_REST = frozenset({ProceduralState.IDLE})


class Depth(StrEnum):
    """The lowest level that is drawn; what is below is folded into one box with a plus sign."""

    UNIT_PROCEDURE = "unit-procedure"
    OPERATION = "operation"
    PHASE = "phase"


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """Size and line height in px, and whether it is bold."""

    size: float
    line: float
    bold: bool = False


FONTS: Mapping[str, Font] = {
    "name": Font(size=13, line=17, bold=True),
    "unit": Font(size=12, line=16, bold=True),
    "dim": Font(size=11.5, line=15),
    "state": Font(size=12, line=17, bold=True),
    "wait": Font(size=11.5, line=15),
}
Words = tuple[str, str]
"""A text and its look, a key of `FONTS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How a chart is seen. Without `states` it is that of a recipe, with them that of a batch."""

    language: str = "en"
    depth: Depth = Depth.OPERATION
    states: Mapping[str, ProceduralState] = field(default_factory=dict)
    waits: Mapping[str, str] = field(default_factory=dict)
    rounds: Mapping[str, int] = field(default_factory=dict)

    def is_open(self, element: Element | ExceptionBlock) -> bool:
        """True when what is in the element is drawn, not folded."""
        if isinstance(element, ExceptionBlock):
            return self.depth is Depth.PHASE
        match element:
            case Group(level=Level.UNIT_PROCEDURE):
                return self.depth is not Depth.UNIT_PROCEDURE
            case Group(level=Level.OPERATION):
                return self.depth is Depth.PHASE
            case _:
                return True

    def look(self, path: str) -> str:
        """Give the kind of look of an element's state; "" in the chart of a recipe."""
        if not self.states:
            return ""
        return pill(self.states.get(path, ProceduralState.IDLE))

    def state_line(self, path: str) -> Iterator[Words]:
        """Give sign and word of the state of an element that has left idle."""
        state = self.states.get(path, ProceduralState.IDLE)
        if state not in _REST:
            yield f"{glyph(state)} {state_word(self.language, state)}", "state"

    def wait_lines(self, element: Element) -> Iterator[Words]:
        """Give what an element waits for, and what the elements wait for that are folded into it."""
        hidden = walk(element) if isinstance(element, Group) and not self.is_open(element) else (element,)
        for found in hidden:
            why = self.waits.get(found.path)
            if why and found.path:
                yield f"◷ {why}" if found is element else f"◷ {found.name}: {why}", "wait"


def given_name(name: str) -> str:
    """Give the name of a block, "" for one that its reader made up (such as `parallel 1`)."""
    return "" if _MADE_UP.fullmatch(name) else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Texts that are set, and the room they take."""

    texts: tuple[Text, ...]
    width: float
    height: float


def set_text(lines: Iterable[Words], width: float, *, x: float, middle: bool = True) -> Paragraph:
    """Break texts to a width and set them below each other from y = 0."""
    texts: list[Text] = []
    y = widest = 0.0
    for text, look in lines:
        font = FONTS[look]
        for line in wrapped(text, width, font.size, bold=font.bold):
            texts.append(Text(x=x, y=y + font.line * 0.77, text=line, look=look, middle=middle))
            y += font.line
            widest = max(widest, text_width(line, font.size, bold=font.bold))
    return Paragraph(texts=tuple(texts), width=widest, height=y)
