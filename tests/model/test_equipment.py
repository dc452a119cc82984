"""What a process cell says about its units and their phases."""

from __future__ import annotations

from mes.model.equipment import EquipmentPhase, ParameterSpec, ProcessCell, Unit

RAMP = ParameterSpec(name="ramp", uom="degC/min", minimum=0.1, maximum=10.0, default=3.0)
SOAKED = ParameterSpec(name="soak_time", uom="min", minimum=0.0, maximum=6000.0)


def phase(unit: str, phase_class: str) -> EquipmentPhase:
    return EquipmentPhase(
        plc="SY",
        unit=unit,
        slot=f"{unit}.PH",
        phase_class=phase_class,
        number=2,
        title={"en": phase_class},
        parameters=(RAMP,),
        reports=(SOAKED,),
    )


def test_a_phase_finds_its_parameters_and_reports_by_name_and_keeps_them_apart() -> None:
    anneal = phase("FU-301", "ANNEAL")
    assert anneal.parameter("ramp") is RAMP
    assert anneal.report("soak_time") is SOAKED
    assert anneal.parameter("soak_time") is None
    assert anneal.report("ramp") is None


def test_a_cell_gives_the_phases_of_one_unit_only() -> None:
    made = [phase("FU-301", "ANNEAL"), phase("BM-201", "MILL"), phase("FU-301", "COOL")]
    unit = Unit(name="FU-301", unit_class="FURNACE", plc="SY", title={"en": "Furnace"})
    cell = ProcessCell(units={"FU-301": unit}, phases={(found.unit, found.phase_class): found for found in made})
    assert [found.phase_class for found in cell.phases_of("FU-301")] == ["ANNEAL", "COOL"]
    assert cell.phases_of("SV-402") == ()
