"""Certificates as files: the PLC's own, and the clients' in trusted and rejected."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

import pytest
from asyncua.ua.status_codes import StatusCodes
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from plc_sim.opcua.certificates import REJECTED_MAX, CertificateFileError, TrustList, own_certificate
from tests.plc_sim.opcua.pki import FAR, NOON, certificate, client_key_pem

URI = "urn:test:ht"


def test_the_own_certificate_is_made_once_and_tells_whose_it_is(tmp_path: Path) -> None:
    made, key = own_certificate(tmp_path, "HT", URI, "127.0.0.1")
    loaded = x509.load_der_x509_certificate(made.read_bytes())
    names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == [URI]
    assert "127.0.0.1" in [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    assert datetime.timedelta(days=365) < loaded.not_valid_after_utc - loaded.not_valid_before_utc
    assert os.name == "nt" or key.stat().st_mode & 0o077 == 0
    before = made.read_bytes(), key.read_bytes()
    assert own_certificate(tmp_path, "HT", URI, "::1") == (made, key)
    assert (made.read_bytes(), key.read_bytes()) == before


@pytest.mark.parametrize(
    ("der", "says"),
    [
        (certificate("own", uri=URI, until=NOON), "has expired on 2026-01-01"),
        (certificate("own", uri="urn:test:zz"), "is for urn:test:zz, the PLC is urn:test:ht"),
        (b"no certificate", "; remove certificate and key to have new ones made"),
        (None, "; remove certificate and key to have new ones made"),
    ],
)
def test_an_own_certificate_that_does_not_serve_is_refused(tmp_path: Path, der: bytes | None, says: str) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "HT.key.pem").write_bytes(client_key_pem())
    if der is not None:
        (own / "HT.der").write_bytes(der)
    with pytest.raises(CertificateFileError, match=r"HT\.der") as refused:
        own_certificate(tmp_path, "HT", URI, "127.0.0.1")
    assert says in str(refused.value)


def test_a_certificate_that_does_not_fit_its_key_is_refused(tmp_path: Path) -> None:
    made, _ = own_certificate(tmp_path, "HT", URI, "127.0.0.1")
    made.write_bytes(certificate("own", uri=URI))
    with pytest.raises(CertificateFileError, match=r"does not belong to HT\.key\.pem"):
        own_certificate(tmp_path, "HT", URI, "127.0.0.1")


def test_a_certificate_is_trusted_as_der_and_as_pem(tmp_path: Path) -> None:
    trust = TrustList(tmp_path)
    one, other = certificate("one"), certificate("other")
    (trust.trusted / "one.der").write_bytes(one)
    (trust.trusted / "other.pem").write_bytes(x509.load_der_x509_certificate(other).public_bytes(Encoding.PEM))
    assert [trust.verdict(der) for der in (one, other)] == [StatusCodes.Good] * 2


@pytest.mark.parametrize(
    "key",
    [rsa.generate_private_key(public_exponent=65537, key_size=1024), ec.generate_private_key(ec.SECP256R1())],
    ids=["short", "elliptic"],
)
def test_a_trusted_certificate_with_a_key_the_policy_does_not_allow_is_refused(
    tmp_path: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
) -> None:
    trust = TrustList(tmp_path)
    (trust.trusted / "weak.der").write_bytes(weak := certificate("weak", key=key))
    assert trust.verdict(weak) == StatusCodes.BadCertificatePolicyCheckFailed


def test_the_log_says_from_when_to_when_a_certificate_is_valid(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trust = TrustList(tmp_path)
    (trust.trusted / "early.der").write_bytes(early := certificate("early", since=FAR - datetime.timedelta(days=1)))
    assert trust.verdict(early) == StatusCodes.BadCertificateTimeInvalid
    assert "early is valid only from 2098-12-31 00:00:00+00:00 to 2099-01-01" in caplog.text


def test_a_namesake_is_not_trusted(tmp_path: Path) -> None:
    trust = TrustList(tmp_path)
    (trust.trusted / "one.der").write_bytes(certificate("one"))
    assert trust.verdict(certificate("one")) == StatusCodes.BadCertificateUntrusted


def test_a_file_that_is_no_certificate_trusts_nobody_and_bars_nobody(tmp_path: Path) -> None:
    trust = TrustList(tmp_path)
    one = certificate("one")
    (trust.trusted / "a-readme.txt").write_text("put certificates here")
    assert trust.verdict(one) == StatusCodes.BadCertificateUntrusted
    (trust.trusted / "one.der").write_bytes(one)
    assert trust.verdict(one) == StatusCodes.Good
    assert trust.verdict(b"\x30\x03abc") == StatusCodes.BadCertificateInvalid


def test_only_the_newest_rejected_certificates_are_kept(tmp_path: Path) -> None:
    trust = TrustList(tmp_path)
    for number in range(REJECTED_MAX + 3):
        (trust.rejected / f"{number}.der").write_bytes(b"old")
    last = certificate("last")
    assert trust.verdict(last) == trust.verdict(last) == StatusCodes.BadCertificateUntrusted
    kept = list(trust.rejected.iterdir())
    assert len(kept) == REJECTED_MAX
    assert last in [path.read_bytes() for path in kept]
