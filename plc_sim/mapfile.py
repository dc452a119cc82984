"""Reader of the tag map file for the simulated PLC; `mes` has another one, and the two share nothing but the file."""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from plc_sim.codec import REGISTERS, WireType, WordOrder
from plc_sim.maptable import MapError, Table
from plc_sim.tagmap import (
    COMMAND,
    HEADER,
    PARAMETERS_MAX,
    REPORTS_MAX,
    STATUS,
    AlarmLimit,
    Block,
    Parameter,
    PhaseClass,
    Report,
    Rows,
    Slot,
    TagMap,
    UnitTag,
)

PLC_NAME = r"[A-Z][A-Z0-9_-]{0,15}"
UNIT_NAME = r"[A-Z][A-Z0-9-]*"
CLASS_NAME = r"[A-Z][A-Z0-9_-]*"
TAG_NAME = r"[A-Z][A-Z0-9_-]*(\.[A-Za-z0-9_-]+)+"
FIELD_NAME = r"[A-Za-z][A-Za-z0-9_]*"
COMM_LOSS = ("continue", "hold", "stop")
LIMITS = ("LL", "L", "H", "HH")
FOR_THE_MES = ("users", "properties")
"""Keys of a unit that tell the MES how it may be shared and chosen; the PLC program has no use for them."""
LAST_REGISTER = 65535
HYSTERESIS = 0.005
"""Hysteresis of an alarm limit whose map gives none, as a part of the tag's range."""


