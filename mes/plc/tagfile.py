"""Reader of the tag map file: strict, and kind - every error at once, with file, line, value and what is right."""

from __future__ import annotations

import tomllib
from pathlib import Path

from mes.model.equipment import EquipmentPhase, TagSpec, Unit
from mes.plc.mapunits import CLASS_NAME, read_unit
from mes.plc.mapvalues import (
    check_addresses,
    check_alarms,
    port_problem,
    read_alarms,
    read_limits,
    read_named,
    read_uom,
    read_values,
)
from mes.plc.tagmap import (
    COMMAND,
    HEADER,
    PARAMETERS,
    REPORTS,
    STATUS,
    Block,
    Field,
    Named,
    Slot,
    TagAddress,
    TagMap,
    TagMapError,
    WireType,
)
from mes.plc.tomltable import Errors, Lines, Table, nearest

__all__ = ["TagMapError", "parse_map", "read_map"]
INTERFACE = 1
"""The version of MES-Phase that this MES speaks."""

SCHEMES = ("modbus", "opc.tcp", "fake")
COMM_LOSS = ("continue", "hold", "stop")
SAMPLING = ("fast", "normal")
LARGEST_FILE = 4_000_000
"""Bytes; a map of a PLC with ten thousand tags has about two million."""

PLC_NAME = r"[A-Z][A-Z0-9_-]{0,15}"
TAG_NAME = r"[A-Z][A-Z0-9_-]*(\.[A-Za-z0-9_-]+)+"


