"""The batch queue on the page: which batches start by themselves, in their order."""

from __future__ import annotations

from collections.abc import Sequence

from mes.batches import QueuePlace
from mes.ui.controls import box, text
from mes.ui.words import say


class QueueList:
    """The batch queue of the cell; it is not there while nothing is queued."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._shown: Sequence[QueuePlace] | None = None
        with box("queued") as self.element:
            text(say(language, "queue"), tag="h3")
            self._places = box("places")

    def show(self, places: Sequence[QueuePlace]) -> None:
        """Bring the queue to what is known now."""
        self.element.set_visibility(bool(places))
        if places == self._shown:
            return
        self._shown = places
        self._places.clear()
        with self._places:
            for place in places:
                text(f"{place.position}  {place.batch_no}").style("font-weight: 700")
                words = [place.recipe_id, place_text(self._language, place), place.waiting]
                text(" · ".join(word for word in words if word))


def place_text(language: str, place: QueuePlace) -> str:
    """Give the priority of a queued batch, and the batch it comes after."""
    words = say(language, "priority", priority=place.priority)
    return f"{words}, {say(language, 'after', batch=place.after)}" if place.after else words
