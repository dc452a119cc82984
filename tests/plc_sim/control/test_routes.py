"""The control API over a real socket: plant, faults, panel, material, and what it refuses."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from plc_sim.control.address import ControlAddress
from plc_sim.control.server import ControlServer
from plc_sim.faults.catalogue import CATALOGUE
from tests.plc_sim.control.api import Api, served


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with served() as api:
        yield api


async def test_health_time_and_plcs_tell_what_is(api: Api) -> None:
    api.cell.advance(90)
    assert await api.good("GET", "/health") == {"ok": True, "plcs": ["HT"], "process_time_s": 90.0, "speed": 60.0}
    assert await api.good("GET", "/time") == {"process_time_s": 90.0, "speed": 60.0}
    (plc,) = await api.good("GET", "/plcs")
    assert (plc["name"], plc["url"], plc["boot_id"], plc["runs"]) == ("HT", "modbus://127.0.0.1:1", 100, True)
    assert plc["slots"][0] == {
        "name": "HE-1.PH",
        "mode": "automatic",
        "state": "idle",
        "phase": None,
        "exec_id": 0,
        "interlocks": [],
    }
    assert plc["units"]["HE-1"] == ["cooling-failure", "heater-failure"]


async def test_a_fault_is_added_shown_and_cleared_while_it_runs(api: Api) -> None:
    fault = await api.good("POST", "/faults", {"name": "heater-failure", "target": "HE-1", "for": "5min", "zone": 1})
    assert fault == {
        "number": 1,
        "name": "heater-failure",
        "target": "HE-1",
        "parameters": {"zone": 1.0},
        "at_s": 0.0,
        "until_s": 300.0,
        "active": True,
    }
    assert api.heater.no_heat
    assert await api.good("GET", "/faults") == [fault]
    assert await api.good("DELETE", "/faults/1") == {**fault, "active": False}
    assert not api.heater.no_heat
    assert await api.good("GET", "/faults") == []


async def test_all_faults_are_cleared_at_once(api: Api) -> None:
    await api.good("POST", "/faults", {"name": "link-down", "target": "HT"})
    waiting = await api.good("POST", "/faults", {"name": "drift", "target": "HE-1.T", "at": "1h"})
    assert (waiting["active"], waiting["at_s"], waiting["until_s"]) == (False, 3600.0, None)
    assert api.plc.conditions.down
    assert len(await api.good("DELETE", "/faults")) == 2
    assert not api.plc.conditions.down
    assert api.cell.faults == ()


async def test_the_catalogue_tells_every_fault(api: Api) -> None:
    catalogue = await api.good("GET", "/faults/catalogue")
    assert [kind["name"] for kind in catalogue] == list(CATALOGUE)
    (drift,) = (kind for kind in catalogue if kind["name"] == "drift")
    assert (drift["target"], drift["parameters"][0]["name"], drift["parameters"][0]["default"]) == ("tag", "rate", 5.0)


async def test_a_plc_is_restarted(api: Api) -> None:
    assert (await api.good("POST", "/plcs/HT/restart"))["boot_id"] == 101
    assert api.plc.image.value("HT.BootId") == 101


async def test_the_panel_starts_and_holds_a_phase_in_local_mode(api: Api) -> None:
    mode = {"slot": "HE-1.PH", "mode": "local"}
    assert (await api.good("POST", "/panel/mode", mode))["mode"] == "local"
    start = {"slot": "HE-1.PH", "command": "start", "phase": "HEAT", "parameters": {"target": 300}}
    started = await api.good("POST", "/panel/command", start)
    assert (started["state"], started["phase"], started["exec_id"]) == ("starting", "HEAT", 0)
    for _ in range(10):
        api.cell.advance(1)
    held = await api.good("POST", "/panel/command", {"slot": "HE-1.PH", "command": "hold"})
    assert held["state"] == "holding"


async def test_an_interlock_is_reset_with_the_key(api: Api) -> None:
    api.heater.latched = True
    asked = {"unit": "HE-1", "interlock": "DOOR_OPEN"}
    assert await api.error("POST", "/panel/reset", asked) == (400, "DOOR_OPEN needs the key")
    assert (await api.good("POST", "/panel/reset", {**asked, "key": True}))["reset"] is True
    assert not api.heater.latched


MISTAKES: tuple[tuple[str, str, Any, int, str], ...] = (
    ("GET", "/fault", None, 404, "there is nothing at /fault; did you mean /faults?"),
    ("PATCH", "/faults", None, 405, "/faults takes GET, POST, DELETE, not PATCH"),
    ("POST", "/faults", {"name": "link-dwn"}, 400, "there is no fault 'link-dwn'; did you mean link-down?"),
    ("POST", "/faults", {"name": "link-down", "target": "HX"}, 400, "no PLC named 'HX' is served; there is HT"),
    ("POST", "/faults", {}, 400, "a fault needs its name"),
    ("POST", "/faults", [1], 400, "the request must be a JSON table, not list"),
    ("DELETE", "/faults/9", None, 404, "there is no fault 9; there are none"),
    ("DELETE", "/faults/x", None, 404, "'x' is no number of a fault"),
    ("DELETE", f"/faults/{'9' * 5000}", None, 404, "is no number of a fault"),
    ("POST", "/faults", {"name": "link-down", "target": "HT", "at": 1e300}, 400, "is more than 1e+09 s of process"),
    ("POST", "/panel/command", {"slot": "HE-1.PH", "parameters": {"a": 10**400}}, 400, "is too large a number"),
    ("POST", "/plcs/HX/restart", None, 404, "there is no PLC 'HX'; there is HT"),
    ("POST", "/panel/mode", {"slot": "HE-1.PX", "mode": "local"}, 404, "no slot 'HE-1.PX'; did you mean HE-1.PH?"),
    ("POST", "/panel/mode", {"slot": "HE-1.PH", "mode": "lokal"}, 404, "no mode 'lokal'; did you mean local?"),
    ("POST", "/panel/mode", {"slot": "HE-1.PH", "modus": "x"}, 400, "no key 'modus' here; did you mean mode?"),
    ("POST", "/panel/mode", {"slot": 3, "mode": "local"}, 400, "'slot' must be a text, such as a name; it is 3"),
    ("POST", "/panel/command", {"slot": "HE-1.PH", "command": "hold"}, 400, "is in automatic: switch it to local"),
    ("POST", "/panel/reset", {"unit": "HE-9", "interlock": "X"}, 404, "there is no unit 'HE-9'; did you mean HE-"),
    ("POST", "/panel/reset", {"unit": "HE-1", "interlock": "X"}, 400, "no interlock X to reset here"),
    (
        "POST",
        "/panel/reset",
        {"unit": "HE-1", "interlock": "X", "key": "yes"},
        400,
        "'key' must be true or false; it is 'yes'",
    ),
    ("GET", "/truth", None, 404, "this plant does not follow its material"),
    ("POST", "/bring", {"label": "C-1", "unit": "HE-1"}, 404, "this plant does not follow its material"),
)


async def test_every_mistake_is_told(api: Api) -> None:
    for method, path, body, status, told in MISTAKES:
        found, error = await api.error(method, path, body)
        assert found == status, (method, path, body)
        assert told in error


NO_JSON = (
    (b"{", "the request is no JSON"),
    (b'{"name": NaN}', "NaN is no number in JSON"),
    (b"[" * 100_000, "the request is no JSON"),
    (b" " * 1_000_001, "the request is longer than 1000000 bytes"),
    (b"\xff", "the request is no JSON"),
    (b'{"at": 1e400}', "1e400 is too large a number"),
)


async def test_a_body_that_is_no_json_is_told(api: Api) -> None:
    for raw, told in NO_JSON:
        status, answer = await api.ask("POST", "/faults", raw=raw)
        assert status == 400, raw[:20]
        assert told in answer["error"]


async def test_a_client_that_goes_away_in_the_middle_of_a_request_breaks_nothing(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", api.port)
    head = f"POST /faults HTTP/1.1\r\nhost: 127.0.0.1:{api.port}\r\ncontent-type: application/json\r\n"
    writer.write(f"{head}content-length: 99\r\n\r\n{{".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert (await api.good("GET", "/health"))["ok"]
    assert caplog.text == ""


FROM_ANOTHER_SITE: tuple[dict[str, str], ...] = (
    {"host": "plant.example:80"},
    {"host": "127.0.0.1"},
    {"host": "127.0.0.1.example.com:{port}"},
    {"origin": "http://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:1"},
    {"sec_fetch_site": "cross-site"},
    {"content_type": "text/plain"},
    {"content_type": "application/x-www-form-urlencoded"},
)


async def test_what_a_page_of_another_site_can_send_is_refused(api: Api) -> None:
    for headers in FROM_ANOTHER_SITE:
        sent = {name: value.replace("{port}", str(api.port)) for name, value in headers.items()}
        status, answer = await api.ask("POST", "/faults", {"name": "link-down", "target": "HT"}, **sent)
        assert status == 403, headers
        assert answer["error"]
    assert api.cell.faults == ()


async def test_a_page_of_its_own_is_not_refused(api: Api) -> None:
    for host in (f"127.0.0.1:{api.port}", f"localhost:{api.port}"):
        status, _ = await api.ask("GET", "/health", host=host, origin=f"http://{host}", sec_fetch_site="same-origin")
        assert status == 200


async def test_a_port_in_use_is_told(api: Api) -> None:
    server = ControlServer(api.cell, {}, None)
    with pytest.raises(OSError, match=f"control API: cannot listen on 127.0.0.1 port {api.port}: Address already"):
        await server.start(ControlAddress(host="127.0.0.1", port=api.port))
    await server.stop()


async def test_signals_stay_with_the_process() -> None:
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)
    async with served():
        assert (signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)) == before


async def test_a_silent_client_does_not_keep_the_server_from_ending() -> None:
    async with served() as api:
        silent = socket.create_connection(("127.0.0.1", api.port))
        await asyncio.sleep(0)
    silent.close()


class Stores:
    """Material of a plant for tests: notes what it is asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def lots(self) -> list[dict[str, object]]:
        return [{"lot": "L-1", "amount": float("inf")}]

    def receive(self, lot: Mapping[str, object]) -> dict[str, object]:
        if "lot" not in lot:
            raise ValueError("a lot needs its label")
        return dict(lot)

    def containers(self) -> list[dict[str, object]]:
        return [{"label": "C-1"}]

    def container(self, label: str) -> dict[str, object]:
        if label != "C-1":
            raise KeyError(f"there is no container {label!r}; did you mean C-1?")
        return {"label": label}

    def put_container(self, label: str, content: Mapping[str, object]) -> dict[str, object]:
        return {"label": label, **content}

    def send(self, label: str) -> dict[str, object]:
        self.asked.append(("send", label))
        return {**self.container(label), "where": "sent away"}

    def bring(self, label: str, unit: str) -> dict[str, object]:
        self.asked.append(("bring", label, unit))
        return {"label": label, "where": unit}

    def take(self, unit: str, label: str) -> dict[str, object]:
        self.asked.append(("take", unit, label))
        return {"label": label, "where": "store"}

    def truth(self) -> dict[str, object]:
        return {"lots": self.lots(), "unaccounted": {"L-1": 0.0}}


