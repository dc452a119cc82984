"""Checking a tag map: offline against its own rules (`check`), online against the PLC it describes (`probe`)."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from mes.model.reading import Reading
from mes.plc.blocks import read_areas
from mes.plc.drivers import open_port
from mes.plc.port import PlcError, PlcPort, PlcRefused, Protected
from mes.plc.tagfile import read_map
from mes.plc.tagmap import TagMap, TagMapError

NAMED = 5
HEART_LIMIT_S = 1.0
HEART_POLL_S = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class MapReport:
    """What `check` found: every error as one readable line, and how much the map declares when there is none."""

    path: Path
    errors: tuple[str, ...] = ()
    plc: str = ""
    url: str = ""
    units: int = 0
    slots: int = 0
    phases: int = 0
    tags: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong: `place` is a tag, a block or the connection, `text` what is wrong and what to do."""

    place: str
    text: str

    def __str__(self) -> str:
        return f"{self.place}: {self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport:
    """What `probe` found at `source`; `good` counts the tags that were read and fit the map.

    `protection` says how the connection was secured, `notice` what will soon end that (a certificate that runs out).
    """

    path: Path
    plc: str
    source: str
    good: int
    findings: tuple[Finding, ...]
    protection: str = "unsecured"
    notice: str = ""


@runtime_checkable
class Browsable(Protocol):
    """A port to a PLC that can say which nodes it has."""

    async def present_nodes(self) -> Sequence[str]:
        """Give the identifiers of all nodes in the namespace of the map."""
        ...


def check(path: Path) -> MapReport:
    """Check a tag map file without a PLC."""
    try:
        tag_map = read_map(path)
    except TagMapError as error:
        return MapReport(path=path, errors=error.errors)
    return MapReport(
        path=path,
        plc=tag_map.name,
        url=tag_map.url,
        units=len(tag_map.units),
        slots=len(tag_map.slots),
        phases=sum(len(slot.phases) for slot in tag_map.slots.values()),
        tags=len(tag_map.tags),
    )


async def probe(path: Path, url: str = "", *, open_port: Callable[[TagMap, str], PlcPort] = open_port) -> ProbeReport:
    """Compare a tag map with the live PLC at `url` (by default the map's own); only reads.

    Raises `TagMapError` when the map itself is wrong. A PLC that cannot be reached is a finding.
    """
    tag_map = read_map(path)
    source = url or tag_map.url
    findings: list[Finding] = []
    readings: dict[str, Reading] = {}
    protection, notice = "unsecured", ""
    try:
        port = open_port(tag_map, source)
        source = port.source
        try:
            if isinstance(port, Protected):
                protection = port.protection
            await port.connect()
            if isinstance(port, Protected):
                notice = port.notice
            readings, findings = await _read_all(port, tag_map)
            findings += _identity(tag_map, readings)
            findings += await _tags(port, tag_map, readings)
            findings += await _heart(port, tag_map, readings)
        finally:
            await port.close()
    except PlcError as error:
        findings.append(Finding(place="connection", text=str(error)))
    good = sum(reading.is_good for reading in readings.values())
    return ProbeReport(
        path=path,
        plc=tag_map.name,
        source=source,
        good=good,
        findings=tuple(findings),
        protection=protection,
        notice=notice,
    )


async def _read_all(port: PlcPort, tag_map: TagMap) -> tuple[dict[str, Reading], list[Finding]]:
    """Read every tag, area by area: a refused block is told with the tags in it, and the others are still read."""
    readings: dict[str, Reading] = {}
    findings: list[Finding] = []
    for area in read_areas(list(tag_map.tags.values())):
        names = [tag.name for tag in area.tags]
        try:
            readings.update(await port.read(names))
        except PlcRefused as error:
            findings.append(Finding(place=area.describe(), text=f"{error}; tags in it: {_few(names)}"))
    return readings, findings


def _few(names: Sequence[str]) -> str:
    """Name the first tags of a block that holds up to a hundred."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def _identity(tag_map: TagMap, readings: Mapping[str, Reading]) -> list[Finding]:
    findings = []
    for field, wanted, advice in (
        ("IfVersion", tag_map.interface, "the PLC program must be built for this version of MES-Phase"),
        ("ProgramId", tag_map.program_id, "ask the automation engineer for the map that belongs to the program"),
    ):
        reading = readings.get(tag_map.header(field))
        if reading is not None and reading.is_good and reading.value != wanted:
            text = f"the PLC shows {reading.value}, the tag map says {wanted}; {advice}"
            findings.append(Finding(place=tag_map.header(field), text=text))
    return findings


async def _tags(port: PlcPort, tag_map: TagMap, readings: Mapping[str, Reading]) -> list[Finding]:
    bad = {tag: reading for tag, reading in readings.items() if not reading.is_good}
    if not bad:
        return []
    present = set(await port.present_nodes()) if isinstance(port, Browsable) else None
    findings = []
    for tag, reading in bad.items():
        node = tag_map.tags[tag].node
        if present is not None and node not in present:
            close = difflib.get_close_matches(node, present, 1)
            hint = f"the nearest one there is {close[0]!r}" if close else "nothing there has a name like it"
            text = f"the PLC has no node {node!r}; {hint}; correct the map or the PLC"
        else:
            text = f"{reading.why}; correct the map or the PLC"
        findings.append(Finding(place=tag, text=text))
    return findings


async def _heart(port: PlcPort, tag_map: TagMap, readings: Mapping[str, Reading]) -> list[Finding]:
    tag = tag_map.header("PlcHb")
    first = readings.get(tag)
    if first is None or not first.is_good:
        return []
    loop = asyncio.get_running_loop()
    deadline_s = loop.time() + HEART_LIMIT_S
    while loop.time() < deadline_s:
        await asyncio.sleep(HEART_POLL_S)
        if (await port.read((tag,)))[tag].value != first.value:
            return []
    text = f"the heart does not beat: {first.value} for {HEART_LIMIT_S:g} s; is the PLC in RUN?"
    return [Finding(place=tag, text=text)]
