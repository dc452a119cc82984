"""Who may log in to a simulated PLC over OPC UA: the users file, and the command that makes an entry of it."""

from __future__ import annotations

import argparse
import difflib
import getpass
import hashlib
import hmac
import os
import re
import secrets
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RIGHTS = ("read", "operate")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
KEYS = ("name", "password", "rights", "folders")
SHORTEST_PASSWORD = 8
COST, BLOCK, LANES, SALT_BYTES = 2**14, 8, 1, 16
HASH = re.compile(rf"scrypt:{COST}:{BLOCK}:{LANES}:([0-9a-f]{{32}}):([0-9a-f]{{64}})")
NOBODY = f"scrypt:{COST}:{BLOCK}:{LANES}:{'0' * 32}:{'0' * 64}"
"""No password has this hash (it has no known pre-image); checked for unknown names, so that they cost as much time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpcuaUser:
    """One who may log in. `rights` is "read" or "operate", which may write what the MES writes.

    `folders` restricts "operate" to these units and slots, the name of the PLC being its header; empty: all.
    """

    name: str
    password_hash: str
    rights: str
    folders: tuple[str, ...] = ()


def password_hash(password: str) -> str:
    """Give the hash of a password (scrypt, RFC 7914) with a salt of its own."""
    salt = secrets.token_bytes(SALT_BYTES)
    return f"scrypt:{COST}:{BLOCK}:{LANES}:{salt.hex()}:{_scrypt(password, salt).hex()}"


def user_with(users: Mapping[str, OpcuaUser], name: str, password: str) -> OpcuaUser | None:
    """Give the user of this name and password, None when there is none; takes the same time (some 50 ms) for both."""
    user = users.get(name)
    match = HASH.fullmatch(NOBODY if user is None else user.password_hash)
    if match is None:
        return None
    same = hmac.compare_digest(_scrypt(password, bytes.fromhex(match[1])), bytes.fromhex(match[2]))
    return user if same else None


def read_users(path: Path) -> dict[str, OpcuaUser]:
    """Read a users file; raises ValueError that names the place, OSError when it cannot be read."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: this is not TOML: {error}") from None
    entries = document.pop("user", [])
    if document or not isinstance(entries, list):
        raise ValueError(f"{path}: a users file has [[user]] tables and nothing else")
    users: dict[str, OpcuaUser] = {}
    for number, entry in enumerate(entries, 1):
        user = _user(f"{path}: user {number}", entry)
        if user.name in users:
            raise ValueError(f"{path}: user {number}: the name {user.name!r} is taken")
        users[user.name] = user
    return users


def entry_of(user: OpcuaUser) -> str:
    """Give the users-file entry of a user."""
    folders = ", ".join(f'"{folder}"' for folder in user.folders)
    return f'[[user]]\nname = "{user.name}"\npassword = "{user.password_hash}"\nrights = "{user.rights}"\n' + (
        f"folders = [{folders}]\n" if folders else ""
    )


def main(argv: Sequence[str]) -> int:
    """Make an entry: ask for the password, print or append; 0 when done, 2 on bad input."""
    parser = argparse.ArgumentParser(
        prog="plc_sim opcua-user",
        description="Make an entry for --opcua-users. The password is asked for, or read as a line of standard input.",
    )
    parser.add_argument("name", metavar="NAME", help="letters, digits, and . _ - inside")
    parser.add_argument("--rights", choices=RIGHTS, default="read", help="what the user may do (default read)")
    parser.add_argument(
        "--folder",
        action="append",
        default=[],
        metavar="NAME",
        help="restrict operate to this unit, slot or PLC header",
    )
    parser.add_argument("--file", type=Path, metavar="FILE", help="append to this file instead of printing")
    arguments = parser.parse_args(argv)
    try:
        _make(arguments)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"plc_sim: {error}\n")
        return 2
    return 0


def _make(arguments: argparse.Namespace) -> None:
    path: Path | None = arguments.file
    known = read_users(path) if path is not None and path.exists() else {}
    if arguments.name in known:
        raise ValueError(f"{path}: the name {arguments.name!r} is taken; remove its entry first")
    values = {"name": arguments.name, "rights": arguments.rights, "password": NOBODY}
    if arguments.folder:
        values["folders"] = arguments.folder
    user = _user("the new user", values)  # before anybody has typed a password
    user = OpcuaUser(name=user.name, password_hash=password_hash(_asked()), rights=user.rights, folders=user.folders)
    if path is None:
        sys.stdout.write(entry_of(user))
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    begun = path.exists() and path.stat().st_size > 0  # with a comment, perhaps, that has no line end
    # Only for its owner, from the first byte on.
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as file:
        file.write(f"{chr(10) if begun else ''}{entry_of(user)}")
    sys.stdout.write(f"{path}: {user.name} may {user.rights}\n")


def _asked() -> str:
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Again: ") != password:
            raise ValueError("the two passwords differ")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if len(password) < SHORTEST_PASSWORD:
        raise ValueError(f"the password has {len(password)} characters; it needs {SHORTEST_PASSWORD} or more")
    return password


def _user(where: str, entry: Any) -> OpcuaUser:
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: must be a [[user]] table")
    for key in entry:
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, 1)
            raise ValueError(f"{where}: {key!r} is not known" + (f"; did you mean {near[0]!r}?" if near else ""))
    name, rights, folders = entry.get("name"), entry.get("rights"), entry.get("folders", [])
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise ValueError(f"{where}: name {name!r} must be letters, digits, and . _ - inside, at most 64")
    if rights not in RIGHTS:
        raise ValueError(f"{where} ({name}): rights {rights!r} must be one of {', '.join(RIGHTS)}")
    hashed = entry.get("password")
    if not isinstance(hashed, str) or not HASH.fullmatch(hashed):
        raise ValueError(f"{where} ({name}): password is no hash; make the entry with `plc_sim opcua-user {name}`")
    if not isinstance(folders, list) or not all(isinstance(one, str) and FOLDER.fullmatch(one) for one in folders):
        raise ValueError(f"{where} ({name}): folders {folders!r} must be a list of unit, slot or PLC names")
    if folders and rights == "read":
        raise ValueError(f"{where} ({name}): folders restrict the right to operate; this user may only read")
    return OpcuaUser(name=name, password_hash=hashed, rights=rights, folders=tuple(folders))


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=COST, r=BLOCK, p=LANES, dklen=32)
