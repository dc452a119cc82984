"""The column of batches: open ones with their commands, the last ones that ended, and the way to a new one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from mes.model.statewords import glyph, pill, state_word
from mes.store.batchrows import BatchRow
from mes.ui.batchcard import BatchCard
from mes.ui.batchlooks import Looks
from mes.ui.commanding import Commanding
from mes.ui.controls import box, button, text
from mes.ui.newbatch import NewBatchDialog, read_library
from mes.ui.queuelist import QueueList
from mes.ui.words import say


class BatchColumn:
    """All batches on one page; cards come and go with their batches and are otherwise only changed in place."""

    def __init__(self, looks: Looks, commanding: Commanding) -> None:
        self._commanding = commanding
        self._language = commanding.language
        self._cards: dict[str, BatchCard] = {}
        self._ended_shown: Sequence[BatchRow] | None = None
        with box("batches") as self.element:
            with box("flex items-center justify-between"):
                text(say(self._language, "batches"), tag="h3")
                button(say(self._language, "new_batch"), self._new_batch, mark="new-batch")
            self._none = text(say(self._language, "no_batches"), "small")
            self._queue = QueueList(self._language)
            self._open = box("flex flex-col gap-2")
            text(say(self._language, "ended"), tag="h3")
            self._ended = box("past")
        self.show(looks)

    def show(self, looks: Looks) -> None:
        """Bring the column to what is known now."""
        now_open = {look.batch_no: look for look in looks.open}
        for batch_no in self._cards.keys() - now_open.keys():
            self._cards.pop(batch_no).leave()
        for place, (batch_no, look) in enumerate(now_open.items()):
            if batch_no in self._cards:
                self._cards[batch_no].show(look)
                continue
            with self._open:
                card = self._cards[batch_no] = BatchCard(look, self._commanding)
            card.element.move(target_index=place)
        self._none.set_visibility(not now_open)
        self._queue.show(looks.queue)
        if looks.ended != self._ended_shown:
            self._ended_shown = looks.ended
            self._show_ended(looks.ended)

    def _show_ended(self, rows: Sequence[BatchRow]) -> None:
        self._ended.clear()
        with self._ended:
            if not rows:
                text(say(self._language, "no_ended"))
            for row in rows:
                text(row.batch_no).style("font-weight: 700")
                when = f"{row.ended_at.astimezone():%m-%d %H:%M}" if row.ended_at else ""
                text(f"{row.recipe_id} · {row.size} · {when}")
                text(f"{glyph(row.state)} {state_word(self._language, row.state)}", f"pill {pill(row.state)}")

    async def _new_batch(self) -> None:
        recipes = await asyncio.to_thread(read_library, self._commanding.batches.recipe_folder)
        if not self._commanding.place.is_deleted:
            NewBatchDialog(recipes, self._commanding)
