"""What people do with containers: receive them, bring them to a unit, take what a unit has made."""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

from plc_sim.material.holdings import Container, Holdings, Place
from plc_sim.material.ledger import CARRIER, ELECTROLYTES, ReceivedLot
from plc_sim.material.parcel import FINISHED, Condition, Parcel, check_powder, number_from, parcel_from
from plc_sim.material.truth import container_truth, truth
from plc_sim.material.web import Web

Table = Mapping[str, object]

STATIONS = ("WS-111", "MX-601", "CT-701", "RX-251", "DM-651", "BC-101", "HD-202", "IM-301", "GD-302")
"""Units that take what they need out of a container; others take all of it in."""

SENT_AWAY = "sent away"
EXAMPLE = '{"lot": "L-000001", "material": "Li2S", "amount": 1000}'


class NotThere(LookupError):
    """A label or unit that the plant does not have; the message names the nearest one."""


class Hands:
    """The people on the shop floor. All of it happens between two ticks; wrong labels raise NotThere or ValueError."""

    def __init__(self, holdings: Holdings) -> None:
        self._holdings = holdings

    def lots(self) -> list[Table]:
        """Give the received lots and how much of each was drawn."""
        return [self._lot(name) for name in self._holdings.ledger.lots]

    def receive(self, lot: Table) -> Table:
        """Put a delivery into the store in a container that carries its label.

        `lot` has the keys of `ReceivedLot`; at least `lot`, `material` and `amount`. Raises ValueError.
        """
        received = _received(lot)
        if received.lot in self._holdings.containers:
            raise ValueError(f"label {received.lot} is on a container already")
        self._holdings.ledger.receive(received)
        finished = received.material in ELECTROLYTES
        condition = FINISHED if finished else Condition(d50_um=received.d50_um)
        if finished and "d50_um" in lot:
            condition = replace(condition, d50_um=received.d50_um)
        if received.moisture_ppm:
            condition = replace(condition, moisture_ppm=received.moisture_ppm)
        contents = Parcel(parts={received.lot: received.amount}, condition=condition)
        self._store(Container(received.lot, contents, carrier=received.material == CARRIER))
        return self._lot(received.lot)

    def containers(self) -> list[Table]:
        """Give every container with what is in it."""
        return [container_truth(one, self._holdings.ledger) for one in self._holdings.containers.values()]

    def container(self, label: str) -> Table:
        """Give one container; raises NotThere."""
        return container_truth(self._named(label), self._holdings.ledger)

    def put_container(self, label: str, content: Table) -> Table:
        """Set down a container of powder or liquid that comes from another plant, as `container` told it there.

        `content` has `parcel` ({"parts", "condition"}) and the `lots` in it. Raises ValueError.
        """
        self._refuse_label(label)
        parcel, lots = content.get("parcel"), content.get("lots", [])
        if not isinstance(parcel, Mapping) or not isinstance(lots, Sequence):
            raise ValueError("a container of another plant needs its `parcel` and the `lots` in it; a roll stays here")
        contents = parcel_from(parcel)
        arrived = [_arrived(lot) for lot in lots]
        unknown = set(contents.parts) - {lot.lot for lot in arrived} - set(self._holdings.ledger.lots)
        if unknown:
            raise ValueError(f"container {label}: nothing is said of the lots {', '.join(sorted(unknown))} in it")
        for lot in arrived:
            if lot.lot not in self._holdings.ledger.lots:
                self._holdings.ledger.receive(lot)
        for lot_no, grams in contents.parts.items():
            if lot_no != label:  # a delivery that only came another way is drawn when it is used
                self._holdings.ledger.draw(lot_no, grams)
        self._store(Container(label, contents))
        return self.container(label)

    def send(self, label: str) -> Table:
        """Send a container out of the plant: to another one, which is given what this tells, or to a customer.

        What is in it leaves by the way "sent away"; the label is free again. Raises NotThere.
        """
        container = self._named(label)
        told = self.container(label)
        ledger, contents = self._holdings.ledger, container.contents
        if label in contents.parts:  # what is left of a delivery in its own container was never drawn
            ledger.draw(label, contents.parts[label])
        self._to_store(container)
        del self._holdings.containers[label]
        self._holdings.give_up([contents], SENT_AWAY)
        return {**told, "where": SENT_AWAY}

    def bring(self, label: str, unit: str) -> Table:
        """Bring a container to a unit: it stands at a station, and is emptied into the inlet of any other unit."""
        container = self._named(label)
        if unit in STATIONS and (unit != "CT-701" or container.carrier):
            if unit != "CT-701" and (container.carrier or isinstance(container.contents, Web)):
                raise ValueError(f"{unit} cannot take what is in {label}")
            self._to_store(container)
            station = self._holdings.station(unit)
            if station.standing is not None:
                station.standing.where = "store"
            station.standing, container.where = container, unit
            return self.container(label)
        inlet = self._place(_inlets(self._holdings), unit, "takes nothing out of a container")
        contents = container.contents
        if container.carrier or isinstance(contents, Web) != (unit in ("CA-801", "RD-851", "SL-902")):
            raise ValueError(f"{unit} cannot take what is in {label}")
        if not contents.mass_g:
            raise ValueError(f"container {label} is empty")
        if isinstance(contents, Parcel) and label in contents.parts:
            self._holdings.ledger.draw(label, contents.parts[label])
        self._to_store(container)
        inlet.put(contents)
        container.contents = Parcel(parts={})
        return self.container(label)

    def take(self, unit: str, label: str) -> Table:
        """Take the oldest product of a unit and put a label on it; raises NotThere when there is none."""
        outlet = self._place(_outlets(self._holdings), unit, "gives nothing to take")
        self._refuse_label(label)
        if label in self._holdings.ledger.lots:
            raise ValueError(f"label {label} is that of a received lot; a product needs one of its own")
        if outlet.first() is None:
            raise NotThere(f"nothing lies at {unit}")
        self._store(Container(label, outlet.take()))
        return self.container(label)

    def truth(self) -> Table:
        """Give where every gram is; see `plc_sim.material.truth`."""
        return truth(self._holdings)

    def _lot(self, name: str) -> Table:
        ledger = self._holdings.ledger
        return {**asdict(ledger.lots[name]), "drawn": ledger.drawn.get(name, 0.0)}

    def _refuse_label(self, label: str) -> None:
        if not label.strip():
            raise ValueError("a container needs a label")
        if label in self._holdings.containers:
            raise ValueError(f"label {label} is on a container already")

    def _to_store(self, container: Container) -> None:
        for station in self._holdings.stations.values():
            if station.standing is container:
                station.standing = None
        container.where = "store"

    def _store(self, container: Container) -> None:
        self._holdings.containers[container.label] = container

    def _named(self, label: str) -> Container:
        found = self._holdings.containers.get(label)
        if found is None:
            raise NotThere(f"no container is labelled {label}{_near(label, self._holdings.containers)}")
        return found

    def _place(self, places: Mapping[str, Place[Any]], unit: str, why: str) -> Place[Any]:
        found = places.get(unit)
        if found is None:
            raise NotThere(f"unit {unit} {why}{_near(unit, places)}")
        return found


