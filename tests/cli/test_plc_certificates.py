"""`mes plc certificate` and `mes plc trust`, as somebody uses them who connects a secured PLC for the first time."""

from __future__ import annotations

import asyncio
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from mes.plc.opcua_certificates import read_certificate
from tests.cli.installation import Ending, Mes
from tests.plc.secured import SecuredPlc, secured_plc
from tests.plc_sim.opcua.pki import certificate

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plc(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecuredPlc]:
    async with secured_plc(tmp_path_factory.mktemp("secured")) as served:
        yield served


async def test_the_certificate_is_made_once_and_its_key_is_for_its_owner(mes: Mes, tmp_path: Path) -> None:
    made = mes("plc", "certificate", "--data", tmp_path).out
    own = tmp_path / "pki" / "own"
    assert made.startswith("Made the certificate")
    assert read_certificate(own / "mes.der", "").thumbprint in made
    assert "mes plc trust" in made
    if sys.platform != "win32":
        assert stat.S_IMODE((own / "mes.key.pem").stat().st_mode) == 0o600
    again = mes("plc", "certificate", "--data", tmp_path, "--json").document
    assert again["made"] is False
    assert again["thumbprint"] in made
    (own / "mes.key.pem").unlink()
    mes("plc", "certificate", "--data", tmp_path).says("is there without its other half")


async def test_a_server_is_pinned_only_by_who_names_its_thumbprint(mes: Mes, plc: SecuredPlc, tmp_path: Path) -> None:
    installation = plc.installation(tmp_path / "mes")
    installation.pinned.unlink()
    shown = read_certificate(plc.certificate, "").thumbprint

    async def run(*arguments: str) -> Ending:
        # In a thread, because the server runs in the loop of this test.
        return await asyncio.to_thread(mes, "plc", *arguments, "--data", installation.folder)

    unpinned = await run("probe")
    assert unpinned.code == 1
    assert "as mes: 0 tags are good, 1 findings" in unpinned.out
    assert "pin the one it shows with `mes plc trust`" in unpinned.err
    (await run("trust", "HT")).says(shown, "add --yes --thumbprint HEX")
    (await run("trust", "HT", "--yes")).says("--yes needs --thumbprint")
    (await run("trust", "HT", "--yes", "--thumbprint", "00" * 32)).says(shown, "nothing was pinned")
    (await run("trust", "HTT")).says("no PLC 'HTT'", 'did you mean "HT"')
    assert not installation.pinned.exists()
    written_with_colons = ":".join(shown[at : at + 2] for at in range(0, 64, 2)).upper()
    pinned = await run("trust", "HT", "--yes", "--thumbprint", written_with_colons)
    assert f"HT: {shown} is pinned in {installation.pinned}" in pinned.out
    assert installation.pinned.read_bytes() == plc.certificate.read_bytes()
    assert "was pinned already" in (await run("trust", "HT")).out
    assert ", Basic256Sha256 SignAndEncrypt as mes: " in (await run("probe")).out
    installation.pinned.write_bytes(certificate("another server"))
    before = read_certificate(installation.pinned, "").thumbprint
    (await run("trust", "HT")).says(shown, "instead of the pinned one", before)


async def test_what_cannot_be_pinned_is_told(mes: Mes, plc: SecuredPlc, tmp_path: Path) -> None:
    installation = plc.installation(tmp_path / "mes")
    toml = installation.folder / "mes.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace("opc.tcp", "modbus"), encoding="utf-8")
    mes("plc", "trust", "HT", "--data", installation.folder).says("only servers at opc.tcp:// have certificates")
    toml.write_text(text.partition("[plc.security]")[0], encoding="utf-8")
    mes("plc", "trust", "HT", "--data", installation.folder).says("has no [plc.security] table yet")
    toml.write_text(text.replace(plc.url, "opc.tcp://127.0.0.1:1"), encoding="utf-8")
    ending = await asyncio.to_thread(mes, "plc", "trust", "HT", "--data", installation.folder)
    ending.says("opc.tcp://127.0.0.1:1", "gave no valid answer")
