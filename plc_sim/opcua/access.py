"""Who gets in: endpoints, certificates and users of a protected OPC UA server."""

from __future__ import annotations

from asyncua import ua
from asyncua.common.utils import ServiceError
from asyncua.crypto.validator import CertificateValidator, CertificateValidatorOptions
from asyncua.server.internal_server import InternalServer
from asyncua.server.server import Server
from asyncua.server.user_managers import UserManager
from asyncua.ua.status_codes import StatusCodes
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from plc_sim.opcua.certificates import TrustList, own_certificate
from plc_sim.opcua.security import OpcuaSecurity
from plc_sim.opcua.session import EVERYBODY, PlcUser
from plc_sim.opcua.users import user_with
from plc_sim.tagmap import TagMap

ONLOOKER = PlcUser(name="anonymous", folders=())
ENCRYPTED = ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt


class Gate(UserManager):
    """Decides by certificate, user name and password.

    The library asks the validator about the certificate a client names when it creates a session, and not at all about
    a client that names none; here the one is judged with which the channel was really opened.
    """

    def __init__(self, security: OpcuaSecurity, trust: TrustList) -> None:
        self._security = security
        self._trust = trust

    def get_user(
        self,
        iserver: InternalServer,
        username: str | None = None,
        password: str | None = None,
        certificate: bytes | None = None,
    ) -> PlcUser | None:
        """Give the user, None for one to be refused; raises ServiceError for a certificate that is not accepted."""
        if certificate:  # an open channel has an empty one
            refuse(self._trust.verdict(certificate))
        elif self._security.only or username is not None:
            return None  # a password that came without encryption is good for nothing
        if username is None:
            if self._security.only:
                return None
            return ONLOOKER if self._security.users else EVERYBODY
        user = user_with(self._security.users, username, password or "")
        if user is None:
            return None
        folders = () if user.rights == "read" else user.folders or None
        return PlcUser(name=user.name, folders=folders)


class Protection:
    """The security of one server."""

    def __init__(self, security: OpcuaSecurity) -> None:
        self._security = security
        self._trust = TrustList(security.pki)
        self._form = CertificateValidator(
            CertificateValidatorOptions.EXT_VALIDATION | CertificateValidatorOptions.PEER_CLIENT
        )

    def gate(self) -> Gate:
        """Give what decides who gets in."""
        return Gate(self._security, self._trust)

    async def apply(self, server: Server, tag_map: TagMap, host: str) -> None:
        """Set endpoints, identities and certificates of a server that is not started; raises OSError."""
        certificate, key = own_certificate(self._security.pki, tag_map.name, tag_map.namespace, host)
        await server.load_certificate(certificate)
        await server.load_private_key(key)
        server.set_certificate_validator(self._validate)
        open_too = [] if self._security.only else [ua.SecurityPolicyType.NoSecurity]
        server.set_security_policy([*open_too, ENCRYPTED])
        tokens: list[type] = [] if self._security.only else [ua.AnonymousIdentityToken]
        if self._security.users:
            tokens.append(ua.UserNameIdentityToken)
        server.set_identity_tokens(tokens)

    def limit(self, endpoint: ua.EndpointDescription) -> None:
        """Take from an endpoint without encryption the offer to log in there."""
        if endpoint.SecurityMode == ua.MessageSecurityMode.None_:
            endpoint.UserIdentityTokens = [
                token for token in endpoint.UserIdentityTokens if token.TokenType != ua.UserTokenType.UserName
            ]

    async def _validate(self, certificate: x509.Certificate, description: ua.ApplicationDescription) -> None:
        refuse(self._trust.verdict(certificate.public_bytes(Encoding.DER)))
        await self._form.validate(certificate, description)


def refuse(verdict: int) -> None:
    """Raise the service error of a verdict other than Good."""
    if verdict != StatusCodes.Good:
        raise ServiceError(verdict)
