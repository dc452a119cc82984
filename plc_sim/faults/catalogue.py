"""Every fault by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from plc_sim.faults.kinds import FaultKind
from plc_sim.faults.link_kinds import LINK_KINDS
from plc_sim.faults.physical_kinds import PHYSICAL_KINDS
from plc_sim.faults.program_kinds import PROGRAM_KINDS
from plc_sim.faults.signal_kinds import SIGNAL_KINDS

FAMILIES = {
    "The link": LINK_KINDS,
    "The PLC and its program": PROGRAM_KINDS,
    "Signals": SIGNAL_KINDS,
    "The plant": PHYSICAL_KINDS,
}
CATALOGUE: dict[str, FaultKind] = {kind.name: kind for kinds in FAMILIES.values() for kind in kinds}


def nearest(name: str, names: Iterable[str]) -> str:
    """Give "; did you mean X?" for the nearest name, or the list of all when none is near."""
    known = sorted(names)
    near = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {near[0]}?" if near else f"; there is {', '.join(known) or 'none'}"


def kind_named(name: str) -> FaultKind:
    """Give the fault of this name; raises ValueError with the nearest one."""
    if name not in CATALOGUE:
        near = difflib.get_close_matches(name, CATALOGUE, 1)
        hint = f"; did you mean {near[0]}?" if near else "; --list-faults lists them all"
        raise ValueError(f"there is no fault {name!r}{hint}")
    return CATALOGUE[name]
