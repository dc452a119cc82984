"""Where the control API listens: on this machine only, for it asks nobody who they are."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

EXAMPLE = "8090, 127.0.0.1:8090 or 127.0.0.1:0 (a free port)"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlAddress:
    """A loopback address and a port; 0 takes a free one."""

    host: str
    port: int

    @staticmethod
    def parse(text: str) -> ControlAddress:
        """Read `PORT` or `HOST:PORT`; raises ValueError for what is none, and for what other machines can reach."""
        host, colon, port = text.rpartition(":")
        host = host.removeprefix("[").removesuffix("]") if colon else "127.0.0.1"
        if not port.isascii() or not port.isdigit() or int(port) > 0xFFFF:
            raise ValueError(f"--control {text!r} is no address; write {EXAMPLE}")
        if host == "localhost":
            host = "127.0.0.1"
        try:
            is_loopback = ipaddress.ip_address(host).is_loopback
        except ValueError:
            raise ValueError(f"--control {text!r}: {host!r} is no address of this machine; write {EXAMPLE}") from None
        if not is_loopback:
            raise ValueError(
                f"--control {text!r}: other machines could reach it, and it asks for no password; write {EXAMPLE}"
            )
        return ControlAddress(host=host, port=int(port))

    @property
    def shown_host(self) -> str:
        """The host as a URL has it."""
        return f"[{self.host}]" if ":" in self.host else self.host
