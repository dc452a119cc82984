"""The batch record: what happened, in order, who and why, and whether the material adds up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from mes.model.balance import BalanceLine, MassBalance, mass_balance
from mes.model.events import BatchCreated
from mes.model.quantity import Quantity
from mes.store.batchrows import the_batch
from mes.store.database import Database
from mes.store.factjson import to_text
from mes.store.journal import Entry, entries_of

SHOWN_ONCE = frozenset({"event", "path", "by", "because"})
"""Fields of a fact that have a place of their own in a record entry."""

NOTHING_AS_ZERO = frozenset({"update", "round"})
"""Numbers of a fact that say nothing to people when they are zero: no planned update, no further round."""


def record(database: Database, batch_no: str) -> dict[str, Any]:
    """Give the whole record of a batch as JSON-able values; raises `NotInBooks` that names the nearest batches.

    `seal` is the journal's number and hash of the last entry: with it, on paper or elsewhere, a later change to this
    record or a cut-off end is found out (`mes db check` goes through the whole chain).
    """
    batch, entries = database.read_now(
        lambda connection: (the_batch(connection, batch_no), entries_of(connection, batch_no))
    )
    created = next((entry.fact for entry in entries if isinstance(entry.fact, BatchCreated)), None)
    return {
        "batch_no": batch.batch_no,
        "uid": batch.uid,
        "cell": batch.cell,
        "recipe": {"id": batch.recipe_id, "version": batch.recipe_version, "sha256": batch.recipe_sha256},
        "title": dict(created.control.title) if created else {},
        "product": batch.product,
        "size": _amount(batch.size),
        "state": batch.state.value,
        "created_at": _time(batch.created_at),
        "created_by": created.by if created else "",
        "started_at": _time(batch.started_at),
        "ended_at": _time(batch.ended_at),
        "events": [_event(entry) for entry in entries],
        "mass_balance": _balance(mass_balance(entry.fact for entry in entries)),
        "seal": {"seq": entries[-1].seq, "sha256": entries[-1].hash} if entries else None,
    }


def _event(entry: Entry) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(to_text(entry.fact))
    return {
        "seq": entry.seq,
        "at": _time(entry.at),
        "word": entry.word,
        "event": entry.fact.event,
        "path": entry.path,
        "by": body.get("by", ""),
        "because": body.get("because", ""),
        "payload": {name: value for name, value in body.items() if name not in SHOWN_ONCE},
    }


def _balance(balance: MassBalance) -> dict[str, Any]:
    return {
        "inputs": [_movement(line) for line in balance.inputs],
        "outputs": [_movement(line) for line in balance.outputs],
        "losses": [_movement(line) for line in balance.losses],
        "in_g": f"{balance.in_g:f}",
        "out_g": f"{balance.out_g:f}",
        "lost_g": f"{balance.lost_g:f}",
        "external_in_g": f"{balance.external_in_g:f}",
        "closure_percent": None if balance.closure_percent is None else f"{balance.closure_percent:f}",
    }


def _movement(line: BalanceLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "role": line.role,
        "material": line.material,
        "lot_no": line.lot_no,
        "quantity": _amount(line.quantity),
        "mass_g": None if line.mass_g is None else f"{line.mass_g:f}",
    }


def _amount(quantity: Quantity) -> dict[str, str]:
    return {"value": f"{quantity.value:f}", "uom": quantity.uom}


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="milliseconds")


def as_text(whole: Mapping[str, Any]) -> str:
    """Give a record as lines for people: head, events, material balance, seal."""
    size, recipe, seal = whole["size"], whole["recipe"], whole["seal"]
    lines = [
        f"Batch {whole['batch_no']}: {whole['title'].get('en', whole['product'])}",
        f"  recipe   {recipe['id']} version {recipe['version']}, sha256 {recipe['sha256']}",
        f"  product  {whole['product']}, {size['value']} {size['uom']}",
        f"  state    {whole['state']}",
        f"  created  {whole['created_at']} by {whole['created_by']}",
        f"  started  {whole['started_at'] or '-'}",
        f"  ended    {whole['ended_at'] or '-'}",
        "",
        "Events",
        *(_event_line(event) for event in whole["events"]),
        "",
        *balance_lines(whole["mass_balance"]),
    ]
    if seal:
        lines += ["", f"Sealed by journal entry {seal['seq']}, sha256 {seal['sha256']}"]
    return "\n".join(lines)


def _event_line(event: Mapping[str, Any]) -> str:
    who = f" by {event['by']}" if event["by"] else ""
    why = f" because {event['because']}" if event["because"] else ""
    return f"  {event['seq']:>6} {event['at']}  {event['word']:<15} {event['path']}  {_words(event)}{who}{why}".rstrip()


def _words(event: Mapping[str, Any]) -> str:
    if event["event"] == "BatchCreated":
        return "control recipe frozen"
    return ", ".join(
        f"{name} {_word(value)}"
        for name, value in event["payload"].items()
        if value not in (None, "", [], {}) and not (name in NOTHING_AS_ZERO and value == 0)
    )


def _word(value: Any) -> str:
    if isinstance(value, dict):
        if value.keys() == {"value", "uom"}:
            return _quantity_text(value)
        return "; ".join(f"{name} = {_word(part)}" for name, part in value.items())
    if isinstance(value, list):
        return "; ".join(_word(part) for part in value)
    return str(value)


def balance_lines(balance: Mapping[str, Any]) -> Iterable[str]:
    """Give the material balance of a record as lines for people."""
    yield "Material balance"
    for line in (*balance["inputs"], *balance["outputs"], *balance["losses"]):
        mass = f"{line['mass_g']} g" if line["mass_g"] is not None else "not balanced by mass"
        lot = f" ({line['material']} lot {line['lot_no']})" if line["lot_no"] else ""
        yield f"  {line['role']:<12} {line['name']}{lot}  {_quantity_text(line['quantity'])}  {mass}"
    closure = balance["closure_percent"]
    closes = f"off by {closure} %" if closure is not None else "nothing with a mass came in"
    within = Decimal(balance["in_g"]) - Decimal(balance["external_in_g"])
    if within:
        yield f"  made and used again within the batch {within:f} g, which counts on neither side"
    out = Decimal(balance["out_g"]) - within
    yield f"  in {balance['external_in_g']} g, out {out:f} g (of it lost {balance['lost_g']} g): {closes}"


def _quantity_text(quantity: Mapping[str, str]) -> str:
    return quantity["value"] if quantity["uom"] == "1" else f"{quantity['value']} {quantity['uom']}"
