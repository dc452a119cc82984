"""The MES at a secured OPC UA server on real sockets: what lets it in, and in which words it is told why not."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from mes.clock import wall_now
from mes.model.phase import PhaseCommand
from mes.model.states import ProceduralState
from mes.plc.check import probe
from mes.plc.drivers import port_opener
from mes.plc.opcua_certificates import CertificateProblem, make_own, of_der, read_own, read_secret, self_signed
from mes.plc.port import PlcError, PlcRefused, Protected
from plc_sim.opcua.server import OpcuaServer
from tests.plc.bench import in_background, until
from tests.plc.secured import PASSWORD, SECURITY, Installation, SecuredPlc, secured_plc
from tests.plc_sim.heater import new_plant
from tests.plc_sim.opcua.pki import certificate, client_key, client_key_pem

pytestmark = pytest.mark.asyncio(loop_scope="module")
SLOT = "HE-1.PH"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plc(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SecuredPlc]:
    async with secured_plc(tmp_path_factory.mktemp("secured")) as served:
        yield served


async def refusal(installation: Installation) -> str:
    port = installation.port()
    with pytest.raises(PlcError) as refused:
        await port.connect()
    await port.close()
    told = str(refused.value)
    assert "\n" not in told
    assert PASSWORD not in told
    return told


async def test_a_phase_runs_over_a_secured_link(plc: SecuredPlc, tmp_path: Path) -> None:
    link = plc.installation(tmp_path / "mes").link()
    async with in_background(link.supervise()):
        await until(lambda: link.status().usable and link.phase(SLOT).fresh, limit_s=10, shown=link.status)
        assert (link.status().why, link.status().protection) == ("", "Basic256Sha256 SignAndEncrypt as mes")
        link.take_over(1)
        start = link.compose(SLOT, PhaseCommand.START, exec_id=7, phase_number=2, parameters=(100.0, 600.0))
        assert (await link.execute(start)).accepted

        def complete() -> bool:
            return link.phase(SLOT).fresh and link.phase(SLOT).state is ProceduralState.COMPLETE

        await until(complete, limit_s=10, shown=lambda: link.phase(SLOT))
        reset = link.compose(SLOT, PhaseCommand.RESET, exec_id=7, phase_number=2)
        assert (await link.execute(reset)).accepted


async def test_a_probe_says_how_the_link_is_secured(plc: SecuredPlc, tmp_path: Path) -> None:
    config = plc.installation(tmp_path / "mes").config
    (table,) = config.plc
    report = await probe(config.map_path(table), table.url, open_port=port_opener(config, table))
    assert report.findings == ()
    assert report.protection == "Basic256Sha256 SignAndEncrypt as mes"


async def test_a_user_without_the_right_reads_but_is_refused_a_write(plc: SecuredPlc, tmp_path: Path) -> None:
    installation = plc.installation(tmp_path / "mes", security=SECURITY.replace('"mes"', '"viewer"'))
    port = installation.port()
    await port.connect()
    try:
        assert (await port.read(("HT.IfVersion",)))["HT.IfVersion"].value == 1
        with pytest.raises(PlcRefused, match=r"HT\.MesHb \(BadUserAccessDenied\); the user has not the right to write"):
            await port.write({"HT.MesHb": 1})
    finally:
        await port.close()


@pytest.mark.parametrize(
    ("security", "words"),
    [
        ("", ("an anonymous client", "set user and password_file", "BadIdentityTokenRejected")),
        (SECURITY.replace('"mes"', '"nobody"'), ("'nobody'", "user name or password is wrong", "BadUserAccessDenied")),
        ('user = "mes"\npassword_env = "NO_SUCH_NAME"\n', ("no password in the environment variable NO_SUCH_NAME",)),
        (f'{SECURITY}application_uri = "urn:other"\n', ("mes.der is for the application URI urn:", "'urn:other'")),
        (f'{SECURITY}server_certificate = "no.der"\n', ("there is no certificate", "no.der", "mes plc trust")),
        (f'{SECURITY}certificate = "no.der"\n', ("there is no certificate", "no.der", "mes plc certificate")),
        (f'{SECURITY}server_certificate = "password"\n', ("is no certificate",)),
    ],
)
async def test_a_login_that_does_not_fit_is_told_in_one_line(
    plc: SecuredPlc, tmp_path: Path, security: str, words: tuple[str, ...]
) -> None:
    told = await refusal(plc.installation(tmp_path / "mes", security=security))
    for word in words:
        assert word in told


async def test_a_certificate_that_the_server_does_not_trust_is_told_with_its_thumbprint(
    plc: SecuredPlc, tmp_path: Path
) -> None:
    installation = plc.installation(tmp_path / "mes", trusted=False)
    told = await refusal(installation)
    assert f"does not trust our certificate {installation.certificate}" in told
    assert installation.thumbprint in told
    assert "BadCertificateUntrusted" in told


async def test_another_certificate_than_the_pinned_one_is_refused_with_both_thumbprints(
    plc: SecuredPlc, tmp_path: Path
) -> None:
    installation = plc.installation(tmp_path / "mes")
    shown = of_der(installation.pinned.read_bytes(), installation.pinned).thumbprint
    installation.pinned.write_bytes(certificate("another server"))
    pinned = of_der(installation.pinned.read_bytes(), installation.pinned).thumbprint
    told = await refusal(installation)
    assert f"shows the certificate {shown}" in told
    assert f"{pinned} is pinned in {installation.pinned}" in told


async def test_a_server_that_only_says_it_has_the_pinned_certificate_is_refused(
    plc: SecuredPlc, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation = plc.installation(tmp_path / "mes")
    pinned = certificate("another server")
    installation.pinned.write_bytes(pinned)

    async def lie(url: str, timeout_s: float) -> list[bytes]:
        return [pinned]

    monkeypatch.setattr("mes.plc.opcua_security.offered_certificates", lie)
    assert "HT (opc.tcp://" in await refusal(installation)


async def test_an_expired_certificate_of_the_server_is_refused_although_it_is_pinned(
    plc: SecuredPlc, tmp_path: Path
) -> None:
    installation = plc.installation(tmp_path / "mes")
    installation.pinned.write_bytes(certificate("old", until=wall_now() - timedelta(days=1)))
    assert "HT.der, has expired on" in await refusal(installation)


async def test_an_expired_certificate_of_our_own_is_told_before_anything_is_sent(
    plc: SecuredPlc, tmp_path: Path
) -> None:
    installation = plc.installation(tmp_path / "mes")
    installation.certificate.write_bytes(certificate("mes", until=wall_now() - timedelta(days=1)))
    installation.certificate.with_name("mes.key.pem").write_bytes(client_key_pem())
    told = await refusal(installation)
    assert "our own certificate" in told
    assert "has expired on" in told


async def test_a_certificate_that_runs_out_within_a_month_is_told_while_the_link_is_well(
    plc: SecuredPlc, tmp_path: Path
) -> None:
    installation = plc.installation(tmp_path / "mes", trusted=False)
    until_ = wall_now() + timedelta(days=29)
    made = self_signed(client_key(), name="mes", uri="urn:test:mes", since=wall_now(), until=until_)
    installation.certificate.write_bytes(made)
    installation.certificate.with_name("mes.key.pem").write_bytes(client_key_pem())
    plc.trust(installation.certificate)
    link = installation.link()
    async with in_background(link.supervise()):
        await until(lambda: link.status().usable, limit_s=10, shown=link.status)
        assert link.status().why == f"{installation.certificate} expires on {until_:%Y-%m-%d}"


async def test_security_is_applied_anew_at_every_connection(plc: SecuredPlc, tmp_path: Path) -> None:
    installation = plc.installation(tmp_path / "mes")
    password = installation.folder / "password"
    link = installation.link()

    async def reaches(condition: Callable[[], bool]) -> None:
        await until(condition, limit_s=10, shown=link.status)

    async with in_background(link.supervise()):
        await reaches(lambda: link.status().usable)
        password.write_text("wrong horse", encoding="utf-8")
        plc.cut_off.cut()
        await reaches(lambda: "user name or password is wrong" in link.status().why)
        password.write_text(PASSWORD, encoding="utf-8")
        await reaches(lambda: link.status().usable)
        good = installation.pinned.read_bytes()
        installation.pinned.write_bytes(certificate("another server"))
        plc.cut_off.cut()
        await reaches(lambda: "is pinned in" in link.status().why)
        installation.pinned.write_bytes(good)
        await reaches(lambda: link.status().usable)


async def test_a_server_that_offers_no_security_is_refused_where_it_is_configured(
    plc: SecuredPlc, tmp_path: Path
) -> None:
    plant = new_plant()
    server = OpcuaServer(plant.plc.tag_map, plant.plc.image)
    url = await server.start("127.0.0.1", 0)
    try:
        installation = plc.installation(tmp_path / "mes")
        toml = installation.folder / "mes.toml"
        toml.write_text(toml.read_text(encoding="utf-8").replace(plc.url, url), encoding="utf-8")
        told = await refusal(installation)
        assert "offers no security, but Basic256Sha256 SignAndEncrypt is configured; refused" in told
        toml.write_text(toml.read_text(encoding="utf-8").partition("[plc.security]")[0], encoding="utf-8")
        port = installation.port()
        await port.connect()
        await port.close()
        assert isinstance(port, Protected)
        assert (port.protection, port.notice) == ("unsecured", "")
    finally:
        await server.stop()


async def test_a_secured_server_tells_a_client_without_security_what_to_configure(
    plc: SecuredPlc, tmp_path: Path
) -> None:
    installation = plc.installation(tmp_path / "mes")
    toml = installation.folder / "mes.toml"
    toml.write_text(toml.read_text(encoding="utf-8").partition("[plc.security]")[0], encoding="utf-8")
    assert "lets nobody in without security; set [plc.security] in mes.toml" in await refusal(installation)


async def test_only_opc_ua_can_be_secured(plc: SecuredPlc, tmp_path: Path) -> None:
    installation = plc.installation(tmp_path / "mes")
    toml = installation.folder / "mes.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("opc.tcp", "modbus"), encoding="utf-8")
    with pytest.raises(PlcError, match=r"cannot be secured: only opc\.tcp:// can"):
        installation.port()


@pytest.mark.parametrize("name", ["password", "pki/own/mes.key.pem"])
async def test_a_secret_that_others_can_read_is_refused(plc: SecuredPlc, tmp_path: Path, name: str) -> None:
    installation = plc.installation(tmp_path / "mes")
    (installation.folder / name).chmod(0o644)
    if os.name != "posix":  # rights are no bits there
        assert read_secret(installation.folder / name, "the file")
        return
    told = await refusal(installation)
    assert f"can be read by others (mode 644); run: chmod 600 {installation.folder / name}" in told


async def test_an_empty_password_file_is_refused(plc: SecuredPlc, tmp_path: Path) -> None:
    installation = plc.installation(tmp_path / "mes")
    (installation.folder / "password").write_text("\n", encoding="utf-8")
    assert f"there is no password in {installation.folder / 'password'}" in await refusal(installation)


async def test_the_own_certificate_is_made_once_and_never_without_its_key(plc: SecuredPlc, tmp_path: Path) -> None:
    installation = plc.installation(tmp_path / "mes")
    key = installation.certificate.with_name("mes.key.pem")
    before = installation.thumbprint
    assert not make_own(installation.certificate, key)
    assert installation.thumbprint == before
    key.write_bytes(client_key_pem())
    with pytest.raises(CertificateProblem, match=r"does not belong to mes\.key\.pem"):
        read_own(installation.certificate, key)
    key.unlink()
    with pytest.raises(CertificateProblem, match="is there without its other half"):
        make_own(installation.certificate, key)
