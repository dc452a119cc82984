"""Header block of a PLC: identity, heartbeats both ways, and the watch over the MES."""

from __future__ import annotations

from plc_sim.image import TagImage
from plc_sim.tagmap import TagMap

ALIVE_S = 5.0
"""While no time-out is set (MesTmo = 0), CommOk shows a heartbeat seen within this many wall seconds."""


class Header:
    """Header block of one running PLC; its times are wall seconds whatever the speed of the process.

    `frozen` stops PlcHb alone; `program_id` is what ProgramId shows, at first that of the tag map.
    """

    def __init__(self, tag_map: TagMap, image: TagImage, boot_id: int) -> None:
        self._name = tag_map.name
        self._image = image
        self._interface = tag_map.interface
        self.program_id = tag_map.program_id
        self.frozen = False
        self._boot(boot_id)

    def restart(self, boot_id: int) -> None:
        """Begin anew with another BootId; what the MES wrote into the header is gone, as at every power-up."""
        for tag in ("MesHb", "MesTmo"):
            self._image.write(f"{self._name}.{tag}", 0)
        self._boot(boot_id)

    def _boot(self, boot_id: int) -> None:
        self._boot_id = boot_id
        self._plc_hb = 0
        self._mes_hb = 0
        self._timeout_s = 0
        self._silent_s = 0.0
        self._heard = False

    def listen(self, wall_dt_s: float) -> None:
        """Take the latched heartbeat and time-out of the MES."""
        mes_hb = int(self._image.latched(f"{self._name}.MesHb"))
        timeout_s = int(self._image.latched(f"{self._name}.MesTmo"))
        self._silent_s += wall_dt_s
        if mes_hb != self._mes_hb:
            self._heard = True
            self._silent_s = 0.0
        if timeout_s and not self._timeout_s:
            self._silent_s = 0.0
        self._mes_hb, self._timeout_s = mes_hb, timeout_s

    @property
    def comm_lost(self) -> bool:
        """True when a time-out is set and the MES has been silent for it."""
        return self._timeout_s > 0 and self._silent_s >= self._timeout_s

    def words(self) -> dict[str, float]:
        """Give the header to publish; every call moves PlcHb by one unless it is frozen."""
        if not self.frozen:
            self._plc_hb = (self._plc_hb + 1) & 0xFFFF
        alive = self._heard and self._silent_s < (self._timeout_s or ALIVE_S)
        words = {
            "IfVersion": self._interface,
            "ProgramId": self.program_id,
            "BootId": self._boot_id,
            "PlcHb": self._plc_hb,
            "MesHbEcho": self._mes_hb,
            "CommOk": int(alive),
        }
        return {f"{self._name}.{tag}": value for tag, value in words.items()}
