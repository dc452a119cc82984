from __future__ import annotations

import dataclasses

import pytest

from plc_sim.validation.anchors import Anchor, read_anchors
from plc_sim.validation.judgement import Judged, judge
from plc_sim.validation.simulated import SIMULATED, left_out

ROWS = {anchor.id: anchor for anchor in read_anchors()}


def judged_with(row_id: str, **changes: object) -> Judged:
    """Judge all rows with one of them changed, and give that one."""
    changed = [dataclasses.replace(anchor, **changes) if anchor.id == row_id else anchor for anchor in ROWS.values()]
    return next(row for row in judge(changed) if row.anchor.id == row_id)


def test_every_held_out_row_is_met_within_its_tolerance() -> None:
    held_out = [row for row in judge(tuple(ROWS.values())) if row.anchor.role == "hold-out"]
    assert [row.anchor.id for row in held_out] == ["B1c", "B1d", "B2b"]
    for row in held_out:
        assert row.error_rel is not None
        assert abs(row.error_rel) <= row.anchor.tolerance_rel
        assert row.verdict == "pass"


def test_the_models_reproduce_what_calibrated_them() -> None:
    for row in judge(tuple(ROWS.values())):
        if row.anchor.role in {"calibration", "fit"}:
            assert row.agrees, row.anchor.id


def test_a_held_out_row_is_not_used_to_predict_itself() -> None:
    for row_id in ("B1c", "B1d", "B2b"):
        doubled = judged_with(row_id, published=2.0 * ROWS[row_id].published)
        assert doubled.simulated == judged_with(row_id).simulated
        assert doubled.verdict == "FAIL"
        assert doubled.is_failed_hold_out


def test_the_level_of_the_pressed_powder_comes_from_its_other_row() -> None:
    before = judged_with("B2b").simulated
    changed = [dataclasses.replace(ROWS["B2a"], published=2.04) if i == "B2a" else row for i, row in ROWS.items()]
    after = next(row.simulated for row in judge(changed) if row.anchor.id == "B2b")
    assert before is not None
    assert after == pytest.approx(2.0 * before)


def test_a_trend_is_judged_by_direction_whatever_its_error() -> None:
    row = judged_with("A2")
    assert row.verdict == "direction holds"
    assert row.error_rel is not None
    assert row.error_rel > row.anchor.tolerance_rel


def test_a_missed_trend_is_said_and_does_not_fail() -> None:
    row = judged_with("D1b")
    assert row.verdict == "direction missed"
    assert not row.is_failed_hold_out


def test_a_row_no_model_covers_has_no_value() -> None:
    row = judged_with("E1a")
    assert (row.simulated, row.error_rel, row.verdict) == (None, None, "not covered")


def test_every_simulated_row_is_in_the_file_and_every_covered_row_is_simulated() -> None:
    assert set(SIMULATED) == {anchor.id for anchor in ROWS.values() if anchor.role != "not covered"}


def test_a_covered_row_that_nothing_simulates_is_refused() -> None:
    with pytest.raises(LookupError, match="row E1a has role 'trend', but nothing simulates it"):
        judged_with("E1a", role="trend", judge="at_most")


def test_a_judge_that_leans_on_nothing_is_refused() -> None:
    with pytest.raises(LookupError, match="names no simulated row and no number"):
        judged_with("A2", judge="below:Z9")


def test_leaving_a_point_out_changes_its_prediction() -> None:
    rows: dict[str, Anchor] = ROWS
    published = {row_id: anchor.published for row_id, anchor in rows.items()}
    for row_id, predicted in left_out(published).items():
        fitted = judged_with(row_id).simulated
        assert fitted is not None
        assert abs(predicted / published[row_id] - 1.0) > abs(fitted / published[row_id] - 1.0)