def read_map(path: Path) -> TagMap:
    """Read and check a tag map file; raises `TagMapError` that holds every error in it."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise TagMapError([f"{path}: larger than {LARGEST_FILE} bytes: this is no tag map"])
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise TagMapError([f"{path}: the tag map cannot be read: {error.strerror or error}"]) from None
    except UnicodeDecodeError as error:
        raise TagMapError([f"{path}: not UTF-8 text ({error}); save it as UTF-8"]) from None
    return parse_map(text, path)


def parse_map(text: str, path: Path) -> TagMap:
    """Read and check the text of a tag map; `path` is named in errors. Raises `TagMapError`."""
    try:
        raw = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TagMapError([f"{path}: not a TOML file: {error}"]) from None
    errors = Errors(str(path), Lines(text))
    tag_map = _Reader(errors).read(Table(raw, "", errors, None), path)
    if errors.found or tag_map is None:
        raise TagMapError(errors.found)
    return tag_map


class _Reader:
    """The reading of one file: what was found so far, for the checks that look across tables."""

    def __init__(self, errors: Errors) -> None:
        self._errors = errors
        self._plc = ""
        self._units: dict[str, Unit] = {}
        self._slots: dict[str, Slot] = {}
        self._unit_tags: dict[str, TagSpec] = {}
        self._addresses: list[tuple[TagAddress, Table]] = []
        self._alarm_words: list[tuple[TagSpec, Table]] = []
        self._phases_read = 0

    def read(self, top: Table, path: Path) -> TagMap | None:
        plc = top.table("plc", place="[plc]")
        modbus = top.table("modbus", place="[modbus]")
        opcua = top.table("opcua", place="[opcua]")
        name = plc.text("name", pattern=PLC_NAME) if plc else None
        self._plc = name or "?"
        for table in top.tables("unit", what="[[unit]]", header="unit"):
            self._unit(table)
        header = modbus.table("header") if modbus else None
        if header:
            self._block(header, HEADER, prefix=self._plc, owner="[modbus] header")
        for table in top.tables("slot", what="[[slot]]", header="slot"):
            self._slot(table)
        for table in top.tables("tag", what="[[tag]]", header="tag"):
            self._tag(table)
        tag_map = None
        if plc and modbus and opcua:
            tag_map = self._map(plc, modbus, opcua, name, path)
        for section in (plc, modbus, opcua, top):
            if section:
                section.end()
        check_addresses(self._addresses)
        check_alarms(self._alarm_words, self._unit_tags)
        return tag_map

    def _map(self, plc: Table, modbus: Table, opcua: Table, name: str | None, path: Path) -> TagMap | None:
        title = plc.title()
        interface = plc.integer("interface", 0, 65535)
        if interface is not None and interface != INTERFACE:
            plc.error(f"interface = {interface}: this MES speaks MES-Phase version {INTERFACE} only", key="interface")
        program_id = plc.integer("program_id", 0, 0xFFFF_FFFF)
        scan_ms = plc.integer("scan_ms", 1, 60_000)
        url = self._url(plc)
        device_id = modbus.integer("device_id", 0, 255)
        word_order = modbus.choice("word_order", ("big", "little"), default="big")
        namespace = opcua.text("namespace")
        if name is None or interface is None or program_id is None or scan_ms is None:
            return None
        if url is None or device_id is None or namespace is None:
            return None
        return TagMap(
            path=path,
            name=name,
            title=title,
            interface=interface,
            program_id=program_id,
            scan_ms=scan_ms,
            url=url,
            device_id=device_id,
            high_word_first=word_order == "big",
            namespace=namespace,
            tags={address.name: address for address, _ in self._addresses},
            units=self._units,
            slots=self._slots,
            unit_tags=self._unit_tags,
        )

    def _url(self, plc: Table) -> str | None:
        url = plc.text("url")
        if url is None:
            return None
        scheme, separator, rest = url.partition("://")
        if scheme not in SCHEMES or not separator or not rest:
            hint = nearest(scheme, SCHEMES)
            plc.error(f"url = {url!r}: write {' or '.join(f'{one}://HOST:PORT' for one in SCHEMES)}{hint}", key="url")
            return None
        if wrong := port_problem(url):
            plc.error(wrong, key="url")
            return None
        return url

    def _unit(self, table: Table) -> None:
        unit = read_unit(table, self._plc)
        if unit is None:
            return
        if unit.name in self._units:
            table.error(f"unit {unit.name} occurs twice; rename one", key="name")
        self._units[unit.name] = unit

    def _unit_of(self, table: Table) -> str:
        unit = table.text("unit")
        if unit is not None and unit not in self._units:
            known = ", ".join(self._units) or "none"
            table.error(f"unit = {unit!r} is not declared{nearest(unit, self._units)}; declared: {known}", key="unit")
        return unit or "?"

    def _block(self, table: Table, fields: tuple[Field, ...], *, prefix: str, owner: str) -> None:
        w16, w32 = table.integer("w16", 0, 65535), table.integer("w32", 0, 65535)
        own = table.table("tags") if table.has("tags") else None
        moved = own.registers([field.name for field in fields]) if own else {}
        table.end()
        if w16 is None or w32 is None:
            return
        for address in Block(w16=w16, w32=w32, tags=moved).place(fields, prefix=prefix, owner=owner):
            self._addresses.append((address, table))

    def _slot(self, table: Table) -> None:
        name = table.text("name", pattern=TAG_NAME)
        unit = self._unit_of(table)
        comm_loss = table.choice("comm_loss", COMM_LOSS, default="hold")
        interlocks = read_named(table, "interlocks", "interlock", number="bit", low=0, high=15)
        failures = read_named(table, "failures", "failure", number="code", low=1, high=65535)
        modbus = table.table("modbus")
        for block, fields in (("status", STATUS), ("command", COMMAND)):
            part = modbus.table(block) if modbus else None
            if part:
                self._block(part, fields, prefix=name or "?", owner=f"[[slot]] {name} {block}")
        if modbus:
            modbus.end()
        phases: dict[int, EquipmentPhase] = {}
        steps: dict[tuple[int, int], Named] = {}
        tables = table.tables("phase", what="phase", named="class", header="slot.phase", first=self._phases_read)
        self._phases_read += len(tables)
        if not tables:
            table.error("no phase; declare what this slot can do with [[slot.phase]]")
        for one in tables:
            self._phase(one, name or "?", unit, phases, steps)
        table.end()
        if name is None:
            return
        if name in self._slots:
            table.error(f"slot {name} occurs twice; rename one", key="name")
        self._slots[name] = Slot(
            name=name,
            unit=unit,
            comm_loss=comm_loss or "hold",
            interlocks=interlocks,
            failures=failures,
            phases=phases,
            steps=steps,
        )

    def _phase(
        self,
        table: Table,
        slot: str,
        unit: str,
        phases: dict[int, EquipmentPhase],
        steps: dict[tuple[int, int], Named],
    ) -> None:
        phase_class = table.text("class", pattern=CLASS_NAME)
        number = table.integer("number", 1, 65535)
        title = table.title()
        parameters = read_values(table, "parameters", "parameter", most=PARAMETERS)
        reports = read_values(table, "reports", "report", most=REPORTS)
        named = read_named(table, "steps", "step", number="n", low=0, high=65535)
        table.end()
        if phase_class is None or number is None:
            return
        if number in phases:
            table.error(f"number {number} is {phases[number].phase_class} already in slot {slot}", key="number")
        here = [*phases.values(), *(p for s in self._slots.values() for p in s.phases.values())]
        twice = next((p for p in here if (p.unit, p.phase_class) == (unit, phase_class)), None)
        if twice:
            table.error(f"unit {unit} has the phase class {phase_class} in slot {twice.slot} already", key="class")
        steps.update({(number, n): step for n, step in named.items()})
        phases[number] = EquipmentPhase(
            plc=self._plc,
            unit=unit,
            slot=slot,
            phase_class=phase_class,
            number=number,
            title=title,
            parameters=parameters,
            reports=reports,
        )

    def _tag(self, table: Table) -> None:
        name = table.text("name", pattern=TAG_NAME)
        unit = self._unit_of(table)
        title = table.title()
        wire = table.choice("type", [one.value for one in WireType], default=WireType.REAL.value)
        uom = read_uom(table)
        span = table.pair("range")
        limits = read_limits(table, span)
        alarms = read_alarms(table, wire)
        sampling = table.choice("sampling", SAMPLING, default="normal")
        register = table.integer("modbus", 0, 65535)
        node = table.text("opcua", default=name or "?")
        table.end()
        if name is None or wire is None or span is None or register is None:
            return
        low, high = span
        self._unit_tags[name] = TagSpec(
            name=name,
            unit=unit,
            uom=uom,
            low=low,
            high=high,
            title=title,
            limits=limits,
            sampling=sampling or "normal",
            alarms=alarms,
        )
        if alarms:
            self._alarm_words.append((self._unit_tags[name], table))
        address = TagAddress(
            name=name,
            type=WireType(wire),
            register=register,
            node=node or name,
            owner=f"[[tag]] {name}",
            low=low,
            high=high,
        )
        self._addresses.append((address, table))
