"""Certificates for OPC UA as files: the MES's own, made once, and those of the servers it has been told to trust."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from mes.clock import wall_now

KEY_BITS = 2048
VALID = timedelta(days=3 * 365)
BACKDATED = timedelta(hours=1)
"""Clocks on a shop floor differ."""
WARN_BEFORE = timedelta(days=30)


class CertificateProblem(Exception):
    """A certificate, a key or a password cannot be used; the message is one line that says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate from a file. `thumbprint` is the SHA-256 of `der` in hexadecimal digits; times are UTC."""

    file: Path
    der: bytes
    thumbprint: str
    valid_from: datetime
    valid_until: datetime
    uris: tuple[str, ...]

    def why_not_now(self) -> str:
        """Say why the certificate is not valid at this hour; empty when it is."""
        now = wall_now()
        if self.valid_until < now:
            return f"has expired on {self.valid_until:%Y-%m-%d}"
        if self.valid_from > now:
            return f"is valid only from {self.valid_from:%Y-%m-%d %H:%M} UTC on; is the clock of this machine right?"
        return ""

    def notice(self) -> str:
        """Say that the certificate runs out within 30 days; empty when it does not."""
        left = self.valid_until - wall_now()
        return f"{self.file} expires on {self.valid_until:%Y-%m-%d}" if left < WARN_BEFORE else ""


def of_der(der: bytes, file: Path) -> Certificate:
    """Give a certificate from its DER bytes, `file` being where it belongs; raises `CertificateProblem`."""
    try:
        read = x509.load_der_x509_certificate(der)
        names = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = tuple(names.get_values_for_type(x509.UniformResourceIdentifier))
    except x509.ExtensionNotFound:
        uris = ()
    except ValueError as error:
        raise CertificateProblem(f"{file} is no certificate: {error}") from None
    return Certificate(
        file=file,
        der=der,
        thumbprint=read.fingerprint(hashes.SHA256()).hex(),
        valid_from=read.not_valid_before_utc,
        valid_until=read.not_valid_after_utc,
        uris=uris,
    )


def read_certificate(file: Path, advice: str) -> Certificate:
    """Read a certificate, DER or PEM; raises `CertificateProblem`, with `advice` where there is no such file."""
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        raise CertificateProblem(f"there is no certificate {file}; {advice}") from None
    except OSError as error:
        raise CertificateProblem(f"{file} cannot be read: {error.strerror}") from None
    if content.lstrip().startswith(b"-----BEGIN"):
        try:
            content = x509.load_pem_x509_certificate(content).public_bytes(Encoding.DER)
        except ValueError as error:
            raise CertificateProblem(f"{file} is no certificate: {error}") from None
    return of_der(content, file)


def read_secret(file: Path, what: str) -> bytes:
    """Read a file that nobody but its owner may read (not looked at on Windows); raises `CertificateProblem`."""
    try:
        mode = file.stat().st_mode
        content = file.read_bytes()
    except OSError as error:
        raise CertificateProblem(f"{what} {file} cannot be read: {error.strerror}") from None
    if os.name == "posix" and mode & 0o077:
        raise CertificateProblem(f"{what} {file} can be read by others (mode {mode & 0o777:o}); run: chmod 600 {file}")
    return content


def read_own(certificate_file: Path, key_file: Path) -> tuple[Certificate, bytes]:
    """Read certificate and private key (PEM) of the MES; raises `CertificateProblem` when they cannot be used now."""
    certificate = read_certificate(certificate_file, "make one with `mes plc certificate`")
    secret = read_secret(key_file, "the private key")
    anew = "remove both files, make new ones with `mes plc certificate`, and have the servers trust them"
    try:
        key = load_pem_private_key(secret, None)
    except (ValueError, TypeError) as error:
        raise CertificateProblem(f"{key_file} is no private key without a passphrase: {error}") from None
    if x509.load_der_x509_certificate(certificate.der).public_key() != key.public_key():
        raise CertificateProblem(f"{certificate_file} does not belong to {key_file.name}; {anew}")
    if why := certificate.why_not_now():
        raise CertificateProblem(f"our own certificate {certificate_file} {why}; {anew}")
    return certificate, secret


def make_own(certificate_file: Path, key_file: Path) -> bool:
    """Make certificate and key (readable by the owner only) unless there are both; give whether they were made.

    Raises `CertificateProblem` when one is there without the other, or when they cannot be written.
    """
    there = [file for file in (certificate_file, key_file) if file.exists()]
    if len(there) == 2:
        return False
    if there:
        raise CertificateProblem(f"{there[0]} is there without its other half; put that back, or remove this one")
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    made = self_signed(key, name="mes", uri=f"urn:{socket.gethostname()}:mes", since=wall_now() - BACKDATED)
    try:
        certificate_file.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        certificate_file.write_bytes(made)
    except OSError as error:
        raise CertificateProblem(f"{certificate_file} cannot be made: {error.strerror}") from None
    return True


def self_signed(
    key: rsa.RSAPrivateKey, *, name: str, uri: str, since: datetime, until: datetime | None = None
) -> bytes:
    """Give a certificate of an OPC UA client as DER, signed with its own key (OPC 10000-6, 6.2.2)."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=True,
        data_encipherment=True,
        key_agreement=False,
        key_cert_sign=True,  # OPC UA wants it of a certificate that signs itself
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    names = [x509.UniformResourceIdentifier(uri), x509.DNSName(socket.gethostname())]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until or since + VALID)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def first_of_chain(chain: bytes) -> bytes:
    """Give the first certificate of a chain of DER certificates, which is the server's own."""
    if len(chain) < 4 or chain[0] != 0x30 or chain[1] != 0x82:  # a sequence with a length of two bytes, as all are
        return chain
    return chain[: 4 + int.from_bytes(chain[2:4], "big")]
