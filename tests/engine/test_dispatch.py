"""The way out and back: an image that lags behind its answers, and reports of a phase that was reset meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import pytest

from mes.engine.dispatch import Dispatch
from mes.engine.draft import CollectReports, CommandPhase
from mes.engine.step import Reported, ReportsLost, Settled
from mes.model.equipment import EquipmentPhase, ProcessCell
from mes.model.phase import Acknowledgement, AckResult, PhaseCommand, PhaseRequest, PhaseStatus
from mes.model.quantity import Quantity, parse_quantity
from mes.model.reading import Reading, missing
from mes.model.states import Command, ProceduralState
from mes.plc.port import LinkStatus, PlcError
from tests.engine.works import until

S = ProceduralState
SLOT = "WS-1.PH"


@dataclass
class Link:
    """A link whose image a test sets by hand; it answers every request at once."""

    name: str = "LN"
    image: PhaseStatus = field(default_factory=lambda: PhaseStatus(state=S.IDLE, ack_seq=4))
    answer: AckResult | None = AckResult.ACCEPTED
    composed: list[PhaseRequest] = field(default_factory=list)
    reported: Mapping[str, float] = field(default_factory=lambda: {"mass": 1.0, "spilled": 0.0})
    when_read: Callable[[], None] = lambda: None
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def status(self) -> LinkStatus:
        return LinkStatus(plc="LN", source="test://ln", connected=True, fresh=True, usable=True)

    def reading(self, tag: str) -> Reading:
        return missing(f"{tag} was never read")

    def phase(self, slot: str) -> PhaseStatus:
        if slot != SLOT:
            raise PlcError(f"LN has no phase slot {slot!r}")
        return self.image

    def compose(
        self, slot: str, command: PhaseCommand, *, exec_id: int, phase_number: int, parameters: Sequence[float] = ()
    ) -> PhaseRequest:
        request = PhaseRequest(
            plc="LN",
            slot=slot,
            command=command,
            exec_id=exec_id,
            phase_number=phase_number,
            seq=5,
            boot_id=1,
            epoch=1,
            parameters=tuple(parameters),
        )
        self.composed.append(request)
        return request

    async def execute(self, request: PhaseRequest) -> Acknowledgement:
        return Acknowledgement(seq=request.seq, result=self.answer, why="" if self.answer else "time-out")

    async def reports(self, phase: EquipmentPhase) -> Mapping[str, float]:
        self.when_read()
        return self.reported

    def take_over(self, epoch: int) -> None:
        pass

    async def supervise(self) -> None:
        pass


@dataclass
class Hatch:
    """A dispatch over one link, with a clock that a test sets."""

    equipment: ProcessCell
    link: Link = field(default_factory=Link)
    now_s: float = 100.0
    dispatch: Dispatch = field(init=False)

    def __post_init__(self) -> None:
        self.dispatch = Dispatch(
            links={"LN": self.link}, equipment=self.equipment, wake=asyncio.Event(), monotonic=lambda: self.now_s
        )

    async def give(self, **parameters: Quantity) -> Settled:
        intent = CommandPhase(
            path="A", plc="LN", slot=SLOT, command=Command.START, exec_id=7, number=1, parameters=parameters
        )
        self.dispatch.send("B-0001", self.dispatch.compose("B-0001", [intent]))
        (outcome,) = await until(self.dispatch.take)
        assert isinstance(outcome.observation, Settled)
        return outcome.observation

    async def read(self) -> Reported | ReportsLost:
        equipment = self.equipment.phases["WS-1", "WEIGH"]
        self.dispatch.collect("B-0001", [CollectReports(path="A", plc="LN", equipment=equipment, exec_id=7)])
        (outcome,) = await until(self.dispatch.take)
        assert isinstance(outcome.observation, Reported | ReportsLost)
        return outcome.observation


@pytest.fixture
def hatch(cell: ProcessCell) -> Hatch:
    """A way out to one scale."""
    return Hatch(cell)


GRAMS = parse_quantity("5 g")


async def test_an_image_older_than_the_answer_is_not_decided_on(hatch: Hatch) -> None:
    assert hatch.dispatch.status("LN", SLOT).fresh
    assert (await hatch.give(mass=GRAMS)).acknowledgement.accepted
    late = hatch.dispatch.status("LN", SLOT)
    assert (late.fresh, late.why) == (False, "it does not show the answer to command 5 yet")
    hatch.link.image = PhaseStatus(state=S.STARTING, ack_seq=5, active_exec=7, last_exec=7)
    assert hatch.dispatch.status("LN", SLOT).fresh


async def test_an_answer_that_never_shows_is_forgotten_after_a_while(hatch: Hatch) -> None:
    await hatch.give(mass=GRAMS)
    hatch.now_s += 1.9
    assert not hatch.dispatch.status("LN", SLOT).fresh
    hatch.now_s += 0.2
    assert hatch.dispatch.status("LN", SLOT).fresh


async def test_a_plc_that_did_not_answer_gets_time_to_show_what_it_did(hatch: Hatch) -> None:
    hatch.link.answer = None
    assert (await hatch.give(mass=GRAMS)).acknowledgement.result is None
    assert not hatch.dispatch.status("LN", SLOT).fresh


def test_a_slot_or_a_plc_that_does_not_exist_is_only_not_fresh(hatch: Hatch) -> None:
    assert hatch.dispatch.status("LN", "XX-1.PH").why == "LN has no phase slot 'XX-1.PH'"
    assert hatch.dispatch.status("PL-9", SLOT).why == "no PLC PL-9 is configured"


async def test_parameters_go_out_in_the_units_and_the_order_of_the_map(hatch: Hatch) -> None:
    await hatch.give(mass=parse_quantity("1.5 kg"))
    assert hatch.link.composed[0].parameters == (1500.0,)


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"mass": "9 kg"}, "parameter mass of WS-1 WEIGH is 9 kg; allowed are 0 to 2000 g"),
        ({"mass": "9 degC"}, "'degC' cannot be converted to 'g'"),
        ({}, "WS-1 WEIGH needs parameter mass, which the recipe does not give"),
    ],
)
async def test_a_parameter_that_does_not_fit_comes_back_unsent(
    hatch: Hatch, parameters: Mapping[str, str], why: str
) -> None:
    settled = await hatch.give(**{name: parse_quantity(value) for name, value in parameters.items()})
    assert why in settled.acknowledgement.why
    assert not settled.sent
    assert hatch.link.composed == []


async def test_a_phase_the_map_does_not_have_comes_back_unsent(hatch: Hatch) -> None:
    intent = CommandPhase(path="A", plc="LN", slot=SLOT, command=Command.START, exec_id=7, number=99)
    (order,) = hatch.dispatch.compose("B-0001", [intent])
    assert order.request is None
    assert order.why == "the tag map of LN no longer has phase number 99 in WS-1.PH"


async def test_reports_of_an_ended_phase_come_back(hatch: Hatch) -> None:
    hatch.link.image = PhaseStatus(state=S.COMPLETE, last_exec=7)
    reported = await hatch.read()
    assert isinstance(reported, Reported)
    assert reported.reports == {"mass": 1.0, "spilled": 0.0}


async def test_reports_read_while_somebody_resets_the_phase_are_not_taken(
    hatch: Hatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mes.engine.dispatch._REPORT_PAUSE_S", 0.0)
    hatch.link.image = PhaseStatus(state=S.COMPLETE, last_exec=7)

    def reset() -> None:
        hatch.link.image = PhaseStatus(state=S.IDLE, last_exec=7)

    hatch.link.when_read = reset
    lost = await hatch.read()
    assert isinstance(lost, ReportsLost)
    assert lost.why == "WS-1.PH was reset while they were read"
