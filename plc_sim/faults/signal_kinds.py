"""Faults of signals by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from plc_sim.codec import WireType
from plc_sim.faults.kinds import Act, End, FaultKind, FaultParameter, Seat, Target
from plc_sim.faults.signals import Chattering, Distortion, Drifting, Forced, Frozen, Noisy, Offset, Spiking

LARGEST = 1e9
REAL_LARGEST = 3e38
OF_THE_TAG = "unit of the tag"


def _distorts(make: Callable[[str, Mapping[str, float]], Distortion]) -> Act:
    def act(seat: Seat, values: Mapping[str, float]) -> End:
        return seat.plc.signals.add(seat.name, make(seat.name, values))

    return act


def _only_real(seat: Seat) -> None:
    (tag,) = (tag for tag in seat.plc.tag_map.tags if tag.name == seat.name)
    if tag.wire_type is not WireType.REAL:
        raise ValueError(f"tag {tag.name} is a whole number on the wire; of such tags only a frozen one can be shown")


def _size(default: float, says: str) -> FaultParameter:
    return FaultParameter(name="size", unit=OF_THE_TAG, low=-LARGEST, high=LARGEST, default=default, says=says)


SIGNAL_KINDS = (
    FaultKind(
        name="frozen-sensor",
        target=Target.TAG,
        says="A sensor shows the same value for ever and says that it is good.",
        effect="The tag stands at its value, all else moves; Wqc of the unit's slots stays 255, OPC UA status Good.",
        act=_distorts(lambda tag, values: Frozen()),
    ),
    FaultKind(
        name="drift",
        target=Target.TAG,
        says="A sensor moves away from the truth, slowly.",
        effect="The tag is off by rate times the hours since the start; Wqc falls to 0 once it leaves its range.",
        parameters=(
            FaultParameter(
                name="rate",
                unit=f"{OF_THE_TAG} per process hour",
                low=-LARGEST,
                high=LARGEST,
                default=5.0,
                says="how fast it moves away",
            ),
        ),
        act=_distorts(lambda tag, values: Drifting(values["rate"])),
        refuses=_only_real,
    ),
    FaultKind(
        name="spike",
        target=Target.TAG,
        says="A disturbed cable: single wrong values at regular times.",
        effect="The tag is off by size in one scan, at once and then at every interval.",
        parameters=(
            _size(100.0, "how far a spike is off"),
            FaultParameter(
                name="every", unit="s", low=1.0, high=86400.0, default=60.0, says="process time between two"
            ),
        ),
        act=_distorts(lambda tag, values: Spiking(values["size"], values["every"])),
        refuses=_only_real,
    ),
    FaultKind(
        name="chatter",
        target=Target.TAG,
        says="A value swings about the truth in every scan, so that a condition near its limit flickers.",
        effect="The tag is off by size, up and down in turn, scan by scan.",
        parameters=(_size(1.0, "how far it is off each way"),),
        act=_distorts(lambda tag, values: Chattering(values["size"])),
        refuses=_only_real,
    ),
    FaultKind(
        name="noisy-sensor",
        target=Target.TAG,
        says="A sensor with too much noise.",
        effect="Normal noise is added to the tag in every scan.",
        parameters=(
            FaultParameter(
                name="deviation", unit=OF_THE_TAG, low=0.0, high=LARGEST, default=5.0, says="standard deviation"
            ),
        ),
        act=_distorts(lambda tag, values: Noisy(tag, values["deviation"])),
        refuses=_only_real,
    ),
    FaultKind(
        name="offset",
        target=Target.TAG,
        says="A sensor that was calibrated wrong.",
        effect="The tag is off by size.",
        parameters=(_size(10.0, "how far it is off"),),
        act=_distorts(lambda tag, values: Offset(values["size"])),
        refuses=_only_real,
    ),
    FaultKind(
        name="forced-value",
        target=Target.TAG,
        says="Somebody forced the value of an input and forgot it.",
        effect="The tag shows value; outside the tag's range Wqc of the unit's slots is 0.",
        parameters=(
            FaultParameter(
                name="value", unit=OF_THE_TAG, low=-REAL_LARGEST, high=REAL_LARGEST, default=0.0, says="what is shown"
            ),
        ),
        act=_distorts(lambda tag, values: Forced(values["value"])),
        refuses=_only_real,
    ),
    FaultKind(
        name="nan-sensor",
        target=Target.TAG,
        says="A broken sensor: its value is no number.",
        effect="The tag is NaN, and Wqc of the unit's slots is 0.",
        act=_distorts(lambda tag, values: Forced()),
        refuses=_only_real,
    ),
)
