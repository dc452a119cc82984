"""A protected simulated PLC as a process: the way an engineer sets it up."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from asyncua import Client, ua
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256

from plc_sim import cli
from plc_sim.opcua.users import OpcuaUser, entry_of, password_hash
from tests.plc_sim.opcua.pki import CLIENT_URI, NOON, ClientFiles, certificate
from tests.plc_sim.test_cli import HEATERS, Child

LISTEN = ("--listen", "HT=opc.tcp://127.0.0.1:0")


@pytest.fixture
def children() -> Iterator[list[Child]]:
    started: list[Child] = []
    yield started
    for child in started:
        child.close()


async def test_a_client_gets_in_by_the_steps_of_the_guide(
    children: list[Child], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pki, users = tmp_path / "pki", tmp_path / "users.toml"
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse\n"))
    assert cli.main(["opcua-user", "mes", "--rights", "operate", "--file", str(users)]) == 0
    options = ("--opcua-pki", str(pki), "--opcua-users", str(users), "--opcua-secure")
    children.append(child := Child(*HEATERS, *LISTEN, *options))
    url = child.ready()["url"]
    files = ClientFiles(tmp_path, "client", certificate("engineering station"))

    async def client() -> Client:
        made = Client(url, timeout=10.0)
        made.application_uri = CLIENT_URI
        own = str(pki / "own" / "HT.der")
        await made.set_security(SecurityPolicyBasic256Sha256, files.certificate, files.key, server_certificate=own)
        made.set_user("mes")
        made.set_password("correct horse")
        return made

    with pytest.raises(ua.UaStatusCodeError):
        await (await client()).connect()
    (kept,) = (pki / "rejected").iterdir()
    kept.rename(pki / "trusted" / kept.name)
    async with await client() as inside:
        namespace = await inside.get_namespace_index("urn:test:ht")
        assert await inside.get_node(ua.NodeId("HT.IfVersion", namespace)).read_value() == 1
    child.process.terminate()
    code, errors = child.ended()
    assert code == 0
    assert f"to trust it, move {kept}" in errors
    assert "correct horse" not in errors


def test_a_users_file_with_a_wrong_folder_is_told_at_the_start(children: list[Child], tmp_path: Path) -> None:
    users = tmp_path / "users.toml"
    user = OpcuaUser(name="mes", password_hash=password_hash("correct horse"), rights="operate", folders=("HE-11",))
    users.write_text(entry_of(user))
    options = ("--opcua-pki", str(tmp_path / "pki"), "--opcua-users", str(users))
    children.append(child := Child(*HEATERS, *LISTEN, *options))
    child.ready()
    child.process.terminate()
    code, errors = child.ended()
    assert code == 0
    assert (
        "plc_sim: warning: --opcua-users: user mes: no PLC served here has a folder 'HE-11'; did you mean HE-1"
        in errors
    )


def test_an_expired_own_certificate_ends_the_start_in_a_line(children: list[Child], tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    ClientFiles(own, "HT", certificate("HT", uri="urn:test:ht", until=NOON)).key.rename(own / "HT.key.pem")
    children.append(child := Child(*HEATERS, *LISTEN, "--opcua-pki", str(tmp_path)))
    code, errors = child.ended()
    assert code == 2
    assert "HT.der has expired on 2026-01-01" in errors
    assert errors.count("\n") == 1
