"""`mes plc certificate` and `mes plc trust`: the certificates by which the MES and OPC UA servers know each other."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from mes.cli.options import ConfigOption, DataOption, JsonOption, Refused
from mes.cli.written import clean, pairs, show, show_json, tell

ASK_LIMIT_S = 5.0


def certificate(data: DataOption = None, config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """Make the certificate and the private key of this MES for OPC UA, once; show them when they are there."""
    from mes.cli.installation import config_of
    from mes.plc.opcua_access import own_files
    from mes.plc.opcua_certificates import CertificateProblem, make_own, read_own

    certificate_file, key_file = own_files(config_of(data, config))
    try:
        made = make_own(certificate_file, key_file)
        own, _ = read_own(certificate_file, key_file)
    except CertificateProblem as error:
        raise Refused(str(error)) from None
    if as_json:
        show_json(
            {
                "made": made,
                "certificate": own.file,
                "key": key_file,
                "thumbprint": own.thumbprint,
                "application_uri": ", ".join(own.uris),
                "valid_until": own.valid_until,
            }
        )
        return
    shown = {
        "certificate": str(own.file),
        "private key": f"{key_file} (keep it here; only its owner can read it)",
        "thumbprint": own.thumbprint,
        "application URI": ", ".join(own.uris),
        "valid until": f"{own.valid_until:%Y-%m-%d}",
    }
    show(f"{'Made' if made else 'There is already'} the certificate of this MES:")
    show(pairs(shown))
    show(
        "Next: put the certificate among the trusted ones of each server, comparing the thumbprint (SHA-256); "
        "pin the server's certificate with `mes plc trust PLC`."
    )
    if notice := own.notice():
        tell(f"{notice}; remove both files and make new ones before that")


def trust(
    plc: Annotated[str, typer.Argument(metavar="PLC", help="Name of the PLC, as its tag map has it.")],
    thumbprint: Annotated[
        str, typer.Option("--thumbprint", metavar="HEX", help="Pin only the certificate with this SHA-256 thumbprint.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; needs --thumbprint.")] = False,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: JsonOption = False,
) -> None:
    """Ask an OPC UA server for its certificate and pin it: from then on only this one is accepted of that PLC."""
    from mes.plc.opcua_certificates import CertificateProblem, of_der, read_certificate

    if yes and not thumbprint:
        raise Refused("--yes needs --thumbprint HEX: somebody has to say which certificate is the right one")
    url, file = _place(plc, data, config)
    try:
        found = of_der(asyncio.run(_shown_by(plc, url)), file)
        if why := found.why_not_now():
            raise Refused(f"{plc} ({url}) shows the certificate {found.thumbprint}, which {why}; it needs a new one")
        pinned = read_certificate(file, "").thumbprint if file.exists() else ""
    except CertificateProblem as error:
        raise Refused(f"{plc} ({url}): {error}") from None
    wanted = "".join(char for char in thumbprint.lower() if char not in ": ")
    if wanted and wanted != found.thumbprint:
        raise Refused(f"{plc} ({url}) shows the certificate {found.thumbprint}, not {wanted}; nothing was pinned")
    if pinned != found.thumbprint:
        _ask(yes, f"{plc} at {url} shows the certificate\n  {found.thumbprint}", pinned)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(found.der)
    if as_json:
        show_json({"plc": plc, "url": url, "pinned": file, "thumbprint": found.thumbprint, "before": pinned})
    else:
        done = "was pinned already" if pinned == found.thumbprint else "is pinned"
        show(f"{plc}: {found.thumbprint} {done} in {file}")


def _ask(yes: bool, shown: str, pinned: str) -> None:
    """Go on only when somebody has compared the thumbprints."""
    if pinned:
        shown += f"\ninstead of the pinned one\n  {pinned}"
    if yes:
        return
    if not sys.stdin.isatty():
        raise Refused(f"{shown}\ncompare it with what is written at the server, then add --yes --thumbprint HEX")
    if not typer.confirm(clean(f"{shown}\nIs that what is written at the server?"), err=True):
        raise typer.Exit(1)


def _place(name: str, data: Path | None, config: Path | None) -> tuple[str, Path]:
    """Give url and file of the pinned certificate of a configured PLC."""
    from mes.app import read_maps
    from mes.cli.installation import config_of, refuse_without_plc
    from mes.plc.opcua_access import access_of
    from mes.plc.tomltable import nearest

    where = config_of(data, config)
    refuse_without_plc(where)
    maps = {tag_map.name: (tag_map, plc) for tag_map, plc in zip(read_maps(where), where.plc, strict=True)}
    if name not in maps:
        raise Refused(f"no PLC {name!r} is configured{nearest(name, maps)}; there are {', '.join(maps)}")
    tag_map, plc = maps[name]
    url = plc.url or tag_map.url
    access = access_of(where, plc, name)
    if not url.startswith("opc.tcp://"):
        raise Refused(f"{name} is at {url}: only servers at opc.tcp:// have certificates")
    if access is None:
        raise Refused(f"{where.file}: {name} has no [plc.security] table yet; write one below its [[plc]]")
    return url, access.server_certificate


async def _shown_by(name: str, url: str) -> bytes:
    from asyncua.ua.uaerrors import UaError

    from mes.plc.opcua_security import offered_certificates

    try:
        return (await offered_certificates(url, ASK_LIMIT_S))[0]
    except (TimeoutError, ConnectionError, OSError, UaError) as error:
        raise Refused(f"{name} ({url}) gave no valid answer ({type(error).__name__}: {error})") from None
