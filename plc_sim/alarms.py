"""Process alarms of a PLC: limits of unit tags with hysteresis and delay, shown as bits of alarm words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from plc_sim.tagmap import AlarmLimit, TagMap


@dataclass(slots=True)
class _Watch:
    """One limit being watched: whether it stands, and for how long its tag has been beyond it."""

    alarm: AlarmLimit
    active: bool = False
    beyond_s: float = 0.0

    def see(self, value: float, dt_s: float) -> bool:
        alarm = self.alarm
        upper = alarm.limit in ("H", "HH")
        if math.isnan(value):  # neither for nor against the alarm: the quality of the value says that it is bad
            return self.active
        if value > alarm.value if upper else value < alarm.value:
            self.beyond_s += dt_s
            if self.beyond_s >= alarm.delay_s:
                self.active = True
        else:
            self.beyond_s = 0.0
            back = alarm.value - alarm.hysteresis if upper else alarm.value + alarm.hysteresis
            if value <= back if upper else value >= back:
                self.active = False
        return self.active


class AlarmWords:
    """The alarm words of one PLC, evaluated once a scan on the values it shows."""

    def __init__(self, tag_map: TagMap) -> None:
        self._words = {tag.name: [_Watch(alarm) for alarm in tag.alarms] for tag in tag_map.tags if tag.alarms}

    def words(self, values: Mapping[str, float], dt_s: float) -> dict[str, float]:
        """Give every alarm word; `values` by tag name, `dt_s` the process time since the scan before."""
        words: dict[str, float] = {}
        for name, watches in self._words.items():
            word = 0
            for watch in watches:
                if watch.see(values[watch.alarm.tag], dt_s):
                    word |= 1 << watch.alarm.bit
            words[name] = word
        return words
