"""Security of a connection over OPC UA: only encrypted, only with the server that was pinned, and in plain words."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from asyncua import ua
from asyncua.client.client import Client
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
from asyncua.crypto.uacrypto import CertProperties

from mes.plc.opcua_access import OpcUaAccess
from mes.plc.opcua_certificates import (
    Certificate,
    CertificateProblem,
    first_of_chain,
    of_der,
    read_certificate,
    read_own,
    read_secret,
)

NAME = "Basic256Sha256 SignAndEncrypt"
MODE = ua.MessageSecurityMode.SignAndEncrypt
UNSECURED = "unsecured"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keys:
    """What the files held: both certificates, the key (PEM), and the password."""

    own: Certificate
    server: Certificate
    key: bytes = field(repr=False)
    password: str = field(repr=False)


class OpcUaSecurity:
    """The security of one connection; files are read when it is made, so that a renewed one counts at the next."""

    def __init__(self, access: OpcUaAccess) -> None:
        self._access = access
        self._keys: _Keys | None = None

    @property
    def protection(self) -> str:
        """How the connection is protected, in words."""
        return f"{NAME} as {self._access.user or 'anonymous'}"

    @property
    def notice(self) -> str:
        """What will soon stop the connection: a certificate that runs out within 30 days; empty for nothing."""
        if self._keys is None:
            return ""
        return "; ".join(filter(None, (self._keys.own.notice(), self._keys.server.notice())))

    async def apply(self, client: Client, url: str, timeout_s: float) -> None:
        """Prepare a client that is not connected; raises `CertificateProblem` when it must not be connected."""
        try:
            keys = self._read()
        except CertificateProblem as error:
            raise CertificateProblem(f"is not connected: {error}") from None
        # Asked without encryption, so believed only when it says no: the connection itself proves the certificate.
        offered = await offered_certificates(url, timeout_s)
        if keys.server.der not in offered:
            other = of_der(offered[0], keys.server.file).thumbprint
            raise CertificateProblem(
                f"shows the certificate {other}, but {keys.server.thumbprint} is pinned in {keys.server.file}; "
                "find out why it has changed before you trust it (mes plc trust)"
            )
        client.application_uri = self._access.application_uri or keys.own.uris[0]
        await client.set_security(
            SecurityPolicyBasic256Sha256,
            CertProperties(keys.own.der, extension="der"),
            CertProperties(keys.key, extension="pem"),
            server_certificate=CertProperties(keys.server.der, extension="der"),
            mode=MODE,
        )
        if self._access.user:
            client.set_user(self._access.user)
            client.set_password(keys.password)

    def refusal(self, answer: str) -> str:
        """Say in words why the server lets us not in; `answer` is the name of its status code. Empty: other cause."""
        keys = self._keys
        if keys is None:
            return ""
        user = repr(self._access.user) if self._access.user else "an anonymous client"
        ours = f"our certificate {keys.own.file} (thumbprint {keys.own.thumbprint})"
        words = {
            "BadCertificateUntrusted": f"does not trust {ours}; move it into the trusted certificates of the server",
            "BadSecurityChecksFailed": f"refuses {ours}; see that it is among the trusted certificates of the server",
            "BadCertificateTimeInvalid": f"says that {ours} is out of date; compare the clocks of both",
            "BadCertificateUriInvalid": f"says that {ours} is not for the application URI "
            f"{self._access.application_uri or keys.own.uris[0]}; correct application_uri",
            "BadUserAccessDenied": f"does not let {user} in: user name or password is wrong, or the user has no right",
            "BadIdentityTokenRejected": f"does not let {user} in: it wants another way to log in"
            + ("" if self._access.user else "; set user and password_file in [plc.security]"),
        }
        words["BadCertificateInvalid"] = words["BadCertificatePolicyCheckFailed"] = (
            f"refuses {ours}: it wants another kind of certificate"
        )
        words["BadIdentityTokenInvalid"] = words["BadIdentityTokenRejected"]
        return f"{words[answer]} ({answer})" if answer in words else ""

    def _read(self) -> _Keys:
        access = self._access
        own, key = read_own(access.certificate, access.key)
        if not own.uris or (access.application_uri and access.application_uri not in own.uris):
            raise CertificateProblem(
                f"{access.certificate} is for the application URI {', '.join(own.uris) or '(none)'}, application_uri "
                f"is {access.application_uri!r}; make both the same"
            )
        server = read_certificate(
            access.server_certificate,
            "put the certificate of the server there, or pin the one it shows with `mes plc trust`",
        )
        if why := server.why_not_now():
            raise CertificateProblem(f"the certificate of the server, {server.file}, {why}; it needs a new one")
        self._keys = _Keys(own=own, server=server, key=key, password=_password(access))
        return self._keys


async def offered_certificates(url: str, timeout_s: float) -> list[bytes]:
    """Ask a server, without encryption, for the certificates (DER) of its endpoints with Basic256Sha256 SignAndEncrypt.

    Raises `CertificateProblem` when it has no such endpoint, and what asyncua raises when it does not answer.
    """
    endpoints = await Client(url, timeout=timeout_s).connect_and_get_server_endpoints()
    found = [
        first_of_chain(one.ServerCertificate)
        for one in endpoints
        if one.SecurityMode == MODE
        and one.SecurityPolicyUri == SecurityPolicyBasic256Sha256.URI
        and one.ServerCertificate
    ]
    if not found:
        raise CertificateProblem(
            f"offers {', '.join(sorted(map(_words, endpoints))) or 'nothing'}, but {NAME} is configured; refused: "
            "set up security on the server, or take [plc.security] out knowing what that means"
        )
    return found


def _words(endpoint: ua.EndpointDescription) -> str:
    if endpoint.SecurityMode == ua.MessageSecurityMode.None_:
        return "no security"
    return f"{endpoint.SecurityPolicyUri.rpartition('#')[2]} {endpoint.SecurityMode.name}"


def _password(access: OpcUaAccess) -> str:
    if not access.user:
        return ""
    if access.password_file is not None:
        return _not_empty(_first_line(access.password_file), str(access.password_file))
    return _not_empty(os.environ.get(access.password_env, ""), f"the environment variable {access.password_env}")


def _first_line(file: Path) -> str:
    try:
        return read_secret(file, "the password file").decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise CertificateProblem(f"the password file {file} is not UTF-8") from None


def _not_empty(password: str, where: str) -> str:
    if not password:
        raise CertificateProblem(f"there is no password in {where}")
    return password
