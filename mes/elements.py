"""Find an element of a procedure by what a person calls it: its path, or an end of its path that only one has."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from mes.model.states import CommandRefused

_SHOWN = 5


def the_path(paths: Iterable[str], called: str) -> str:
    """Give the path that is meant; "" is the batch itself.

    Raises `CommandRefused` that names the nearest paths, or all that it could mean.
    """
    wanted = called.strip().strip("/")
    known = [path for path in paths if path]
    if wanted == "" or wanted in known:
        return wanted
    ends = [path for path in known if f"/{path}".endswith(f"/{wanted}")]
    if len(ends) == 1:
        return ends[0]
    if ends:
        raise CommandRefused(f"{called!r} can mean {_listed(ends)}; write more of the path")
    raise CommandRefused(f"nothing in the procedure is called {called!r}; {_nearest(known, wanted)}")


def _listed(paths: list[str]) -> str:
    shown = " or ".join(repr(path) for path in paths[:_SHOWN])
    return f"{shown} or {len(paths) - _SHOWN} more" if len(paths) > _SHOWN else shown


def _nearest(known: list[str], wanted: str) -> str:
    # A slip in the last name and one anywhere in the path are both common, so both are compared, in lower case.
    by_path = {path.lower(): path for path in known}
    by_name = {path.rsplit("/", 1)[-1].lower(): path for path in known}
    found = [
        *(by_path[near] for near in get_close_matches(wanted.lower(), by_path, n=2, cutoff=0.6)),
        *(by_name[near] for near in get_close_matches(wanted.rsplit("/", 1)[-1].lower(), by_name, n=2, cutoff=0.6)),
    ]
    if found:
        return f"did you mean {_listed(list(dict.fromkeys(found))[:3])}?"
    return "`mes batch show` lists its elements"
