"""What the command line says about security on OPC UA: certificates, users, and whether anybody may come in without."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from plc_sim.opcua.users import OpcuaUser, read_users
from plc_sim.tagmap import TagMap


@dataclass(frozen=True, slots=True, kw_only=True)
class OpcuaSecurity:
    """How a server protects itself.

    `pki` is the folder of certificates: `own/` (made when absent), `trusted/` and `rejected/` ones of clients. `users`
    are those who may log in, by name; while there are any, anonymous clients may only read. `only` refuses clients
    without encryption and anonymous ones altogether.
    """

    pki: Path
    users: Mapping[str, OpcuaUser]
    only: bool = False


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for security on OPC UA."""
    group = parser.add_argument_group("security on OPC UA (without these: none, for loopback only)")
    group.add_argument(
        "--opcua-pki", type=_folder, metavar="DIR", help="offer encryption; certificates: DIR/own, trusted, rejected"
    )
    group.add_argument(
        "--opcua-users", type=Path, metavar="FILE", help="who may log in; entries are made by `plc_sim opcua-user`"
    )
    group.add_argument(
        "--opcua-secure", action="store_true", help="refuse clients without encryption or without a user name"
    )


def _folder(text: str) -> Path:
    if not text.strip():
        raise argparse.ArgumentTypeError("the name of the folder is empty; name the one the certificates are in")
    return Path(text)


def security_of(arguments: argparse.Namespace) -> OpcuaSecurity | None:
    """Give the security the options ask for, None for none; raises ValueError for options or files that do not fit."""
    if arguments.opcua_pki is None:
        for option, given in (("--opcua-secure", arguments.opcua_secure), ("--opcua-users", arguments.opcua_users)):
            if given:
                raise ValueError(f"{option} needs --opcua-pki DIR: without certificates there is no encryption")
        return None
    if arguments.opcua_secure and arguments.opcua_users is None:
        raise ValueError(
            "--opcua-secure needs --opcua-users FILE: nobody could log in (see `plc_sim opcua-user --help`)"
        )
    users = read_users(arguments.opcua_users) if arguments.opcua_users is not None else {}
    if arguments.opcua_secure and not users:
        raise ValueError(f"{arguments.opcua_users}: no [[user]]: nobody could log in (see `plc_sim opcua-user --help`)")
    return OpcuaSecurity(pki=arguments.opcua_pki, users=users, only=arguments.opcua_secure)


def unknown_folders(security: OpcuaSecurity, maps: Iterable[TagMap]) -> tuple[str, ...]:
    """Tell, a line each, of the folders of users that no PLC of these maps has: they let nobody write anything."""
    known = sorted({name for one in maps for name in (one.name, *one.units, *(slot.name for slot in one.slots))})
    lines = []
    for user in security.users.values():
        for folder in user.folders:
            if folder not in known:
                near = difflib.get_close_matches(folder, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
                lines.append(f"user {user.name}: no PLC served here has a folder {folder!r}; {hint}")
    return tuple(lines)
