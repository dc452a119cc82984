"""A simulated PLC behind a secured OPC UA server, and an installation of the MES that may come in to it."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mes.config import Config, load
from mes.plc.drivers import port_opener
from mes.plc.opcua_certificates import make_own, read_certificate
from mes.plc.port import PlcPort
from mes.plc.supervise import SupervisedPlc
from mes.plc.tagfile import read_map
from plc_sim.opcua.security import OpcuaSecurity
from plc_sim.opcua.server import OpcuaServer
from plc_sim.opcua.users import OpcuaUser, password_hash
from tests.plc.bench import CutOff, in_background
from tests.plc_sim.heater import MAP_FILE, new_plant

PASSWORD = "correct horse"
SPEED = 200.0
SCAN_S = 0.02
SECURITY = 'user = "mes"\npassword_file = "password"\n'


def mes_map() -> str:
    """The map of the heaters with the titles that the MES wants, and without a url of Modbus."""
    text = MAP_FILE.read_text(encoding="utf-8")
    title = 'title = { en = "T", zh = "题" }'
    text = re.sub(r"^(\[\[tag\]\]|class = .*)$", rf"\1\n{title}", text, flags=re.MULTILINE)
    return text.replace("modbus://127.0.0.1:0", "opc.tcp://127.0.0.1:4840")


class SecuredPlc:
    """A server and its folder of certificates; `trusts` makes installations that it lets in, or not."""

    def __init__(self, url: str, pki: Path, cut_off: CutOff) -> None:
        self.url = url
        self.pki = pki
        self.cut_off = cut_off
        # Made once for all installations: making keys takes long.
        self._own = pki.parent / "mes.der", pki.parent / "mes.key.pem"
        assert make_own(*self._own)

    @property
    def certificate(self) -> Path:
        return self.pki / "own" / "HT.der"

    def installation(self, folder: Path, *, security: str = SECURITY, trusted: bool = True) -> Installation:
        folder.mkdir(exist_ok=True)
        (folder / "ht.toml").write_text(mes_map(), encoding="utf-8")
        table = f"[[plc]]\nmap = 'ht.toml'\nurl = '{self.url}'\nheartbeat_timeout_s = 0\n[plc.security]\n{security}"
        (folder / "mes.toml").write_text(table, encoding="utf-8")
        (folder / "password").write_text(f"{PASSWORD}\n", encoding="utf-8")
        (folder / "password").chmod(0o600)
        own, servers = folder / "pki" / "own", folder / "pki" / "servers"
        own.mkdir(parents=True)
        servers.mkdir()
        for file in self._own:
            shutil.copy(file, own / file.name)
        shutil.copy(self.certificate, servers / "HT.der")
        installation = Installation(folder)
        self.trust(installation.certificate, trusted)
        return installation

    def trust(self, certificate: Path, trusted: bool = True) -> None:
        """Put a certificate of the MES among the trusted ones, or let no certificate be there."""
        for file in (self.pki / "trusted").iterdir():
            file.unlink()
        if trusted:
            shutil.copy(certificate, self.pki / "trusted" / "mes.der")


class Installation:
    """The data folder of an MES."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def certificate(self) -> Path:
        return self.folder / "pki" / "own" / "mes.der"

    @property
    def pinned(self) -> Path:
        return self.folder / "pki" / "servers" / "HT.der"

    @property
    def config(self) -> Config:
        return load(data=self.folder)

    @property
    def thumbprint(self) -> str:
        return read_certificate(self.certificate, "").thumbprint

    def port(self) -> PlcPort:
        config = self.config
        (plc,) = config.plc
        return port_opener(config, plc)(read_map(config.map_path(plc)), plc.url)

    def link(self) -> SupervisedPlc:
        config = self.config
        (plc,) = config.plc
        opener = port_opener(config, plc)
        return SupervisedPlc(read_map(config.map_path(plc)), url=plc.url, open_port=opener, mes_timeout_s=0)


@asynccontextmanager
async def secured_plc(folder: Path) -> AsyncIterator[SecuredPlc]:
    """Serve the heaters, secured, with the users `mes` (operate) and `viewer` (read), both with one password."""
    plant = new_plant(speed=SPEED)
    hashed = password_hash(PASSWORD)
    users = {
        name: OpcuaUser(name=name, password_hash=hashed, rights=rights)
        for name, rights in (("mes", "operate"), ("viewer", "read"))
    }
    security = OpcuaSecurity(pki=folder / "pki", users=users, only=True)
    server = OpcuaServer(plant.plc.tag_map, plant.plc.image, security=security)
    cut_off = CutOff()

    async def scan() -> None:
        while True:
            await asyncio.sleep(SCAN_S)
            plant.plc.scan(SCAN_S)
            await server.refresh()

    url = await cut_off.start(await server.start("127.0.0.1", 0))
    try:
        async with in_background(scan()):
            yield SecuredPlc(url, folder / "pki", cut_off)
    finally:
        await cut_off.stop()
        await server.stop()
