"""A configuration is read strictly, and what is wrong with it is told with file, key and the nearest right thing."""

from __future__ import annotations

from pathlib import Path

import pytest

from mes.config import FILE_NAME, ConfigError, load


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / FILE_NAME
    path.write_text(text, encoding=encoding)
    return path


def test_an_empty_folder_has_defaults_on_loopback(tmp_path: Path) -> None:
    config = load(data=tmp_path)
    assert config.file is None
    assert config.database_url == f"sqlite:///{tmp_path / 'mes.db'}"
    assert (config.page.host, config.page.port, config.cell.speed) == ("127.0.0.1", 8080, 1.0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_maps_lie_relative_to_the_file_that_names_them(tmp_path: Path, encoding: str) -> None:
    path = written(tmp_path, '[[plc]]\nmap = "maps/sy.toml"\nurl = "modbus://127.0.0.1:5020"\n', encoding)
    config = load(file=path)
    (plc,) = config.plc
    assert config.map_path(plc) == tmp_path / "maps" / "sy.toml"
    assert plc.heartbeat_timeout_s == 10


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[cell]\nsped = 2\n", "cell.sped is not known; did you mean 'speed'?"),
        ("[cells]\n", "cells is not known; did you mean 'cell'?"),
        ("[cell]\nspeed = 0\n", "cell.speed"),
        ("[cell]\nspeed = inf\n", "cell.speed"),
        ("[page]\nport = 70000\n", "page.port"),
        ("[[plc]]\n", "plc.0.map"),
        ("[[plc]]\nmap = 'a'\n[plc.security]\npasword_file = 'p'\n", "did you mean 'password_file'?"),
        ("[[plc]]\nmap = 'a'\n[plc.security]\npolicy = 'None'\n", "plc.0.security.policy: Input should be 'Basic256S"),
        ("[[plc]]\nmap = 'a'\n[plc.security]\nuser = 'u'\n", "plc.0.security: a user needs a password"),
        (
            "[[plc]]\nmap = 'a'\n[plc.security]\nuser = 'u'\npassword_file = 'p'\npassword_env = 'P'\n",
            "give either password_file or password_env",
        ),
        ("[[plc]]\nmap = 'a'\n[plc.security]\npassword_env = 'P'\n", "there is a password but no user"),
        ("cell = \n", "this is not TOML"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as told:
        load(data=tmp_path)
    assert str(path) in str(told.value)
    assert words in str(told.value)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load(file=tmp_path / "other.toml")


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    with pytest.raises(ConfigError, match="is a file; the data folder must be a folder"):
        load(data=path)


def test_a_password_in_the_configuration_is_refused_and_not_repeated(tmp_path: Path) -> None:
    written(tmp_path, "[[plc]]\nmap = 'a'\n[plc.security]\nuser = 'u'\npassword = 'correct horse'\n")
    with pytest.raises(ConfigError, match="name that in password_file") as told:
        load(data=tmp_path)
    assert "correct horse" not in str(told.value)


def test_a_plc_is_unsecured_unless_it_has_a_table_for_that(tmp_path: Path) -> None:
    written(tmp_path, "[[plc]]\nmap = 'a'\n[plc.security]\n[[plc]]\nmap = 'b'\n")
    secured, unsecured = load(data=tmp_path).plc
    assert secured.security is not None
    assert secured.security.policy == "Basic256Sha256"
    assert unsecured.security is None
