"""The area overview as values: what is fixed (units, titles) and what lives (states, readings), for one language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mes.model.equipment import TagSpec, Unit
from mes.model.phase import PhaseStatus
from mes.model.procedure import Group, walk
from mes.model.statewords import glyph, pill, state_word
from mes.model.steps import PhaseStep
from mes.plc.port import PlcError
from mes.plc.tagmap import Slot, TagMap
from mes.ui.shown import ShownPlant
from mes.ui.values import reading_text, uom_text
from mes.ui.words import of_title, say

VALUES_OF_UNIT = 4
Live = Mapping[str, Any]
"""What the page shows now, by key: `@...` for the header, `#PLC` for links, a unit's name, a tag's name."""


def key_tags(plant: ShownPlant, unit: str) -> Sequence[TagSpec]:
    """Give the tags an overview shows of a unit: those with alarm limits first, else in the order of the map."""
    tags = [spec for spec in plant.equipment.tags.values() if spec.unit == unit]
    chosen = sorted(tags, key=lambda spec: not spec.limits)[:VALUES_OF_UNIT]
    return [spec for spec in tags if spec in chosen]


def layout(plant: ShownPlant, language: str) -> Sequence[Mapping[str, Any]]:
    """Give what does not change while the page is open: PLCs with their units and the titles of their key tags."""
    return [
        {
            "plc": tag_map.name,
            "title": of_title(language, tag_map.title),
            "units": [_unit_layout(plant, tag_map, unit, language) for unit in tag_map.units.values()],
        }
        for tag_map in plant.maps
    ]


def _unit_layout(plant: ShownPlant, tag_map: TagMap, unit: Unit, language: str) -> Mapping[str, Any]:
    tags = [
        {"tag": spec.name, "title": of_title(language, spec.title), "uom": uom_text(spec.uom)}
        for spec in key_tags(plant, unit.name)
    ]
    has_phases = any(slot.unit == unit.name for slot in tag_map.slots.values())
    return {"name": unit.name, "title": of_title(language, unit.title), "phases": has_phases, "tags": tags}


def live(plant: ShownPlant, language: str) -> dict[str, Any]:
    """Give everything on the overview that lives, as it stands now."""
    shown: dict[str, Any] = {"@clock": f"{plant.cell.now().astimezone():%Y-%m-%d %H:%M:%S}"}
    statuses = {name: link.status() for name, link in plant.links.items()}
    usable = sum(status.usable for status in statuses.values())
    shown["@links"] = [say(language, "links_usable", usable=usable, all=len(statuses)), usable == len(statuses)]
    owners: dict[str, list[str]] = {}
    for state in plant.cell.batches.values():
        for unit in state.units:
            owners.setdefault(unit, []).append(state.batch_no)
    waits = _waits(plant)
    for tag_map in plant.maps:
        status = statuses[tag_map.name]
        word = say(language, "link_usable" if status.usable else "link_down")
        shown[f"#{tag_map.name}"] = [word, status.usable, status.why, status.source]
        slots: dict[str, list[Slot]] = {}
        for slot in tag_map.slots.values():
            slots.setdefault(slot.unit, []).append(slot)
        for unit in tag_map.units:
            shown[unit] = _unit(
                plant, tag_map, slots.get(unit, []), language, owners.get(unit, ()), waits.get(unit, "")
            )
            for spec in key_tags(plant, unit):
                shown[spec.name] = list(reading_text(plant.links[tag_map.name].reading(spec.name), spec))
    abnormal = [unit for unit in plant.equipment.units if shown.get(unit, {}).get("alarms")]
    shown["@abnormal"] = say(language, "abnormal", units=", ".join(abnormal)) if abnormal else ""
    return shown


def _unit(
    plant: ShownPlant, tag_map: TagMap, slots: Sequence[Slot], language: str, owners: Sequence[str], wait: str
) -> Mapping[str, Any]:
    texts: dict[str, Any] = {"owner": ", ".join(owners), "wait": wait}
    for slot in slots:
        try:
            status = plant.links[tag_map.name].phase(slot.name)
        except PlcError as error:
            return {**texts, "pill": "unknown", "state": say(language, "not_known"), "glyph": "?", "why": str(error)}
        shown = _slot(slot, status, language)
        # The slot that does something is the one to see; a unit with several rests when all do.
        if "state" not in texts or status.active_exec or shown["alarms"]:
            texts |= shown
    return texts


def _slot(slot: Slot, status: PhaseStatus, language: str) -> Mapping[str, Any]:
    if not status.fresh:
        return {"pill": "unknown", "state": say(language, "not_known"), "glyph": "?", "why": status.why, "alarms": []}
    phase = slot.phases.get(status.phase_number)
    step = slot.steps.get((status.phase_number, status.step))
    parts = [of_title(language, found.title) for found in (phase, step) if found is not None]
    alarms = [f"{say(language, 'interlock')}: {_titled(slot, name, language)}" for name in status.interlocks]
    if status.failure:
        failure = slot.failures.get(status.fail_code)
        title = of_title(language, failure.title) if failure else status.failure
        alarms.append(f"{say(language, 'failure')}: {title} ({status.failure})")
    return {
        "pill": pill(status.state),
        "state": state_word(language, status.state),
        "glyph": glyph(status.state),
        "what": " – ".join(parts),
        "why": "",
        "alarms": alarms,
    }


def _titled(slot: Slot, name: str, language: str) -> str:
    found = next((lock for lock in slot.interlocks.values() if lock.name == name), None)
    return f"{of_title(language, found.title)} ({name})" if found else name


def _waits(plant: ShownPlant) -> Mapping[str, str]:
    """Give why units wait, by unit: the waits of their batches by the nearest element that has a unit."""
    found: dict[str, list[str]] = {}
    for batch_no, waiting in plant.cell.waiting.items():
        state = plant.cell.batches.get(batch_no)
        if state is None or not waiting:
            continue
        units = {
            element.path: element.unit
            for element in walk(state.tree.root)
            if isinstance(element, Group | PhaseStep) and element.unit
        }
        for path, why in waiting.items():
            near = max((known for known in units if f"{path}/".startswith(f"{known}/")), key=len, default=None)
            if near is not None:
                found.setdefault(units[near], []).append(f"{batch_no}: {why.text}")
    return {unit: "; ".join(dict.fromkeys(whys)) for unit, whys in found.items()}
