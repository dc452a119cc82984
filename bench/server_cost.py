"""What one request costs the protocol servers of the simulated PLC, against a bare echo of the same number of bytes."""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.node import Node
from rig.servers import HOST, SECONDS, SIZES
from rig.telling import Line, end_in_order, machine, parser_of, spread, tell

import plc_sim
from plc_sim.mapfile import read_map
from plc_sim.tagmap import TagMap

SERVERS = Path(__file__).parent / "rig" / "servers.py"
MAP_FILE = Path(plc_sim.__file__).parent / "maps" / "sy.toml"
REGISTERS, TOGETHER, NODES = (1, 20, 120), (1, 10), 20
WARM_UP = 2
LIMIT_S = 20.0
SESSION_MS = 60_000
GOAL = "none: the cost is told, not judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The measured process: its open connection to the meter, its ports and its OPC UA address."""

    meter: socket.socket
    ports: dict[str, int]
    opcua: str

    def processor_s(self) -> float:
        """Give the processor seconds the process has used."""
        self.meter.sendall(b"?")
        return float(SECONDS.unpack(received(self.meter, SECONDS.size))[0])


@dataclass(slots=True)
class Cost:
    """Microseconds per request of each turn: processor time in the server, and wall time seen by the client."""

    server_us: list[float] = field(default_factory=list)
    client_us: list[float] = field(default_factory=list)


def main() -> int:
    """Measure and print; 0 when every answer had the size that was expected."""
    parser = parser_of(__doc__ or "")
    parser.add_argument("--rounds", type=int, default=30, metavar="N", help="turns of each way (default 30)")
    parser.add_argument("--requests", type=int, default=500, metavar="N", help="requests in each turn (default 500)")
    parser.add_argument(
        "--protocol", choices=("modbus", "opcua"), action="append", help="only this one (default: both)"
    )
    arguments = parser.parse_args()
    end_in_order()
    tag_map = read_map(MAP_FILE)
    lines: list[Line] = []
    for protocol in arguments.protocol or ("modbus", "opcua"):
        with served(opcua=protocol == "opcua") as process:
            if protocol == "modbus":
                lines += [
                    modbus_line(process, tag_map, count, together, arguments)
                    for count in REGISTERS
                    for together in TOGETHER
                ]
            else:
                lines.append(asyncio.run(opcua_line(process, tag_map, arguments)))
    tell(
        "Cost of one request in the protocol servers of the simulated PLC (us of processor time, user and system)",
        lines,
        reference="an asyncio.Protocol in the same process and event loop that gives as many bytes as the answer has "
        "for every so many bytes as the request has; same run, taking turns",
        on=machine("asyncua"),
        settings={"rounds": arguments.rounds, "requests": arguments.requests, "map": tag_map.name},
        as_json=arguments.json,
    )
    return 0


@contextmanager
def served(*, opcua: bool) -> Iterator[Served]:
    """Run the measured process until the block ends."""
    command = [sys.executable, str(SERVERS), "--map", str(MAP_FILE), *(["--opcua"] if opcua else [])]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout is None or not (line := process.stdout.readline()):
                raise SystemExit("the servers to be measured did not start")
            said = json.loads(line)
            with connection(said["ports"]["meter"]) as meter:
                yield Served(meter=meter, ports=said["ports"], opcua=said["opcua"])
        finally:
            process.terminate()


def connection(port: int) -> socket.socket:
    """Connect, with a limit on every wait and no waiting for more to send."""
    connected = socket.create_connection((HOST, port), timeout=LIMIT_S)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def received(connected: socket.socket, size: int) -> bytes:
    """Give exactly so many bytes."""
    came = bytearray()
    while len(came) < size:
        piece = connected.recv(size - len(came))
        if not piece:
            raise SystemExit(f"the server closed the connection after {len(came)} of {size} bytes")
        came += piece
    return bytes(came)


