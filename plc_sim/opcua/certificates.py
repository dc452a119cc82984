"""Certificates of a simulated PLC and of its clients, as files in a folder that an engineer can look after."""

from __future__ import annotations

import datetime
import ipaddress
import logging
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

from asyncua.ua.status_codes import StatusCodes
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

log = logging.getLogger(__name__)

KEY_BITS, LONGEST_KEY_BITS = 2048, 4096
"""RSA keys that Basic256Sha256 allows; the PLC's own is of the first length."""
VALID_DAYS = 3 * 365
REJECTED_MAX = 50
"""So many refused certificates are kept, the newest: anybody can send any number of them."""
BACKDATED = datetime.timedelta(hours=1)
"""Clocks on a shop floor differ."""
MAKE_ANEW = "remove certificate and key to have new ones made"


class CertificateFileError(OSError):
    """A certificate, or the folder of certificates, cannot be used; the message is one line."""


def own_certificate(pki: Path, name: str, uri: str, host: str) -> tuple[Path, Path]:
    """Give the files of a PLC's certificate (DER) and private key (PEM), made when there are none.

    Raises CertificateFileError for a certificate that has expired, is for another application URI, does not fit its
    key, or cannot be read or made.
    """
    folder = pki / "own"
    certificate_file, key_file = folder / f"{name}.der", folder / f"{name}.key.pem"
    if not certificate_file.exists() and not key_file.exists():
        _make_folder(folder)
        key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        made = _self_signed(key, name, uri, host)
        try:
            with open(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secret)
            certificate_file.write_bytes(made.public_bytes(Encoding.DER))
        except OSError as error:
            raise CertificateFileError(f"{certificate_file} cannot be made: {error.strerror}") from None
    _check_own(certificate_file, key_file, uri)
    return certificate_file, key_file


class TrustList:
    """Which client certificates are accepted: those that lie in `trusted/`, each one itself, in DER or PEM.

    The folder is looked at whenever a client comes, so a certificate that was moved there counts at once, and one that
    was removed counts no more. A refused one is put into `rejected/`.
    """

    def __init__(self, pki: Path) -> None:
        self.trusted = pki / "trusted"
        self.rejected = pki / "rejected"
        for folder in (self.trusted, self.rejected):
            _make_folder(folder)

    def verdict(self, der: bytes) -> int:
        """Give the status code a client's certificate deserves, Good for one to be let in."""
        try:
            certificate = x509.load_der_x509_certificate(der)
        except ValueError:
            return StatusCodes.BadCertificateInvalid
        fingerprint = certificate.fingerprint(hashes.SHA256())
        if fingerprint not in self._trusted():
            self._reject(certificate, fingerprint)
            return StatusCodes.BadCertificateUntrusted
        now = _now()
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            since, until = certificate.not_valid_before_utc, certificate.not_valid_after_utc
            log.warning("client certificate %s is valid only from %s to %s", _name(certificate), since, until)
            return StatusCodes.BadCertificateTimeInvalid
        key = certificate.public_key()
        if not isinstance(key, rsa.RSAPublicKey) or not KEY_BITS <= key.key_size <= LONGEST_KEY_BITS:
            told = (_name(certificate), KEY_BITS, LONGEST_KEY_BITS)
            log.warning("client certificate %s: its key is no RSA key of %d to %d bits", *told)
            return StatusCodes.BadCertificatePolicyCheckFailed
        return StatusCodes.Good

    def _trusted(self) -> frozenset[bytes]:
        return frozenset(one.fingerprint(hashes.SHA256()) for one in self._read_trusted())

    def _read_trusted(self) -> Iterator[x509.Certificate]:
        for path in sorted(self.trusted.glob("*")):
            try:
                yield _loaded(path)
            except (OSError, ValueError) as error:
                log.warning("%s is no certificate and trusts nobody: %s", path, error)

    def _reject(self, certificate: x509.Certificate, fingerprint: bytes) -> None:
        path = self.rejected / f"{_name(certificate)}-{fingerprint.hex()[:16]}.der"
        if path.exists():
            return
        try:
            path.write_bytes(certificate.public_bytes(Encoding.DER))
            kept = sorted(self.rejected.glob("*.der"), key=lambda one: one.stat().st_mtime_ns)
            for oldest in kept[:-REJECTED_MAX]:
                oldest.unlink(missing_ok=True)
        except OSError as error:  # a full disk lets nobody in
            log.warning("client certificate %s is not trusted and cannot be kept: %s", path.stem, error)
            return
        log.warning("client certificate %s is not trusted; to trust it, move %s into %s", path.stem, path, self.trusted)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CertificateFileError(f"{folder} cannot be made: {error.strerror}") from None


def _self_signed(key: rsa.RSAPrivateKey, name: str, uri: str, host: str) -> x509.Certificate:
    now = _now()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name} simulated PLC")])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri), *_hosts(host)]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=True,
                data_encipherment=True,
                key_agreement=False,
                key_cert_sign=True,  # OPC UA wants it of a certificate that signs itself
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)  # noqa: TID251 - certificates are judged by the clock on the wall


def _hosts(host: str) -> list[x509.GeneralName]:
    try:
        address: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        address = x509.DNSName(host)
    return [address, x509.DNSName(socket.gethostname())]


def _check_own(certificate_file: Path, key_file: Path, uri: str) -> None:
    try:
        certificate = _loaded(certificate_file)
        key = load_pem_private_key(key_file.read_bytes(), None)
        uris = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value.get_values_for_type(
            x509.UniformResourceIdentifier
        )
    except (OSError, ValueError, TypeError, x509.ExtensionNotFound) as error:
        raise CertificateFileError(
            f"{certificate_file} and {key_file.name} cannot be used: {error}; {MAKE_ANEW}"
        ) from None
    if certificate.public_key() != key.public_key():
        raise CertificateFileError(f"{certificate_file} does not belong to {key_file.name}; {MAKE_ANEW}")
    if certificate.not_valid_after_utc < _now():
        raise CertificateFileError(
            f"{certificate_file} has expired on {certificate.not_valid_after_utc:%Y-%m-%d}; "
            f"{MAKE_ANEW}, and give it to the clients"
        )
    if uri not in uris:
        whose = ", ".join(uris) or "no application"
        raise CertificateFileError(f"{certificate_file} is for {whose}, the PLC is {uri}; {MAKE_ANEW}")


def _loaded(path: Path) -> x509.Certificate:
    content = path.read_bytes()
    if content.lstrip().startswith(b"-----BEGIN"):
        return x509.load_pem_x509_certificate(content)
    return x509.load_der_x509_certificate(content)


def _name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    # Whatever a stranger has written there becomes a file name.
    return re.sub(r"[^A-Za-z0-9]+", "-", str(names[0].value) if names else "").strip("-")[:40] or "unnamed"