async def test_material_goes_through_the_door_of_the_plant() -> None:
    stores = Stores()
    async with served(stores) as api:
        assert await api.good("GET", "/truth") == {"lots": [{"lot": "L-1", "amount": None}], "unaccounted": {"L-1": 0}}
        assert await api.good("GET", "/lots") == [{"lot": "L-1", "amount": None}]
        assert await api.good("POST", "/lots", {"lot": "L-2", "material": "Li2S"}) == {"lot": "L-2", "material": "Li2S"}
        assert await api.error("POST", "/lots", {}) == (400, "a lot needs its label")
        assert await api.good("GET", "/containers") == [{"label": "C-1"}]
        assert await api.good("GET", "/containers/C-1") == {"label": "C-1"}
        assert await api.error("GET", "/containers/C-2") == (404, "there is no container 'C-2'; did you mean C-1?")
        assert await api.good("PUT", "/containers/C-3", {"mass_g": 5}) == {"label": "C-3", "mass_g": 5}
        assert await api.good("PUT", "/containers/C%2F4%20%C3%BC", {}) == {"label": "C/4 ü"}
        assert await api.good("DELETE", "/containers/C-1") == {"label": "C-1", "where": "sent away"}
        assert (await api.error("DELETE", "/containers/C-2"))[0] == 404
        stores.asked.clear()
        await api.good("POST", "/bring", {"label": "C-1", "unit": "HE-1"})
        await api.good("POST", "/take", {"unit": "HE-1", "label": "C-2"})
        assert stores.asked == [("bring", "C-1", "HE-1"), ("take", "HE-1", "C-2")]