def modbus_line(process: Served, tag_map: TagMap, count: int, together: int, arguments: argparse.Namespace) -> Line:
    """Measure reads of so many registers, so many requests in flight."""
    request = struct.pack(">HHHBBHH", 1, 0, 6, tag_map.device_id, 3, tag_map.slots[0].status.w32, count)
    size = 9 + 2 * count
    with connection(process.ports["modbus"]) as modbus, connection(process.ports["echo"]) as echo:
        modbus.sendall(request)
        if (answer := received(modbus, 9))[7] != 3 or len(received(modbus, size - 9)) != size - 9:
            raise SystemExit(f"the server does not read {count} registers: {answer.hex(' ')}")
        echo.sendall(SIZES.pack(len(request), size))
        ways = {"server": (modbus, Cost()), "echo": (echo, Cost())}
        for turn in range(arguments.rounds + WARM_UP):
            for connected, cost in ways.values():
                began = process.processor_s(), time.perf_counter()
                for _ in range(max(arguments.requests // together, 1)):
                    connected.sendall(request * together)
                    received(connected, size * together)
                if turn >= WARM_UP:
                    asked = max(arguments.requests // together, 1) * together
                    note(cost, began, process, asked)
    at_once = "one at a time" if together == 1 else f"{together} in one segment"
    return line(f"modbus: FC3 of {count} registers, {at_once}", ways["server"][1], ways["echo"][1])


async def opcua_line(process: Served, tag_map: TagMap, arguments: argparse.Namespace) -> Line:
    """Measure reads of so many nodes; the client of the library asks, so only the server's own time is compared."""
    async with library_client(process.opcua) as client:
        nodes = await nodes_of(client, tag_map)

        async def ask() -> None:
            answers = await client.read_attributes(nodes)
            if len([one for one in answers if one.StatusCode is None or one.StatusCode.is_good()]) != NODES:
                raise SystemExit(f"the server does not read {NODES} nodes: {answers}")

        sizes = await sizes_on_the_wire(process.opcua, tag_map)
        request, served_cost, echo_cost = bytes(sizes[0]), Cost(), Cost()
        with connection(process.ports["echo"]) as echo:
            echo.sendall(SIZES.pack(*sizes))
            for turn in range(arguments.rounds + WARM_UP):
                began = process.processor_s(), time.perf_counter()
                for _ in range(arguments.requests):
                    await ask()
                if turn >= WARM_UP:
                    note(served_cost, began, process, arguments.requests)
                began = process.processor_s(), time.perf_counter()
                for _ in range(arguments.requests):
                    echo.sendall(request)
                    received(echo, sizes[1])
                if turn >= WARM_UP:
                    note(echo_cost, began, process, arguments.requests)
    what = f"opcua: read of {NODES} nodes ({sizes[0]} bytes asked, {sizes[1]} answered)"
    return line(what, served_cost, echo_cost, client="asyncua, its own cost included")


def library_client(url: str) -> Client:
    """Give the client of the library, with a session that ends soon after it."""
    client = Client(url)
    client.session_timeout = SESSION_MS
    return client


async def nodes_of(client: Client, tag_map: TagMap) -> list[Node]:
    """Give the nodes that are read: the first of the map, header and status words among them."""
    index = await client.get_namespace_index(tag_map.namespace)
    tags = tag_map.wire_tags()[:NODES]
    return [client.get_node(ua.NodeId(ua.String(tag.node), ua.Int16(index))) for tag in tags]


async def sizes_on_the_wire(url: str, tag_map: TagMap) -> tuple[int, int]:
    """Give the bytes of one read and of its answer, counted between client and server."""
    counted = [0, 0]

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = int(url.split(":")[2].split("/")[0])
        there, back = await asyncio.open_connection(HOST, port)

        async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter, place: int) -> None:
            while data := await source.read(65536):
                counted[place] += len(data)
                sink.write(data)
            sink.close()

        await asyncio.gather(pump(reader, back, 0), pump(there, writer, 1))

    async with await asyncio.start_server(relay, HOST, 0) as between:
        port = between.sockets[0].getsockname()[1]
        async with library_client(f"opc.tcp://{HOST}:{port}/{url.split('/')[3]}") as client:
            nodes = await nodes_of(client, tag_map)
            await client.read_attributes(nodes)
            before = list(counted)
            await client.read_attributes(nodes)
            return counted[0] - before[0], counted[1] - before[1]


def note(cost: Cost, began: tuple[float, float], process: Served, requests: int) -> None:
    """Add what one turn has cost."""
    wall_s = time.perf_counter() - began[1]
    cost.server_us.append(1e6 * (process.processor_s() - began[0]) / requests)
    cost.client_us.append(1e6 * wall_s / requests)


def line(what: str, cost: Cost, echo: Cost, *, client: str = "the same client") -> Line:
    measured, reference = spread(cost.server_us), spread(echo.server_us)
    wall, echo_wall = spread(cost.client_us), spread(echo.client_us)
    return Line(
        what=what,
        measured=measured,
        reference=reference,
        also={f"wall time per request, {client}": wall, "wall time per request, echo": echo_wall},
        ratio={
            "mean": round(measured["mean"] / reference["mean"], 3),
            "p50": round(measured["p50"] / reference["p50"], 3),
        },
        goal=GOAL,
    )


if __name__ == "__main__":
    sys.exit(main())
