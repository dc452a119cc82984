"""Which certificates, user and password open an OPC UA server: what `[plc.security]` says, as paths. Reads no file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mes.config import Config, PlcTable


@dataclass(frozen=True, slots=True, kw_only=True)
class OpcUaAccess:
    """How to come in to one server with Basic256Sha256, SignAndEncrypt.

    `server_certificate` is the only one accepted of the server. `application_uri` empty: the one in `certificate`.
    Without `user` the MES is anonymous; with one the password is in `password_file` or in the environment variable
    `password_env`.
    """

    certificate: Path
    key: Path
    server_certificate: Path
    application_uri: str = ""
    user: str = ""
    password_file: Path | None = None
    password_env: str = ""


def own_files(config: Config) -> tuple[Path, Path]:
    """Give the files of the certificate and the key of this installation, which need not be there yet."""
    own = config.folder / "pki" / "own"
    return own / "mes.der", own / "mes.key.pem"


def access_of(config: Config, plc: PlcTable, name: str) -> OpcUaAccess | None:
    """Give how the configuration comes in to the PLC of this name; None where it asks for no security."""
    table = plc.security
    if table is None:
        return None
    certificate, key = own_files(config)
    folder = config.folder
    return OpcUaAccess(
        certificate=folder / table.certificate if table.certificate else certificate,
        key=folder / table.key if table.key else key,
        server_certificate=folder / (table.server_certificate or f"pki/servers/{name}.der"),
        application_uri=table.application_uri,
        user=table.user,
        password_file=folder / table.password_file if table.password_file else None,
        password_env=table.password_env,
    )
