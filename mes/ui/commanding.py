"""What happens when somebody presses: the verbs of the command line, and a readable answer to a refusal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from nicegui import ui

from mes.batches import Batches, NoEngine
from mes.model.quantity import UomError
from mes.model.states import Command, CommandRefused
from mes.recipes.problem import RecipeError
from mes.store.errors import StoreError
from mes.ui.controls import asking, box, button, entry, tell, text
from mes.ui.words import command_word, say

BY = "panel"
ASKS_WHY = (Command.HOLD, Command.STOP, Command.ABORT)
REFUSALS = (CommandRefused, NoEngine, RecipeError, StoreError, UomError)


@dataclass(slots=True)
class Commanding:
    """The commands of one page. `place` is an element that outlives the buttons, for dialogs and messages.

    `then` is called after each command, so that the page shows at once what became of it.
    """

    batches: Batches
    language: str
    place: ui.element
    then: Callable[[], Awaitable[None]]

    async def press(self, batch_no: str, command: Command) -> None:
        """Carry out a command, after asking why where the record wants a reason."""
        if command in ASKS_WHY:
            self._ask_why(batch_no, command)
        else:
            await self.give(batch_no, command, "ordered")

    async def give(self, batch_no: str, command: Command, because: str) -> None:
        """Give a command to a batch."""

        async def given() -> None:
            await self.batches.command(batch_no, command, by=BY, because=because)

        await self.carry_out(given, f"{command_word(self.language, command)} {batch_no}")

    async def confirm(self, batch_no: str, path: str) -> None:
        """Let an element begin that waits for a confirmation."""

        async def given() -> None:
            await self.batches.confirm(batch_no, by=BY, path=path)

        await self.carry_out(given, f"{say(self.language, 'confirm')} {batch_no}")

    async def answer(self, batch_no: str, prompt_id: str, value: str, because: str = "") -> None:
        """Answer a prompt."""

        async def given() -> None:
            await self.batches.answer(batch_no, value, by=BY, prompt_id=prompt_id, because=because)

        await self.carry_out(given, f"{say(self.language, 'answer')} {batch_no}")

    async def carry_out(self, act: Callable[[], Awaitable[None]], what: str) -> bool:
        """Do something that may be refused and tell how it went; True when it was done."""
        try:
            await act()
        except REFUSALS as refusal:
            self.tell(str(refusal))
            return False
        finally:
            await self.then()
        self.tell(say(self.language, "done_well", what=what), well=True)
        return True

    def tell(self, message: str, *, well: bool = False) -> None:
        """Show a message on the page."""
        if self.place.is_deleted:
            return
        with self.place:
            tell(message, dismiss=say(self.language, "dismiss"), well=well)

    def _ask_why(self, batch_no: str, command: Command) -> None:
        said = f"{command_word(self.language, command)} {batch_no}"
        with asking(self.place) as dialog, box("asking"):
            text(said, tag="h3")
            text(say(self.language, f"{command.value}_means"))
            why = entry(say(self.language, "reason"), mark="reason").props("autofocus")

            async def confirmed() -> None:
                because = why.value.strip()
                if not because:
                    why.error = say(self.language, "reason_wanted")
                    return
                dialog.close()
                if command is Command.ABORT:
                    self._ask_again(batch_no, because)
                else:
                    await self.give(batch_no, command, because)

            words = say(self.language, "go_on_to_abort") if command is Command.ABORT else said
            kind = "main" if command is Command.HOLD else "ends"
            self._buttons(dialog, words, confirmed, mark=f"confirm-{command.value}", kind=kind)
        dialog.open()

    def _ask_again(self, batch_no: str, because: str) -> None:
        with asking(self.place) as dialog, box("asking"):
            words = say(self.language, "abort_now", batch=batch_no)
            text(words, tag="h3")
            text(say(self.language, "abort_sure", batch=batch_no))

            async def confirmed() -> None:
                dialog.close()
                await self.give(batch_no, Command.ABORT, because)

            self._buttons(dialog, words, confirmed, mark="confirm-abort-now")
        dialog.open()

    def _buttons(
        self, dialog: ui.dialog, words: str, confirmed: Callable[[], Awaitable[None]], *, mark: str, kind: str = "ends"
    ) -> None:
        with box("buttons"):
            button(say(self.language, "cancel"), dialog.close, mark="cancel")
            button(words, confirmed, mark=mark, kind=kind)