def read_map(path: Path) -> TagMap:
    """Read and check a tag map file; raises MapError with one readable line."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MapError(f"{path}: cannot read the tag map: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MapError(f"{path}: not a TOML file: {error}") from error
    return parse_map(raw, str(path))


def parse_map(raw: object, where: str) -> TagMap:
    """Check the tables of a tag map; `where` begins every error."""
    top = Table(raw, where)
    plc, modbus, opcua = top.table("plc"), top.table("modbus"), top.table("opcua")
    units = tuple(_unit(one) for one in top.tables("unit", "[[unit]]", least=1))
    _refuse_twice(where, "unit", units)
    tag_map = TagMap(
        name=plc.text("name", pattern=PLC_NAME),
        title=plc.title(),
        interface=plc.integer("interface", 1, 1),
        program_id=plc.integer("program_id", 0, 0xFFFF_FFFF),
        scan_s=plc.integer("scan_ms", 1, 1000) / 1000,
        url=plc.text("url", pattern=r"(modbus|opc\.tcp)://\S+"),
        device_id=modbus.integer("device_id", 0, 255),
        word_order=WordOrder(modbus.choice("word_order", [order.value for order in WordOrder], default="big")),
        namespace=opcua.text("namespace"),
        header=_block(modbus.table("header"), HEADER),
        units=units,
        slots=tuple(_slot(one, units) for one in top.tables("slot", "[[slot]]")),
        tags=_with_limits(where, [_unit_tag(one, units) for one in top.tables("tag", "[[tag]]")]),
    )
    for table in (plc, modbus, opcua, top):
        table.finish()
    _check_wire(where, tag_map)
    return tag_map


def _unit(table: Table) -> str:
    name = table.text("name", pattern=UNIT_NAME)
    table.named(name)
    table.text("class", pattern=CLASS_NAME)
    table.title()
    for key in FOR_THE_MES:
        if table.has(key):
            table.take(key)
    table.finish()
    return name


def _block(table: Table, rows: Rows) -> Block:
    w16, w32 = table.integer("w16", 0, LAST_REGISTER), table.integer("w32", 0, LAST_REGISTER)
    own: dict[str, int] = {}
    if table.has("tags"):
        tags = table.table("tags")
        names = {row[0] for row in rows}
        own = {name: tags.integer(name, 0, LAST_REGISTER) for name in tags.keys() if name in names}
        tags.finish()
    table.finish()
    return Block(w16=w16, w32=w32, tags=own)


def _slot(table: Table, units: Sequence[str]) -> Slot:
    name = table.text("name", pattern=TAG_NAME)
    table.named(name)
    unit = table.choice("unit", units)
    modbus = table.table("modbus")
    status, command = _block(modbus.table("status"), STATUS), _block(modbus.table("command"), COMMAND)
    modbus.finish()
    interlocks = [(_named(one), one.integer("bit", 0, 15), one) for one in table.tables("interlocks", "interlock")]
    failures = [(_named(one), one.integer("code", 1, 65535), one) for one in table.tables("failures", "failure")]
    phases = [_phase(one) for one in table.tables("phase", "[[slot.phase]]", least=1)]
    for _, _, one in (*interlocks, *failures):
        one.finish()
    _refuse_twice(table.where, "interlock", [interlock for interlock, _, _ in interlocks])
    _refuse_twice(table.where, "interlock bit", [bit for _, bit, _ in interlocks])
    _refuse_twice(table.where, "failure code", [code for _, code, _ in failures])
    _refuse_twice(table.where, "phase class", [phase.name for phase in phases])
    _refuse_twice(table.where, "phase number", [phase.number for phase in phases])
    slot = Slot(
        name=name,
        unit=unit,
        comm_loss=table.choice("comm_loss", COMM_LOSS, default="hold"),
        status=status,
        command=command,
        interlocks={interlock: bit for interlock, bit, _ in interlocks},
        failures={code: failure for failure, code, _ in failures},
        phases={phase.number: phase for phase in phases},
    )
    table.finish()
    return slot


def _named(table: Table, pattern: str = r"[A-Z][A-Z0-9_]*") -> str:
    name = table.text("name", pattern=pattern)
    table.named(name)
    table.title()
    return name


def _phase(table: Table) -> PhaseClass:
    name = table.text("class", pattern=CLASS_NAME)
    table.named(name)
    table.title()
    steps = []
    for step in table.tables("steps", "step"):
        steps.append((step.integer("n", 0, 65535), _named(step)))
        step.finish()
    phase = PhaseClass(
        name=name,
        number=table.integer("number", 1, 65535),
        parameters=tuple(_parameter(one) for one in table.tables("parameters", "parameter", most=PARAMETERS_MAX)),
        reports=tuple(_report(one) for one in table.tables("reports", "report", most=REPORTS_MAX)),
        steps=dict(steps),
    )
    _refuse_twice(table.where, "parameter", [one.name for one in phase.parameters])
    _refuse_twice(table.where, "report", [one.name for one in phase.reports])
    _refuse_twice(table.where, "step", [n for n, _ in steps])
    table.finish()
    return phase


def _parameter(table: Table) -> Parameter:
    name, low, high = _ranged(table)
    default = table.number("default")
    if not low <= default <= high:
        raise table.error(f"default = {default:g} is outside {low:g}..{high:g}")
    parameter = Parameter(name=name, uom=table.text("uom"), min=low, max=high, default=default)
    table.finish()
    return parameter


def _report(table: Table) -> Report:
    name, low, high = _ranged(table)
    report = Report(name=name, uom=table.text("uom"), min=low, max=high)
    table.finish()
    return report


def _ranged(table: Table) -> tuple[str, float, float]:
    name = _named(table, pattern=FIELD_NAME)
    low, high = table.number("min"), table.number("max")
    if low >= high:
        raise table.error(f"min = {low:g} must be below max = {high:g}")
    return name, low, high


def _unit_tag(table: Table, units: Sequence[str]) -> UnitTag:
    name = table.text("name", pattern=TAG_NAME)
    table.named(name)
    table.title()
    low, high = table.pair("range")
    limits = _limits(table, low, high)
    alarms = [_alarm(one) for one in table.tables("alarms", "alarm")]
    tag = UnitTag(
        name=name,
        key=name.split(".", 1)[1],
        unit=table.choice("unit", units),
        wire_type=WireType(table.choice("type", [one.value for one in WireType], default="REAL")),
        uom=table.text("uom"),
        low=low,
        high=high,
        sampling=table.choice("sampling", ("fast", "normal"), default="normal"),
        register=table.integer("modbus", 0, LAST_REGISTER),
        node=table.text("opcua", default=name),
        limits=limits,
        alarms=tuple(alarms),
    )
    if alarms and tag.wire_type is not WireType.UINT:
        raise table.error("an alarm word must be a UINT")
    _refuse_twice(table.where, "alarm bit", [one.bit for one in alarms])
    table.finish()
    return tag


def _limits(table: Table, low: float, high: float) -> dict[str, float]:
    if not table.has("limits"):
        return {}
    part = table.table("limits")
    found = {key: part.number(key) for key in LIMITS if part.has(key)}
    values = list(found.values())
    if any(a >= b for a, b in itertools.pairwise(values)):
        raise table.error("limits must rise: LL < L < H < HH")
    if any(not low <= value <= high for value in values):
        raise table.error(f"limits must lie inside the range {low:g}..{high:g}")
    for key in ("hysteresis", "delay_s"):
        if part.has(key):
            found[key] = part.number(key)
            if found[key] < 0:
                raise part.error(f"{key} = {found[key]:g} must not be below 0")
    part.finish()
    return found


def _alarm(table: Table) -> AlarmLimit:
    alarm = AlarmLimit(
        bit=table.integer("bit", 0, 15),
        tag=table.text("tag", pattern=TAG_NAME),
        limit=table.choice("limit", LIMITS),
        value=0.0,
        hysteresis=0.0,
        delay_s=0.0,
    )
    table.finish()
    return alarm


def _with_limits(where: str, tags: Sequence[UnitTag]) -> tuple[UnitTag, ...]:
    """Give the tags with the limits of what they watch written into their alarm bits."""
    known = {tag.name: tag for tag in tags}

    def found(alarm: AlarmLimit) -> AlarmLimit:
        watched = known.get(alarm.tag)
        if watched is None or alarm.limit not in watched.limits:
            raise MapError(f"{where}: alarm bit {alarm.bit}: there is no limit {alarm.limit} of a tag {alarm.tag}")
        if watched.alarms:
            raise MapError(f"{where}: alarm bit {alarm.bit}: {alarm.tag} is an alarm word itself and has no alarms")
        value = watched.limits[alarm.limit]
        hysteresis = watched.limits.get("hysteresis", HYSTERESIS * (watched.high - watched.low))
        end = value - hysteresis if alarm.limit in ("H", "HH") else value + hysteresis
        if not watched.low <= end <= watched.high:
            raise MapError(
                f"{where}: {alarm.tag}: {alarm.limit} = {value:g} with a hysteresis of {hysteresis:g} could never end, "
                f"{end:g} is outside the range; give the limits a smaller hysteresis"
            )
        return replace(alarm, value=value, hysteresis=hysteresis, delay_s=watched.limits.get("delay_s", 0.0))

    return tuple(replace(tag, alarms=tuple(found(alarm) for alarm in tag.alarms)) for tag in tags)


def _refuse_twice(where: str, what: str, values: Sequence[object]) -> None:
    for value in values:
        if values.count(value) > 1:
            raise MapError(f"{where}: {what} {value} occurs {values.count(value)} times")


def _check_wire(where: str, tag_map: TagMap) -> None:
    tags = tag_map.wire_tags()
    names = [tag.name for tag in tags]
    nodes = [tag.node for tag in tags]
    if len(set(names)) < len(names):
        _refuse_twice(where, "tag", names)
    if len(set(nodes)) < len(nodes):
        _refuse_twice(where, "OPC UA node", nodes)
    owner: dict[int, str] = {}
    for tag in tags:
        for register in range(tag.register, tag.register + REGISTERS[tag.wire_type]):
            if register > LAST_REGISTER:
                raise MapError(f"{where}: {tag.name} lies at register {register}, beyond {LAST_REGISTER}")
            if register in owner:
                raise MapError(f"{where}: register {register} belongs to both {owner[register]} and {tag.name}")
            owner[register] = tag.name
