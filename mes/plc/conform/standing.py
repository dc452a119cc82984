"""What every single look at a slot has to show, whatever goes on: names, mode, and the commands enabled."""

from __future__ import annotations

from mes.plc.conform.contract import (
    MODE_AUTO,
    MODE_INTERLOCKED,
    MODE_LOCAL,
    MODE_OFF,
    MODE_SOURCE_MES,
    SETTLED,
    PlcState,
    enabled_word,
    state_words,
)
from mes.plc.conform.look import Look
from mes.plc.conform.sheet import Sheet
from mes.plc.tagmap import Slot

WHO_COMMANDS = MODE_AUTO | MODE_LOCAL | MODE_OFF
SHOWS_THE_TRIP = frozenset({PlcState.HOLDING, PlcState.HELD})


def note_standing(sheet: Sheet, slot: Slot, look: Look) -> None:
    """Note what one look shows by itself."""
    state = state_words(look.state)
    _note_names(sheet, slot, look, state)
    _note_mode(sheet, look, state)
    if look.state in SETTLED:
        wanted = enabled_word(PlcState(look.state), look.mode)
        seen = f"CmdEn {look.enabled:#06x}, Mode {look.mode:#04x}"
        contract = f"CmdEn is {wanted:#06x} in this state and mode"
        sheet.expect("ENA-01", look.enabled == wanted, state=state, seen=seen, contract=contract)


def _note_names(sheet: Sheet, slot: Slot, look: Look, state: str) -> None:
    unnamed = [bit for bit in range(16) if look.interlock >> bit & 1 and bit not in slot.interlocks]
    seen = f"Interlock {look.interlock:#06x}: no name for bit {', '.join(map(str, unnamed))}"
    contract = "one bit for each interlock of the tag map"
    sheet.expect("NAM-01", not unnamed, state=state, seen=seen, contract=contract)
    named = look.fail_code == 0 or look.fail_code in slot.failures
    contract = "FailCode is 0 or named in the tag map"
    sheet.expect("NAM-02", named, state=state, seen=f"FailCode {look.fail_code}", contract=contract)
    if look.step:
        named = (look.phase_number, look.step) in slot.steps
        seen = f"Step {look.step} of phase number {look.phase_number}"
        sheet.expect("NAM-03", named, state=state, seen=seen, contract="Step is named in the tag map")


def _note_mode(sheet: Sheet, look: Look, state: str) -> None:
    mode = look.mode
    seen = f"Mode {mode:#04x}, Interlock {look.interlock:#06x}"
    one = (mode & WHO_COMMANDS).bit_count() == 1
    sheet.expect("MOD-01", one, state=state, seen=seen, contract="one of automatic, local and off")
    if mode & MODE_SOURCE_MES:
        contract = "the MES is the source of commands in automatic only"
        sheet.expect("MOD-01", bool(mode & MODE_AUTO), state=state, seen=seen, contract=contract)
    if mode & MODE_INTERLOCKED:
        contract = "Mode bit 4 says that an interlock is present, Interlock which one"
        sheet.expect("MOD-01", look.interlock != 0, state=state, seen=seen, contract=contract)
    elif look.state not in SHOWS_THE_TRIP:
        contract = "without Mode bit 4, Interlock shows a bit in holding and held only"
        sheet.expect("MOD-01", look.interlock == 0, state=state, seen=seen, contract=contract)
