"""A protected OPC UA server and stock clients on real sockets: who gets in, and what they may do there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from asyncua import Client, ua
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256

from plc_sim.opcua.security import OpcuaSecurity
from plc_sim.opcua.server import OpcuaServer
from plc_sim.opcua.users import OpcuaUser, password_hash
from tests.plc_sim.heater import Plant, new_plant
from tests.plc_sim.opcua.pki import CLIENT_URI, NOON, ClientFiles, certificate

pytestmark = pytest.mark.asyncio(loop_scope="module")
PASSWORD = "correct horse"
LIMIT_S = 5.0


@dataclass
class Plc:
    """A protected server with its folder of certificates."""

    plant: Plant
    server: OpcuaServer
    pki: Path
    url: str
    files: Path

    @property
    def own_certificate(self) -> Path:
        return self.pki / "own" / "HT.der"

    def client_files(self, name: str, der: bytes | None = None, *, trusted: bool = True) -> ClientFiles:
        files = ClientFiles(self.files, name, der or certificate(name))
        if trusted:
            (self.pki / "trusted" / f"{name}.der").write_bytes(files.der)
        return files

    async def client(self, files: ClientFiles, user: str = "", password: str = PASSWORD) -> Client:
        client = Client(self.url, timeout=LIMIT_S)
        client.application_uri = CLIENT_URI
        client.session_timeout = 30_000
        await client.set_security(
            SecurityPolicyBasic256Sha256, files.certificate, files.key, server_certificate=str(self.own_certificate)
        )
        if user:
            client.set_user(user)
            client.set_password(password)
        return client

    @asynccontextmanager
    async def connected(self, files: ClientFiles, user: str = "") -> AsyncIterator[Client]:
        async with await self.client(files, user) as client:
            yield client

    async def refusal(self, files: ClientFiles, user: str = "mes", password: str = PASSWORD) -> str:
        client = await self.client(files, user, password)
        with pytest.raises(ua.UaError) as refused:
            await client.connect()
        return type(refused.value).__name__


def users() -> dict[str, OpcuaUser]:
    hashed = password_hash(PASSWORD)
    return {
        "mes": OpcuaUser(name="mes", password_hash=hashed, rights="operate"),
        "viewer": OpcuaUser(name="viewer", password_hash=hashed, rights="read"),
        "second": OpcuaUser(name="second", password_hash=hashed, rights="operate", folders=("HE-2",)),
    }


@asynccontextmanager
async def serving(folder: Path, *, only: bool, logins: dict[str, OpcuaUser]) -> AsyncIterator[Plc]:
    plant = new_plant()
    security = OpcuaSecurity(pki=folder / "pki", users=logins, only=only)
    server = OpcuaServer(plant.plc.tag_map, plant.plc.image, security=security)
    url = await server.start("127.0.0.1", 0)
    files = folder / "client"
    files.mkdir()
    try:
        yield Plc(plant, server, folder / "pki", url, files)
    finally:
        await server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plc(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plc]:
    async with serving(tmp_path_factory.mktemp("secure"), only=True, logins=users()) as served:
        yield served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mixed(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Plc]:
    """A server that offers encryption, but does not insist."""
    async with serving(tmp_path_factory.mktemp("mixed"), only=False, logins=users()) as served:
        yield served


async def written(client: Client, name: str, value: int = 0) -> str:
    namespace = await client.get_namespace_index("urn:test:ht")
    item = ua.WriteValue(ua.NodeId(name, namespace), ua.AttributeIds.Value)
    item.Value = ua.DataValue(ua.Variant(value, ua.VariantType.UInt16))
    answers = await client.uaclient.write(ua.WriteParameters([item]))
    return answers[0].name


async def access_levels(client: Client, name: str) -> list[int]:
    node = client.get_node(ua.NodeId(name, await client.get_namespace_index("urn:test:ht")))
    attributes = ua.AttributeIds.AccessLevel, ua.AttributeIds.UserAccessLevel, ua.AttributeIds.UserWriteMask
    return [(await node.read_attribute(attribute)).Value.Value for attribute in attributes]


async def test_a_stock_client_browses_and_subscribes_over_an_encrypted_channel(plc: Plc) -> None:
    async with plc.connected(plc.client_files("browser"), "mes") as client:
        namespace = await client.get_namespace_index("urn:test:ht")
        folder = await client.nodes.objects.get_child([f"{namespace}:HT", f"{namespace}:HE-1"])
        assert "T" in [(await child.read_browse_name()).Name for child in await folder.get_children()]
        parameters = ua.CreateSubscriptionParameters()
        parameters.RequestedPublishingInterval = 20
        parameters.RequestedLifetimeCount = 300
        parameters.RequestedMaxKeepAliveCount = 20
        parameters.PublishingEnabled = True
        subscription = await client.create_subscription(parameters, None)
        await subscription.subscribe_data_change([client.get_node(ua.NodeId("HE-1.T", namespace))])

        async def next_value() -> object:
            return (await anext(aiter(subscription))).value

        await asyncio.wait_for(next_value(), LIMIT_S)
        plc.plant.heater.temperature_degc = 77.0
        plc.plant.plc.scan(0.0)
        await plc.server.refresh()
        assert await asyncio.wait_for(next_value(), LIMIT_S) == 77.0
        await subscription.delete()


async def test_two_users_have_different_rights_at_the_same_time(plc: Plc) -> None:
    files = plc.client_files("two")
    async with plc.connected(files, "mes") as mes, plc.connected(files, "viewer") as viewer:
        assert await written(mes, "HE-1.PH.Cmd") == "Good"
        assert await written(viewer, "HE-1.PH.Cmd") == "BadUserAccessDenied"
        assert [await written(client, "HT.PlcHb") for client in (mes, viewer)] == ["BadNotWritable"] * 2
        assert await access_levels(mes, "HE-1.PH.Cmd") == [3, 3, 0]
        assert await access_levels(viewer, "HE-1.PH.Cmd") == [3, 1, 0]
        assert await access_levels(mes, "HE-1.T") == [1, 1, 0]


async def test_rights_can_be_for_one_unit_alone(plc: Plc) -> None:
    async with plc.connected(plc.client_files("second"), "second") as second:
        assert await written(second, "HE-2.PH.Cmd") == "Good"
        assert await written(second, "HE-1.PH.Cmd") == "BadUserAccessDenied"
        assert await written(second, "HT.MesHb") == "BadUserAccessDenied"


async def test_an_untrusted_certificate_is_refused_and_let_in_once_it_has_been_moved(plc: Plc) -> None:
    files = plc.client_files("strange", certificate("Line 4/../PC"), trusted=False)
    assert await plc.refusal(files) == "BadCertificateUntrusted"
    (kept,) = (plc.pki / "rejected").glob("Line-4-PC-*.der")
    assert kept.read_bytes() == files.der
    kept.rename(plc.pki / "trusted" / kept.name)
    async with plc.connected(files, "mes") as client:
        assert await written(client, "HT.MesTmo") == "Good"
    (plc.pki / "trusted" / kept.name).unlink()
    assert await plc.refusal(files) == "BadCertificateUntrusted"


async def test_an_expired_certificate_is_refused_although_it_is_trusted(plc: Plc) -> None:
    files = plc.client_files("old", certificate("old", until=NOON))
    assert await plc.refusal(files) == "BadCertificateTimeInvalid"


async def test_a_certificate_of_another_application_is_refused(plc: Plc) -> None:
    files = plc.client_files("other", certificate("other", uri="urn:test:other"))
    assert await plc.refusal(files) == "BadCertificateUriInvalid"


@pytest.mark.parametrize(("user", "password"), [("mes", "wrong horse"), ("nobody", PASSWORD), ("mes", "")])
async def test_a_wrong_password_and_an_unknown_user_get_the_same_refusal(plc: Plc, user: str, password: str) -> None:
    assert await plc.refusal(plc.client_files("guess"), user, password) == "BadUserAccessDenied"


async def test_an_anonymous_client_is_refused_where_users_must_log_in(plc: Plc) -> None:
    assert await plc.refusal(plc.client_files("anonymous"), user="") == "BadIdentityTokenRejected"


async def test_only_the_encrypted_endpoint_is_offered(plc: Plc) -> None:
    endpoints = await Client(plc.url).connect_and_get_server_endpoints()
    assert [endpoint.SecurityMode.name for endpoint in endpoints] == ["SignAndEncrypt"]
    assert {token.TokenType.name for token in endpoints[0].UserIdentityTokens} == {"UserName"}
    with pytest.raises(ua.UaError, match="No matching endpoints"):
        await Client(plc.url).connect()


async def activated(client: Client, named: bytes | None, peer: bytes) -> None:
    """Log in by hand: `named` is the certificate the client says it has, `peer` the server's."""
    await client.connect_socket()
    try:
        await client.send_hello()
        await client.open_secure_channel()
        parameters = ua.CreateSessionParameters()
        parameters.ClientCertificate = named
        parameters.ClientDescription.ApplicationUri = CLIENT_URI
        parameters.ClientDescription.ApplicationType = ua.ApplicationType.Client
        parameters.EndpointUrl = client.server_url.geturl()
        parameters.RequestedSessionTimeout = 30_000
        session = await client.uaclient.create_session(parameters)
        login = ua.ActivateSessionParameters()
        policy = client.security_policy
        login.ClientSignature.Algorithm = policy.AsymmetricSignatureURI
        login.ClientSignature.Signature = policy.asymmetric_cryptography.signature(peer + session.ServerNonce)
        login.UserIdentityToken = ua.UserNameIdentityToken()
        login.UserIdentityToken.PolicyId = "username"
        login.UserIdentityToken.UserName = "mes"
        login.UserIdentityToken.Password = PASSWORD.encode()
        await client.uaclient.activate_session(login)
    finally:
        client.disconnect_socket()


