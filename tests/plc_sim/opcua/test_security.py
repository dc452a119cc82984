"""What the options for security on OPC UA make of each other."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from plc_sim.opcua.security import OpcuaSecurity, add_options, security_of
from plc_sim.opcua.users import OpcuaUser, entry_of, password_hash

USER = OpcuaUser(name="mes", password_hash=password_hash("correct horse"), rights="operate")


def security(*options: str) -> OpcuaSecurity | None:
    parser = argparse.ArgumentParser()
    add_options(parser)
    return security_of(parser.parse_args(options))


def test_without_options_there_is_none() -> None:
    assert security() is None


def test_the_options_name_the_certificates_and_the_users(tmp_path: Path) -> None:
    file = tmp_path / "users.toml"
    file.write_text(entry_of(USER))
    pki = tmp_path / "pki"
    assert security("--opcua-pki", str(pki)) == OpcuaSecurity(pki=pki, users={})
    with_users = security("--opcua-pki", str(pki), "--opcua-users", str(file), "--opcua-secure")
    assert with_users == OpcuaSecurity(pki=pki, users={"mes": USER}, only=True)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--opcua-secure",), "--opcua-secure needs --opcua-pki DIR"),
        (("--opcua-users", "empty"), "--opcua-users needs --opcua-pki DIR"),
        (("--opcua-pki", "pki", "--opcua-secure"), "--opcua-secure needs --opcua-users FILE"),
        (("--opcua-pki", "pki", "--opcua-secure", "--opcua-users", "empty"), "empty: no [[user]]"),
    ],
)
def test_options_that_would_let_nobody_in_or_passwords_out_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").write_text("")
    with pytest.raises(ValueError, match=r"--opcua|empty") as refused:
        security(*options)
    assert says in str(refused.value)
