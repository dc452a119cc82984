"""The users file of the OPC UA server and the command that makes entries for it."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from plc_sim.opcua import users as opcua_users
from plc_sim.opcua.users import OpcuaUser, entry_of, password_hash, read_users, user_with

HASHED = password_hash("correct horse")


def made(monkeypatch: pytest.MonkeyPatch, typed: str, *arguments: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return opcua_users.main(arguments)


def test_an_entry_is_printed_that_reads_back(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert made(monkeypatch, "correct horse\n", "mes", "--rights", "operate", "--folder", "HE-1") == 0
    file = tmp_path / "users.toml"
    file.write_text(capsys.readouterr().out)
    users = read_users(file)
    assert "correct horse" not in file.read_text()
    assert (users["mes"].rights, users["mes"].folders) == ("operate", ("HE-1",))
    assert user_with(users, "mes", "correct horse") is users["mes"]
    assert user_with(users, "mes", "correct hors") is None
    assert user_with(users, "MES", "correct horse") is None


def test_entries_are_appended_to_a_file_that_only_its_owner_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "etc" / "users.toml"
    assert made(monkeypatch, "correct horse\n", "mes", "--rights", "operate", "--file", str(file)) == 0
    assert made(monkeypatch, "battery staple\n", "viewer", "--file", str(file)) == 0
    users = read_users(file)
    assert {name: user.rights for name, user in users.items()} == {"mes": "operate", "viewer": "read"}
    assert users["mes"].password_hash.split(":")[4] != users["viewer"].password_hash.split(":")[4]
    assert os.name == "nt" or file.stat().st_mode & 0o077 == 0


def test_an_entry_does_not_disappear_behind_a_comment_without_a_line_end(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "users.toml"
    file.write_text("# those of shift 1")
    assert made(monkeypatch, "correct horse\n", "mes", "--file", str(file)) == 0
    assert list(read_users(file)) == ["mes"]


@pytest.mark.parametrize(
    ("typed", "arguments", "says"),
    [
        ("short\n", ("mes",), "the password has 5 characters; it needs 8 or more"),
        ("", ("mes",), "the password has 0 characters"),
        ("correct horse\n", ('me"s',), "must be letters, digits"),
        ("correct horse\n", ("mes", "--folder", "HE-1"), "folders restrict the right to operate"),
    ],
)
def test_what_cannot_be_an_entry_is_refused_in_a_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: str,
    arguments: tuple[str, ...],
    says: str,
) -> None:
    assert made(monkeypatch, typed, *arguments) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert not told.out


def test_a_name_is_given_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "users.toml"
    file.write_text(entry_of(OpcuaUser(name="mes", password_hash=HASHED, rights="read")))
    before = file.read_text()
    assert made(monkeypatch, "battery staple\n", "mes", "--file", str(file)) == 2
    assert "the name 'mes' is taken" in capsys.readouterr().err
    assert file.read_text() == before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[user]", "this is not TOML"),
        ("[users]\n", "has [[user]] tables and nothing else"),
        ('user = ["mes"]', "user 1: must be a [[user]] table"),
        (f'[[user]]\nname = "mes"\nright = "read"\npassword = "{HASHED}"\n', "did you mean 'rights'?"),
        ('[[user]]\nname = "mes"\nrights = "read"\npassword = "secret"\n', "password is no hash"),
        (f'[[user]]\nname = "mes"\nrights = "write"\npassword = "{HASHED}"\n', "must be one of read, operate"),
        (f'[[user]]\nname = ""\nrights = "read"\npassword = "{HASHED}"\n', "name '' must be"),
        (2 * f'[[user]]\nname = "mes"\nrights = "read"\npassword = "{HASHED}"\n', "user 2: the name 'mes' is taken"),
        (f'[[user]]\nname = "m"\nrights = "operate"\nfolders = "HE-1"\npassword = "{HASHED}"\n', "must be a list"),
    ],
)
def test_a_users_file_with_a_mistake_is_refused_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "users.toml"
    file.write_text(text)
    with pytest.raises(ValueError, match=r"users\.toml") as refused:
        read_users(file)
    assert says in str(refused.value)
