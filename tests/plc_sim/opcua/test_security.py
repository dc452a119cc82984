"""What the options for security on OPC UA make of each other."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest

from plc_sim.opcua.security import OpcuaSecurity, add_options, security_of, unknown_folders
from plc_sim.opcua.users import OpcuaUser, entry_of, password_hash
from tests.plc_sim.heater import heater_map

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


@pytest.mark.parametrize("empty", ["", " "])
def test_a_folder_of_certificates_without_a_name_is_refused(empty: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        security("--opcua-pki", empty)
    assert ended.value.code == 2
    assert "argument --opcua-pki: the name of the folder is empty" in capsys.readouterr().err


def test_a_folder_that_no_served_plc_has_is_told_with_the_nearest_that_one_has() -> None:
    tag_map = heater_map()
    known = OpcuaUser(name="mes", password_hash="", rights="operate", folders=("HT", "HE-1", tag_map.slots[0].name))
    wrong = OpcuaUser(name="shift", password_hash="", rights="operate", folders=("HE-1", "HE-11", "FU-301"))
    users = {"mes": known, "shift": wrong}
    near, far = unknown_folders(OpcuaSecurity(pki=Path("pki"), users=users), [tag_map])
    assert near.startswith("user shift: no PLC served here has a folder 'HE-11'; did you mean HE-1")
    assert far.startswith("user shift: no PLC served here has a folder 'FU-301'; there are ")
