"""Book an ended phase: its reports become process data, consumption, production and losses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_DOWN, Decimal

from mes.engine.draft import Draft
from mes.engine.scanning import scanned_lot
from mes.model.equipment import EquipmentPhase
from mes.model.events import Consume, ProcessData, Produce
from mes.model.execution import LotInUse
from mes.model.lots import Role
from mes.model.operands import held_of
from mes.model.quantity import Quantity, comparable, measured
from mes.model.states import ProceduralState
from mes.model.steps import Consumption, PhaseStep, Production

S = ProceduralState

_GRAIN = Decimal("0.000001")
_END = {S.COMPLETING: S.COMPLETE, S.STOPPING: S.STOPPED, S.ABORTING: S.ABORTED}


def book(draft: Draft, phase: PhaseStep, equipment: EquipmentPhase, reports: Mapping[str, float], exec_id: int) -> None:
    """Record what an ended phase reported.

    A phase that was stopped or aborted is booked for what it did: amounts of zero are left out, and a whole lot counts
    as consumed only when something was made of it or, by a phase that makes nothing, when it reports that it did
    anything.
    """
    amounts = {spec.name: measured(reports[spec.name], spec.uom) for spec in equipment.reports}
    draft.record(ProcessData(path=phase.path, exec_id=exec_id, reports=amounts))
    told = [production.report for production in phase.produces] or list(amounts)
    made_something = any(amounts[report].value > 0 for report in told)
    for consumption in phase.consumes:
        if not consumption.whole_lot or made_something:
            _consume(draft, phase, consumption, amounts)
    _produce(draft, phase, amounts)


def _consume(draft: Draft, phase: PhaseStep, consumption: Consumption, amounts: Mapping[str, Quantity]) -> None:
    """Book what was taken from the lots of an input: the oldest first, and the rest from the last one.

    Where no lot was ever scanned or made there is nothing the phase could have taken.
    """
    lots = _drawn_from(draft, phase, consumption.input)
    still = None if consumption.whole_lot else amounts[consumption.report]
    for lot in lots:
        if lot.quantity is None and still is None:
            continue
        last = lot is lots[-1]
        if still is None or lot.quantity is None:
            quantity = still if lot.quantity is None else lot.quantity
        else:
            left = lot.quantity.to(still.uom)
            quantity = still if last or left.value >= still.value else left
        if quantity is None or quantity.value <= 0:
            continue
        _book_consumption(draft, phase, consumption.input, lot, quantity)
        still = None if still is None else Quantity(still.value - quantity.to(still.uom).value, still.uom)


def _drawn_from(draft: Draft, phase: PhaseStep, name: str) -> tuple[LotInUse, ...]:
    """Give the lots that a phase draws from: all that the batch has made, but of what was scanned the one it scanned
    itself, or else the last one: what is left in a bottle that is put away is not weighed with the next."""
    held = held_of(draft.state, name)
    if name not in draft.state.control.inputs:
        return held
    own = scanned_lot(draft.state, phase, name)
    return tuple(lot for lot in held if lot.lot_no == own)[-1:] or held[-1:]


def _book_consumption(draft: Draft, phase: PhaseStep, name: str, lot: LotInUse, quantity: Quantity) -> None:
    mass = _mass(quantity, lot.quantity, lot.mass)
    draft.record(
        Consume(path=phase.path, input=name, lot_no=lot.lot_no, material=lot.material, quantity=quantity, mass=mass)
    )


def _mass(part: Quantity, whole: Quantity | None, whole_mass: Quantity | None) -> Quantity | None:
    if comparable(part.uom, "g"):
        return part.to("g")
    if whole is None or whole_mass is None or whole.value == 0:
        return None
    return whole_mass.to("g").times(part.to(whole.uom).value / whole.value)


def _produce(draft: Draft, phase: PhaseStep, amounts: Mapping[str, Quantity]) -> None:
    booked = [production for production in phase.produces if amounts[production.report].value > 0]
    lots = [production for production in booked if production.role is not Role.LOSS]
    parents = _parents(draft.state.loose, lots, amounts)
    for production in booked:
        quantity = amounts[production.report]
        mass = _produced_mass(production, quantity, amounts)
        if production.role is Role.LOSS:
            loss = Produce(
                path=phase.path, output=production.output, role=Role.LOSS, material="", quantity=quantity, mass=mass
            )
            draft.record(loss)
            continue
        output = draft.state.control.outputs[production.output]
        draft.record(
            Produce(
                path=phase.path,
                output=production.output,
                role=production.role,
                material=output.material,
                quantity=quantity,
                mass=mass,
                lot_no=_lot_no(draft, production.output),
                parents=parents[production.output],
                shelf_life_days=output.shelf_life_days,
            )
        )


def _weight(production: Production, amounts: Mapping[str, Quantity]) -> Decimal:
    mass = _produced_mass(production, amounts[production.report], amounts)
    return amounts[production.report].value if mass is None else mass.value


def _produced_mass(production: Production, quantity: Quantity, amounts: Mapping[str, Quantity]) -> Quantity | None:
    if production.mass_report:
        return amounts[production.mass_report].to("g")
    return quantity.to("g") if comparable(quantity.uom, "g") else None


def _lot_no(draft: Draft, output: str) -> str:
    # Numbers of another output may look alike: "powder-2" is the second powder, or the first of an output powder-2.
    lot_no = first = f"{draft.state.batch_no}-{output}"
    number = 1
    while lot_no in draft.state.made:
        number += 1
        lot_no = f"{first}-{number}"
    return lot_no


def _parents(
    loose: Mapping[tuple[str, str], Quantity], lots: Sequence[Production], amounts: Mapping[str, Quantity]
) -> Mapping[str, tuple[tuple[str, Quantity], ...]]:
    """Give by output the quantities by lot that are in it: what was consumed and is in no lot yet.

    Lots that one phase makes from the same input share it by mass; the last takes what rounding leaves, so that the
    shares add up to what was consumed. Where all of an input is in lots already its lots stay parents, with nothing
    more of them; a new charge of it has only its own.
    """
    parents: dict[str, dict[str, Quantity]] = {production.output: {} for production in lots}
    charged = {name for (name, _), quantity in loose.items() if quantity.value > 0}
    for (name, lot_no), quantity in loose.items():
        if quantity.value <= 0 and name in charged:
            continue
        takers = [production for production in lots if name in production.made_from]
        for production, share in zip(takers, _shares(quantity, takers, amounts), strict=True):
            known = parents[production.output].get(lot_no)
            parents[production.output][lot_no] = share if known is None else known + share
    return {output: tuple(shares.items()) for output, shares in parents.items()}


def _shares(quantity: Quantity, takers: Sequence[Production], amounts: Mapping[str, Quantity]) -> list[Quantity]:
    weights = [_weight(production, amounts) for production in takers]
    total = sum(weights, Decimal(0))
    if total == 0:
        weights, total = [Decimal(1)] * len(takers), Decimal(len(takers))
    shares = [
        Quantity((quantity.value * weight / total).quantize(_GRAIN, ROUND_DOWN), quantity.uom)
        for weight in weights[:-1]
    ]
    given = sum((share.value for share in shares), Decimal(0))
    return [*shares, Quantity(quantity.value - given, quantity.uom)] if takers else []


def ended_as(shown: ProceduralState) -> ProceduralState:
    """Give the final state that belongs to a state on the way to it."""
    return _END.get(shown, shown)
