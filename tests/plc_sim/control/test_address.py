"""Where the control API may listen."""

from __future__ import annotations

import pytest

from plc_sim.control.address import ControlAddress


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("8090", "127.0.0.1", 8090),
        ("0", "127.0.0.1", 0),
        ("127.0.0.1:8090", "127.0.0.1", 8090),
        ("127.0.0.7:1", "127.0.0.7", 1),
        ("localhost:8090", "127.0.0.1", 8090),
        ("[::1]:8090", "::1", 8090),
    ],
)
def test_a_loopback_address_is_taken(text: str, host: str, port: int) -> None:
    assert ControlAddress.parse(text) == ControlAddress(host=host, port=port)


@pytest.mark.parametrize("text", ["0.0.0.0:8090", "192.168.1.5:8090", "[::]:8090", "8.8.8.8:53"])
def test_an_address_that_other_machines_reach_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="other machines could reach it, and it asks for no password"):
        ControlAddress.parse(text)


@pytest.mark.parametrize("text", ["", "x", "127.0.0.1", "127.0.0.1:", ":8090", "plc.test:8090", "70000", "-1", "²"])
def test_what_is_no_address_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="is no address"):
        ControlAddress.parse(text)