def _inlets(holdings: Holdings) -> dict[str, Place[Any]]:
    return {
        "BM-201": holdings.vessel,
        "BM-202": holdings.vessel,
        "BL-211": holdings.to_blend,
        "SH-652": holdings.dough,
        "FU-301": holdings.tray,
        "JM-401": holdings.annealed,
        "SV-402": holdings.milled,
        "VD-403": holdings.sieved,
        "PK-501": holdings.dried,
        "CT-701": holdings.filtered,
        "CA-801": holdings.coated,
        "RD-851": holdings.calendered,
        "SL-902": holdings.dried_web,
        "FB-201": holdings.dried_pellets,
    }


def _outlets(holdings: Holdings) -> dict[str, Place[Any]]:
    return {
        "WS-111": holdings.vessel,
        "BM-201": holdings.tray,
        "BM-202": holdings.tray,
        "BL-211": holdings.tray,
        "RX-251": holdings.sieved,
        "DM-651": holdings.dough,
        "SH-652": holdings.dried_web,
        "FU-301": holdings.annealed,
        "JM-401": holdings.milled,
        "SV-402": holdings.sieved,
        "VD-403": holdings.dried,
        "VD-403.PRECURSOR": holdings.tray,
        "PK-501": holdings.packed,
        "PK-501.SAMPLES": holdings.samples,
        "FL-603": holdings.filtered,
        "CT-701": holdings.coated,
        "CA-801": holdings.calendered,
        "RD-851": holdings.dried_web,
        "SL-902": holdings.slit,
        "BC-101": holdings.biochar,
        "HD-202": holdings.dried_pellets,
        "FB-201": holdings.film_rolls,
        "IM-301": holdings.parts,
    }


def _received(lot: object) -> ReceivedLot:
    if not isinstance(lot, Mapping):
        raise ValueError(f"a lot is a table such as {EXAMPLE}, not {lot!r}")
    known = [one.name for one in fields(ReceivedLot)]
    for key in set(lot) - {*known, "drawn"}:
        raise ValueError(f"a lot has no {key!r}{_near(str(key), known)}")
    for key in ("lot", "material", "amount"):
        if key not in lot:
            raise ValueError(f"the lot lacks {key!r}; write it as in {EXAMPLE}")
    values: dict[str, Any] = {}
    for key in known:
        if key not in lot:
            continue
        value = lot[key]
        if key not in ("lot", "material"):
            values[key] = number_from(value, f"lot {lot['lot']}: {key}")
            check_powder(key, values[key], f"lot {lot['lot']}: {key}")
        elif isinstance(value, str) and value.strip():
            values[key] = value
        else:
            raise ValueError(f"a lot needs a text as its {key}, not {value!r}; write it as in {EXAMPLE}")
    if not values["amount"] > 0.0:
        raise ValueError(f"a lot needs a label and an amount above 0, as in {EXAMPLE}")
    return ReceivedLot(**values)


def _arrived(lot: object) -> ReceivedLot:
    """Read a lot as `container` tells it: one from a supply without a label has no amount."""
    if isinstance(lot, Mapping) and lot.get("amount", 0.0) in (None, math.inf):
        return replace(_received({**lot, "amount": 1.0}), amount=math.inf)
    return _received(lot)


def _near(name: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"; the nearest one is {near[0]}" if near else f"; there are {', '.join(sorted(known)) or 'none'}"
