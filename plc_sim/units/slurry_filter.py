"""Slurry filter between mixer and coating line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plc_sim.material.holdings import Holdings
from plc_sim.material.mixture import stirred
from plc_sim.material.parcel import Parcel
from plc_sim.plant import TICK_S, PhaseProgress
from plc_sim.units.inlet import CLEANED_OUT
from plc_sim.units.instruments import Jitter, Readings
from plc_sim.units.latch import Latch, release
from plc_sim.units.mixer_charge import Charge, Stage
from plc_sim.units.site import NONE, Site
from plc_sim.units.unit import NOTHING_TO_PROCESS, PhaseKind, Setpoints, Unit

FLOW_G_MIN = 40.0
CLEAN_BAR = 0.5
"""Pressure drop of a clean 25 um filter at `FLOW_G_MIN`, bar."""
FOULING_G = 3000.0
"""Slurry that doubles the resistance of a 25 um filter, g."""
FOULING_LUMPS_G = 5.0
"""Caught agglomerates per gram that double the fouling."""
FLOW_TAU_S = 10.0
"""Lag of the flow controller, s."""
LOSS = 0.015
"""Part left on mixer walls and in the filter."""
PRIME_S, WEIGH_S = 300.0, 300.0
GOING = {step: PhaseProgress(step=step) for step in (10, 20, 30)}
LEAST_G_MIN = 1.0
FILTER_CLOGGED = 20
HIGHEST_BAR = 4.0
RELIEF_BAR = 6.0
"""Where the relief valve of the pump opens, bar."""
FAULTS = frozenset({"filter-clogged", "uncleaned"})
PRESSURE_TRIP = frozenset({"FL_FILTER_PRESSURE"})


class FilterHousing:
    """Mesh (um), pressure drop (bar) and flow (g/min) of the filter; above 4 bar its pump stops."""

    def __init__(self, jitter: Jitter) -> None:
        self.jitter = jitter
        self.mesh_um = 25.0
        self.drop_bar = 0.0
        self.flow_g_min = 0.0
        self.faults: dict[str, float] = {}
        self._pressure = Latch("FL_FILTER_PRESSURE", clear_s=10.0)

    def tick(self) -> None:
        """Watch the pressure; it follows the flow without lag."""
        if self.drop_bar or self._pressure.tripped:
            trips = self._pressure.watch(self.drop_bar > HIGHEST_BAR, self.drop_bar < HIGHEST_BAR - 0.5)
            if trips:
                self.close()

    def tags(self) -> Mapping[str, float]:
        """Give mesh and pressure drop."""
        drop_bar = self.jitter.within(self.drop_bar, 0.005, 0.0, RELIEF_BAR) if self.drop_bar else 0.0
        return {"MESH": self.mesh_um, "DP": drop_bar}

    def interlocks(self) -> frozenset[str]:
        """Pressure drop above 4 bar."""
        return PRESSURE_TRIP if self._pressure.tripped else NONE

    def disturbances(self) -> frozenset[str]:
        """A filter that clogs, a housing that was not cleaned."""
        return FAULTS

    def disturb(self, fault: str, amount: float) -> None:
        """Begin a fault or change its amount."""
        self.faults[fault] = amount

    def recover(self, fault: str) -> None:
        """End a fault."""
        self.faults.pop(fault, None)

    def reset(self, interlock: str, *, key: bool) -> None:
        """The interlock lets go by itself; raises ValueError while it cannot."""
        release((self._pressure,), interlock, key=key)

    def pass_through(self, full_bar: float, dp_max_bar: float) -> float:
        """Regulate the flow for a tick so that the drop stays below a maximum; gives what is allowed now (g/min).

        `full_bar` is the drop at full flow. The controller lags, so a filter that clogs at once shows its whole drop.
        """
        full_bar *= self.faults.get("filter-clogged", 1.0)
        allowed = FLOW_G_MIN * min(1.0, dp_max_bar / full_bar)
        self.flow_g_min += (allowed - self.flow_g_min) * (TICK_S / FLOW_TAU_S)
        self.drop_bar = min(RELIEF_BAR, full_bar * self.flow_g_min / FLOW_G_MIN)
        return allowed

    def close(self) -> None:
        """Stop the flow."""
        self.drop_bar = self.flow_g_min = 0.0


class Filtering:
    """One run of FILTER: everything in the mixer, at full flow or at what `dp_max` lets through."""

    def __init__(
        self, housing: FilterHousing, charge: Charge, holdings: Holdings, sp: Setpoints, readings: Readings
    ) -> None:
        self._housing = housing
        self._charge = charge
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
        if not self._charge.is_ready():
            # Also when somebody stopped a phase of the mixer while it was being emptied.
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
        if fail_code or self._reports is not None:
            return PhaseProgress(step=self._step, done=self._reports is not None, fail_code=fail_code)
        return GOING[self._step]

    def update(self, sp: Setpoints) -> None:
        """Take new parameters."""
        self._sp = sp

    def rest(self) -> bool:
        """Stop the flow at once."""
        self._housing.close()
        return True

    def resume(self) -> None:
        """Go on; flow starts with the next tick."""

    def end(self) -> None:
        """Stop the flow; slurry that was not filtered to the end is given up."""
        self._housing.close()
        if (self._step_s or self._step > 10) and self._reports is None:
            self._charge.give_up()

    def reports(self) -> Mapping[str, float]:
        """Give the slurry delivered and lost (g) and the highest pressure drop (bar)."""
        return self._reports or {"filtered_mass": 0.0, "loss": 0.0, "peak_dp": self._peak_bar}

    def _caught_share(self) -> float:
        # A mesh holds back what is wider than it; of narrower lumps it holds nothing.
        fineness_um = self._charge.stage.fineness_um
        return 0.0 if fineness_um <= self._sp["mesh"] else 1.0 - (self._sp["mesh"] / fineness_um) ** 4

    def _pass_slurry(self) -> int:
        caught = self._charge.lumps_per_g() * self._caught_share()
        fouling = 1.0 + self._passed_g / FOULING_G * (1.0 + caught / FOULING_LUMPS_G)
        full_bar = CLEAN_BAR * (25.0 / self._sp["mesh"]) ** 2 * fouling
        allowed_g_min = self._housing.pass_through(full_bar, self._sp["dp_max"])
        self._peak_bar = max(self._peak_bar, self._housing.drop_bar)
        if allowed_g_min < LEAST_G_MIN:
            return FILTER_CLOGGED
        self._passed_g += self._housing.flow_g_min * TICK_S / 60.0
        if self._passed_g >= self._charge.mass_g:
            self._housing.close()
            self._step, self._step_s = 30, 0.0
        return 0

    def _finish(self) -> None:
        passes = 1.0 - self._caught_share()
        whole_g = self._charge.mass_g
        slurry = self._blended(self._charge.take())
        kept, through = self._losses(slurry)
        self._holdings.lose(kept, "left in mixer and filter")
        clean = replace(through.condition, agglomerates_per_g=through.condition.agglomerates_per_g * passes)
        self._holdings.filtered.put(replace(through, condition=clean))
        self._reports = {
            "filtered_mass": self._readings.weighed("filtered_mass", through.mass_g),
            "loss": self._readings.weighed("loss", whole_g - through.mass_g),
            "peak_dp": self._readings.measured("peak_dp", self._peak_bar, 0.01),
        }

    def _blended(self, slurry: Parcel) -> Parcel:
        """Blend the slurry with what an uncleaned housing still holds, and leave the same part behind in it."""
        stays = self._housing.faults.get("uncleaned", 0.0) / 100.0
        left = self._holdings.housing.take_all()
        if not stays:
            self._holdings.give_up(left, CLEANED_OUT)
            return slurry
        slurry = stirred((*left, slurry), self._holdings.ledger)
        heel, slurry = slurry.split(stays)
        self._holdings.housing.put(heel)
        return slurry

    def _losses(self, slurry: Parcel) -> tuple[Parcel, Parcel]:
        return slurry.split(self._readings.varied("loss", LOSS, 0.003))


def slurry_filter(name: str, seed: int, holdings: Holdings, stage: Stage, site: Site) -> Unit:
    """Build a filter that empties the mixer whose stage it shares."""
    housing, charge = FilterHousing(Jitter(seed, name)), Charge(holdings, name, stage)
    kind = PhaseKind(begin=lambda sp, readings: Filtering(housing, charge, holdings, sp, readings))
    return Unit(name, seed, housing, {"FILTER": kind}, site)
