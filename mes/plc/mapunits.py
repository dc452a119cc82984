"""The units of a tag map: name, class, title, how many batches may use one at once, and its properties."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mes.model.equipment import Unit
from mes.model.quantity import Quantity, UomError, parse_quantity
from mes.plc.tomltable import Table

UNIT_NAME = r"[A-Z][A-Z0-9-]*"
CLASS_NAME = r"[A-Z][A-Z0-9_-]*"
PROPERTY_NAME = r"[a-z][a-z0-9_]*"
MOST_USERS = 100


def read_unit(table: Table, plc: str) -> Unit | None:
    """Read one `[[unit]]`; None when it has no usable name or class."""
    name = table.text("name", pattern=UNIT_NAME)
    unit_class = table.text("class", pattern=CLASS_NAME)
    title = table.title()
    users = table.integer("users", 1, MOST_USERS) if table.has("users") else 1
    properties = _properties(table) if table.has("properties") else {}
    table.end()
    if name is None or unit_class is None:
        return None
    return Unit(name=name, unit_class=unit_class, plc=plc, title=title, users=users or 1, properties=properties)


def _properties(unit: Table) -> Mapping[str, Quantity]:
    """Read `[unit.properties]`: name = "quantity"."""
    table = unit.table("properties")
    if table is None:
        return {}
    found: dict[str, Quantity] = {}
    for key in table.all():
        if not re.fullmatch(PROPERTY_NAME, key):
            table.error(f"property {key!r} does not fit the pattern {PROPERTY_NAME}", key=key)
        amount = table.text(key)
        if amount is None:
            continue
        try:
            found[key] = parse_quantity(amount)
        except UomError as error:
            table.error(f'property {key} = "{amount}": {error}', key=key)
    return found
