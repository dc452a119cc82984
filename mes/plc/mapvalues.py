"""The smaller things of a tag map: named numbers, parameters, units of measure, limits; and the check of addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from urllib.parse import urlsplit

from mes.model.equipment import AlarmBit, ParameterSpec, TagSpec
from mes.model.quantity import UomError, check_uom
from mes.plc.tagmap import Named, TagAddress, WireType
from mes.plc.tomltable import Table, nearest

LIMITS = ("LL", "L", "H", "HH")
VALUE_NAME = r"[A-Za-z][A-Za-z0-9_]*"
WORD = r"[A-Z][A-Z0-9_]*"
USUAL_UOMS = (
    "degC degC/min mbar bar Pa ppm % %LEL vol% um mm m mm/s m/s m/min N N/mm mg/cm2 Pa.s mL/min NL/min L/min m3/h "
    "1/h 1/m2 1 g kg mg g/min kg/h kWh/kg s min h rpm Hz A V mV kW W"
).split()


def read_named(table: Table, key: str, what: str, *, number: str, low: int, high: int) -> dict[int, Named]:
    """Give the named bits or numbers of `key` by their `number`, each number and each name once."""
    found: dict[int, Named] = {}
    for one in table.tables(key, what=what):
        value = one.integer(number, low, high)
        name = one.text("name", pattern=WORD)
        title = one.title()
        one.end()
        if value is None or name is None:
            continue
        if value in found:
            one.error(f"{number} {value} is {found[value].name} already; each {number} has one name")
        if any(other.name == name for other in found.values()):
            one.error(f"{what} {name} occurs twice; rename one")
        found[value] = Named(name=name, title=title)
    return found


def read_values(table: Table, key: str, what: str, *, most: int) -> tuple[ParameterSpec, ...]:
    """Give the parameters or reports of a phase in their order, which is that of Sp1.. or Rep1.. on the wire."""
    tables = table.tables(key, what=what)
    if len(tables) > most:
        table.error(f"{len(tables)} {key}; the interface has places for {most}", key=key)
    found: dict[str, ParameterSpec] = {}
    for one in tables:
        name = one.text("name", pattern=VALUE_NAME)
        uom = read_uom(one)
        low, high = one.number("min"), one.number("max")
        default = one.number("default", required=False) if what == "parameter" else None
        one.end()
        if low is not None and high is not None:
            if low >= high:
                one.error(f"min = {low:g} must be below max = {high:g}")
            elif default is not None and not low <= default <= high:
                one.error(f"default = {default:g} is outside {low:g}..{high:g} {uom}")
        if name is None or low is None or high is None:
            continue
        if name in found:
            one.error(f"{what} {name} occurs twice; rename one")
        found[name] = ParameterSpec(name=name, uom=uom, minimum=low, maximum=high, default=default)
    return tuple(found.values())


def check_addresses(addresses: Sequence[tuple[TagAddress, Table]]) -> None:
    """Report tags that share a name, a node or a register (naming both owners), and those beyond the last register."""
    names: dict[str, str] = {}
    nodes: dict[str, str] = {}
    for address, table in addresses:
        if address.name in names:
            table.error(f"tag {address.name} occurs twice ({names[address.name]}, {address.owner}); rename one")
        elif address.node in nodes:
            table.error(f"OPC UA node {address.node!r} is {nodes[address.node]} already; each tag has its own node")
        names[address.name] = address.owner
        nodes[address.node] = address.name
        if address.end > 65536:
            table.error(f"{address.name} would end at register {address.end - 1}; the last one is 65535")
    told: set[tuple[str, str]] = set()
    before: TagAddress | None = None
    for address, table in sorted(addresses, key=lambda one: one[0].register):
        if before and address.register < before.end and (before.owner, address.owner) not in told:
            told.add((before.owner, address.owner))
            table.error(
                f"register {address.register} belongs to {before.name} ({before.owner}) and to {address.name} "
                f"({address.owner}); move one of them"
            )
        if before is None or address.end > before.end:
            before = address


def port_problem(url: str) -> str:
    """Say what is wrong with the port of a URL; "" when it has none or a possible one."""
    try:
        port = urlsplit(url).port
    except ValueError:
        port = 0
    return f"the port of the url {url!r} is no whole number 1..65535; correct it" if port == 0 else ""


def read_uom(table: Table) -> str:
    """Give the unit of measure, reported when it is unknown."""
    uom = table.text("uom")
    if uom is not None:
        try:
            check_uom(uom)
        except UomError:
            hint = nearest(uom, USUAL_UOMS) or f"; usual ones: {', '.join(USUAL_UOMS[:12])} ..."
            table.error(f"uom = {uom!r} is an unknown unit of measure{hint}", key="uom")
    return uom or "?"


def read_limits(table: Table, span: tuple[float, float] | None) -> dict[str, float]:
    """Give the alarm limits by name, reported when out of order or outside the range."""
    part = table.table("limits") if table.has("limits") else None
    if part is None:
        return {}
    limits = {name: value for name in LIMITS if (value := part.number(name, required=False)) is not None}
    # The PLC's rule for its own alarm: checked here, used there.
    rule = {name: part.number(name, required=False) or 0.0 for name in ("hysteresis", "delay_s")}
    for name, value in rule.items():
        if value < 0:
            table.error(f"limits: {name} = {value:g} must not be below 0", key="limits")
    part.end()
    ordered = list(limits.items())
    for (name, value), (above, higher) in pairwise(ordered):
        if value >= higher:
            table.error(f"limits: {name} = {value:g} must be below {above} = {higher:g}", key="limits")
    if span is not None:
        for name, value in ordered:
            if not span[0] <= value <= span[1]:
                table.error(f"limits: {name} = {value:g} is outside the range {span[0]:g}..{span[1]:g}", key="limits")
                continue
            end = value - rule["hysteresis"] if name in ("H", "HH") else value + rule["hysteresis"]
            if not span[0] <= end <= span[1]:
                told = f"limits: {name} = {value:g} with hysteresis = {rule['hysteresis']:g} could never end"
                table.error(f"{told}: {end:g} is outside the range", key="limits")
    return limits


def read_alarms(table: Table, wire: str | None) -> dict[int, AlarmBit]:
    """Give what the bits of an alarm word stand for, each bit once; empty for any other tag."""
    found: dict[int, AlarmBit] = {}
    if table.has("alarms") and wire != WireType.UINT.value:
        table.error('an alarm word has type = "UINT"', key="type")
    for one in table.tables("alarms", what="alarm"):
        bit, tag, limit = one.integer("bit", 0, 15), one.text("tag"), one.choice("limit", LIMITS)
        one.end()
        if bit is None or tag is None or limit is None:
            continue
        if bit in found:
            one.error(f"bit {bit} is {found[bit].tag} {found[bit].limit} already; each bit has one meaning")
        found[bit] = AlarmBit(tag=tag, limit=limit)
    return found


def check_alarms(words: Sequence[tuple[TagSpec, Table]], tags: Mapping[str, TagSpec]) -> None:
    """Report alarm bits of a tag that the map does not have, or of a limit that the tag does not have."""
    for word, table in words:
        for bit, alarm in word.alarms.items():
            tag = tags.get(alarm.tag)
            if tag is None:
                table.error(f"alarms: bit {bit}: no tag {alarm.tag!r}{nearest(alarm.tag, tags)}", key="alarms")
            elif alarm.limit not in tag.limits:
                has = ", ".join(tag.limits) or "none"
                table.error(f"alarms: bit {bit}: {tag.name} has no limit {alarm.limit}; it has {has}", key="alarms")
