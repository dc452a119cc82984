"""The procedure function chart of an open batch, live, over the whole page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nicegui import ui

from mes.model.execution import BatchState
from mes.model.statewords import glyph, pill, state_word
from mes.recipes.chart_live import batch_chart
from mes.recipes.chart_sight import Depth
from mes.ui.batchlooks import BatchLook
from mes.ui.commanding import Commanding
from mes.ui.controls import asking, box, button, text
from mes.ui.words import say


class BatchChart:
    """The chart of one batch on one page: drawn while it is open, and sent only when it looks different."""

    def __init__(self, look: BatchLook, commanding: Commanding) -> None:
        self._look = look
        self._commanding = commanding
        self._depth = Depth.OPERATION
        self._sheet: ChartSheet | None = None
        self._resting: BatchState | None = None

    async def open(self) -> None:
        """Show the chart; of a batch that the engine does not drive it is drawn from the books."""
        if self._sheet is not None and self._sheet.is_open:
            return
        if self._look.live is None:
            self._resting = (await self._commanding.batches.show(self._look.batch_no)).state
        if not self._commanding.place.is_deleted:
            self._sheet = ChartSheet(self._look.batch_no, self._commanding, self._toggle)
            self.show(self._look)

    def close(self) -> None:
        """Take the chart away."""
        if self._sheet is not None:
            self._sheet.close()

    def show(self, look: BatchLook) -> None:
        """Bring the chart to what is known now."""
        self._look = look
        sheet, state = self._sheet, look.live or self._resting
        if sheet is not None and sheet.is_open and state is not None:
            sheet.show(state, look.waits, self._depth)

    def _toggle(self) -> None:
        self._depth = Depth.OPERATION if self._depth is Depth.PHASE else Depth.PHASE
        self.show(self._look)


class ChartSheet:
    """The dialog with the drawing. What was drawn last is kept, so that the same is not drawn or sent again."""

    def __init__(self, batch_no: str, commanding: Commanding, toggle: Callable[[], None]) -> None:
        self._language = commanding.language
        self._state: BatchState | None = None
        self._seen: tuple[Mapping[str, str], Depth] | None = None
        self._svg = ""
        with asking(commanding.place) as self._dialog, box("charting").props(f"data-chart={batch_no}"):
            with box("head"):
                text(say(self._language, "chart_of", batch=batch_no), tag="h3")
                self._now = text("", "pill")
                self._fold = button("", toggle, mark="chart-depth")
                button(say(self._language, "dismiss"), self.close, mark="chart-close")
            with box("sheet"):
                # Every text in the drawing is escaped where it is drawn.
                self._drawing = ui.html("", sanitize=False)
        self._dialog.props("maximized")
        self._dialog.open()

    @property
    def is_open(self) -> bool:
        """False once it was closed."""
        return not self._dialog.is_deleted and bool(self._dialog.value)

    def close(self) -> None:
        """Take it away."""
        if not self._dialog.is_deleted:
            self._dialog.close()

    def show(self, state: BatchState, waits: Mapping[str, str], depth: Depth) -> None:
        """Draw what has changed."""
        if state is self._state and self._seen == (waits, depth):
            return
        self._state, self._seen = state, (waits, depth)
        self._now.set_text(f"{glyph(state.state)} {state_word(self._language, state.state)}")
        self._now.classes(replace=f"pill {pill(state.state)}")
        self._fold.set_text(say(self._language, "fold_phases" if depth is Depth.PHASE else "show_phases"))
        svg = batch_chart(state, waits=waits, language=self._language, level=depth)
        if svg != self._svg:
            self._svg = svg
            self._drawing.set_content(svg)
