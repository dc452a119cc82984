"""Slurry filter between mixer and coating line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.holdings import Holdings
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, Setpoints, Unit

FLOW_G_MIN = 40.0
CLEAN_BAR = 0.5
"""Pressure drop of a clean 25 um filter at `FLOW_G_MIN`, bar."""
FOULING_G = 3000.0
"""Slurry that doubles the resistance of a 25 um filter, g."""
LOSS = 0.015
"""Part left on mixer walls and in the filter."""
PRIME_S, WEIGH_S = 300.0, 300.0
LEAST_G_MIN = 1.0
FILTER_CLOGGED = 20


class FilterHousing:
    """Mesh (um) and pressure drop (bar) of the filter."""

    def __init__(self, jitter: Jitter) -> None:
        self._jitter = jitter
        self.mesh_um = 25.0
        self.drop_bar = 0.0

    def tick(self) -> None:
        """The filter's pressure follows its flow without lag."""

    def tags(self) -> Mapping[str, float]:
        """Give mesh and pressure drop."""
        return {"MESH": self.mesh_um, "DP": self._jitter.around(self.drop_bar, 0.005) if self.drop_bar else 0.0}

    def interlocks(self) -> frozenset[str]:
        """Pressure drop above 4 bar."""
        return frozenset({"FL_FILTER_PRESSURE"}) if self.drop_bar > 4.0 else frozenset()


class Filtering:
    """One run of FILTER: everything in the mixer, at full flow or at what `dp_max` lets through."""

    def __init__(self, housing: FilterHousing, holdings: Holdings, sp: Setpoints, readings: Readings) -> None:
        self._housing = housing
        self._holdings = holdings
        self._sp = sp
        self._readings = readings
        self._step = 10
        self._step_s = 0.0
        self._passed_g = 0.0
        self._peak_bar = 0.0
        self._reports: dict[str, float] | None = None

    def run(self) -> PhaseProgress:
        """Prime, filter or weigh for one tick."""
        if self._reports is not None:
            return PhaseProgress(step=30, done=True)
        if not self._holdings.mixer.mass_g:
            return PhaseProgress(fail_code=NOTHING_TO_PROCESS)
        self._housing.mesh_um = self._sp["mesh"]
        self._step_s += TICK_S
        fail_code = 0
        if self._step == 10 and self._step_s >= PRIME_S:
            self._step, self._step_s = 20, 0.0
        elif self._step == 20:
            fail_code = self._pass_slurry()
        elif self._step == 30 and self._step_s >= WEIGH_S:
            self._finish()
        return PhaseProgress(step=self._step, done=self._reports is not None, fail_code=fail_code)

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """Stop the flow at once."""
        self._housing.drop_bar = 0.0
        return True

    def resume(self) -> None:
        """Go on; flow starts with the next tick."""

    def end(self) -> None:
        """Stop the flow; slurry that was not filtered to the end is given up."""
        self._housing.drop_bar = 0.0
        if self._step_s and self._reports is None:
            self._holdings.empty_mixer()

    def reports(self) -> Mapping[str, float]:
        """Give the slurry delivered and lost (g) and the highest pressure drop (bar)."""
        return self._reports or {"filtered_mass": 0.0, "loss": 0.0, "peak_dp": self._peak_bar}

    def _pass_slurry(self) -> int:
        fouling = 1.0 + self._passed_g / FOULING_G
        full_bar = CLEAN_BAR * (25.0 / self._sp["mesh"]) ** 2 * fouling
        drop = min(full_bar, self._sp["dp_max"])
        flow_g_min = FLOW_G_MIN * drop / full_bar
        self._housing.drop_bar = drop
        self._peak_bar = max(self._peak_bar, drop)
        if flow_g_min < LEAST_G_MIN:
            return FILTER_CLOGGED
        self._passed_g += flow_g_min * TICK_S / 60.0
        if self._passed_g >= self._holdings.mixer.mass_g:
            self._housing.drop_bar = 0.0
            self._step, self._step_s = 30, 0.0
        return 0

    def _finish(self) -> None:
        slurry = self._holdings.mixer.slurry()
        through_g = slurry.mass_g * (1.0 - self._readings.varied("loss", LOSS, 0.003))
        self._holdings.filtered.put(replace(slurry, mass_g=through_g))
        self._holdings.mixer.empty()
        self._reports = {
            "filtered_mass": self._readings.weighed("filtered_mass", through_g),
            "loss": self._readings.weighed("loss", slurry.mass_g - through_g),
            "peak_dp": self._readings.measured("peak_dp", self._peak_bar, 0.01),
        }


def slurry_filter(name: str, seed: int, holdings: Holdings) -> Unit:
    """Build a filter that empties the mixer."""
    housing = FilterHousing(Jitter(seed, name))
    kind = PhaseKind(begin=lambda sp, readings: Filtering(housing, holdings, sp, readings))
    return Unit(name, seed, housing, {"FILTER": kind})
