"""What the one who runs the check wishes for, and whether the PLC can meet it."""

from __future__ import annotations

from dataclasses import dataclass, field

from mes.model.equipment import EquipmentPhase
from mes.plc.conform.contract import PlcState, state_words
from mes.plc.conform.trial import Limits
from mes.plc.port import PlcError
from mes.plc.tagmap import Slot, TagMap
from mes.plc.tomltable import nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What to check: slots by name (all for none), one phase class, ids of checks or their beginnings.

    `tmo_s` is the MesTmo of the silence, in wall seconds. `far_epoch` takes the epoch over 65535. `although_controlled`
    begins even where another MES beats or a slot is not idle.
    """

    slots: tuple[str, ...] = ()
    phase: str = ""
    checks: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    tmo_s: int = 2
    far_epoch: bool = False
    although_controlled: bool = False


class NotSafe(PlcError):
    """The PLC is in use; the message says by whom, as far as it can be seen."""


def slots_of(tag_map: TagMap, wishes: Wishes) -> list[Slot]:
    """Give the slots to check; raises `ValueError` that names the nearest one when there is none."""
    for name in wishes.slots:
        if name not in tag_map.slots:
            known = ", ".join(tag_map.slots)
            raise ValueError(f"{tag_map.name} has no slot {name!r}{nearest(name, tag_map.slots)}; it has {known}")
    slots = [slot for slot in tag_map.slots.values() if not wishes.slots or slot.name in wishes.slots]
    slots = [slot for slot in slots if phases_of(slot, wishes.phase)]
    if not slots:
        classes = list(
            dict.fromkeys(one.phase_class for slot in tag_map.slots.values() for one in slot.phases.values())
        )
        raise ValueError(
            f"no slot to check has a phase {wishes.phase!r}{nearest(wishes.phase, classes)}; "
            f"there are {', '.join(classes)}"
        )
    return slots


def phases_of(slot: Slot, wanted: str) -> list[EquipmentPhase]:
    """Give the phases of a slot that may be run, all of them when `wanted` is ""."""
    return [phase for phase in slot.phases.values() if not wanted or phase.phase_class == wanted]


def refuse_when_in_use(tag_map: TagMap, beats: bool, states: dict[str, int]) -> None:
    """Raise `NotSafe` when the heart of another MES beats, or when a slot is not idle."""
    if beats:
        raise NotSafe(
            f"{tag_map.name}: another MES drives this PLC (MesHb moves); stop it first, or add --although-controlled"
        )
    busy = [f"{name} is {state_words(state)}" for name, state in states.items() if state != PlcState.IDLE]
    if busy:
        raise NotSafe(
            f"{tag_map.name}: {', '.join(busy)}; bring every slot to idle first, or add --although-controlled to have "
            "it done"
        )
