"""The configuration of an engine over a simulated plant."""

from __future__ import annotations

from pathlib import Path

import pytest

from mes.simulated.installation import free_url, write_configuration
from mes.simulated.plcs import RunningPlc


@pytest.mark.parametrize(
    ("url", "free"),
    [
        ("modbus://10.0.0.7:502", "modbus://127.0.0.1:0"),
        ("opc.tcp://plc-7.plant:4840/mes/server", "opc.tcp://127.0.0.1:0/mes/server"),
    ],
)
def test_a_simulated_plc_listens_on_loopback_at_a_free_port(url: str, free: str) -> None:
    assert free_url(url) == free


def test_the_written_configuration_is_that_of_these_plcs(tmp_path: Path) -> None:
    plc = RunningPlc(name="SY", tag_map=tmp_path / "maps" / "sy.toml", url="modbus://127.0.0.1:7001", pid=1)
    config = write_configuration(tmp_path, [plc], mark="# mine", speed=50.0, heartbeat_timeout_s=60)
    assert (config.cell.speed, config.page.port) == (50.0, 8080)
    assert [(config.map_path(one), one.url, one.heartbeat_timeout_s) for one in config.plc] == [
        (plc.tag_map, plc.url, 60)
    ]
    assert (tmp_path / "mes.toml").read_text(encoding="utf-8").startswith("# mine\n")
    assert write_configuration(tmp_path, [plc], mark="# mine", speed=1.0, page_port=0).page.port == 0