@pytest.mark.parametrize("lie", ["names none", "names a trusted one"])
async def test_a_client_that_names_another_certificate_than_its_own_is_refused(plc: Plc, lie: str) -> None:
    trusted = plc.client_files("honest")
    stranger = plc.client_files("stranger", trusted=False)
    peer = plc.own_certificate.read_bytes()
    await activated(await plc.client(trusted), trusted.der, peer)
    with pytest.raises(ua.UaStatusCodeError) as refused:
        await activated(await plc.client(stranger), None if lie == "names none" else trusted.der, peer)
    assert type(refused.value).__name__ == "BadCertificateUntrusted"


@pytest.mark.parametrize("only", [True, False])
async def test_a_good_password_is_worth_nothing_without_encryption(plc: Plc, mixed: Plc, only: bool) -> None:
    target = plc if only else mixed
    with pytest.raises(ua.UaStatusCodeError) as refused:
        await activated(Client(target.url), None, target.own_certificate.read_bytes())
    assert type(refused.value).__name__ == "BadUserAccessDenied"


async def test_an_anonymous_client_may_look_but_not_write_where_users_may_log_in(mixed: Plc) -> None:
    async with Client(mixed.url) as anonymous:
        assert await written(anonymous, "HT.MesHb") == "BadUserAccessDenied"
        assert await access_levels(anonymous, "HT.MesHb") == [3, 1, 0]
    endpoints = await Client(mixed.url).connect_and_get_server_endpoints()
    offered = {one.SecurityMode.name: {token.TokenType.name for token in one.UserIdentityTokens} for one in endpoints}
    assert offered == {"None_": {"Anonymous"}, "SignAndEncrypt": {"Anonymous", "UserName"}}


async def test_the_encrypted_endpoint_is_there_beside_the_open_one(mixed: Plc) -> None:
    async with mixed.connected(mixed.client_files("mes"), "mes") as client:
        assert await written(client, "HT.MesHb", 1) == "Good"
