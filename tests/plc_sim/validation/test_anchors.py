from __future__ import annotations

import math
from pathlib import Path

import pytest

from plc_sim.validation.anchors import ANCHORS, ROLES, read_anchors
from plc_sim.validation.words import published_text

HEADER = ANCHORS.read_text("utf-8").splitlines()[0]


def write(folder: Path, *lines: str) -> Path:
    path = folder / "rows.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return path


def test_every_row_says_why_it_has_its_role_and_where_it_comes_from() -> None:
    anchors = read_anchors()
    assert len(anchors) > 25
    for anchor in anchors:
        assert anchor.role in ROLES
        assert len(anchor.note) > 5, anchor.id
        assert anchor.source, anchor.id
        assert anchor.models or anchor.role == "not covered", anchor.id
        assert anchor.published > 0.0 or (math.isnan(anchor.published) and anchor.role == "not covered")


def test_every_row_that_a_value_judges_has_a_tolerance() -> None:
    assert all(math.isfinite(anchor.tolerance_rel) for anchor in read_anchors() if anchor.judge == "value")


def test_a_misspelt_role_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    path = write(tmp_path, "X,m,c,q,u,1.0,0.1,holdout,value,M1,s,n")
    with pytest.raises(ValueError, match=r"rows\.csv line 2: role 'holdout' is not known; did you mean hold-out"):
        read_anchors(path)


@pytest.mark.parametrize("role_and_judge", ["trend,", "trend,sideways:A1", "trend,above:", "not covered,value"])
def test_a_judge_that_does_not_fit_the_role_is_refused(tmp_path: Path, role_and_judge: str) -> None:
    path = write(tmp_path, f"X,m,c,q,u,1.0,0.1,{role_and_judge},M1,s,n")
    with pytest.raises(ValueError, match="does not fit role"):
        read_anchors(path)


def test_a_row_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "X,m,c,q,u,1.0,0.1,trend,at_most,M1,s,")
    with pytest.raises(ValueError, match="no note; say why"):
        read_anchors(path)


def test_a_value_that_is_no_number_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "X,m,c,q,u,about 1,0.1,trend,at_most,M1,s,n")
    with pytest.raises(ValueError, match="line 2: published 'about 1' is not a number"):
        read_anchors(path)


def test_only_a_row_that_nothing_covers_may_lack_its_value(tmp_path: Path) -> None:
    (anchor,) = read_anchors(write(tmp_path, "X,m,c,q,u,,,not covered,,,s,n"))
    assert math.isnan(anchor.published)
    assert published_text(anchor) == "–"
    with pytest.raises(ValueError, match="line 2: published '' is not a number"):
        read_anchors(write(tmp_path, "X,m,c,q,u,,0.1,trend,at_most,M1,s,n"))


def test_an_id_given_twice_is_refused(tmp_path: Path) -> None:
    line = "X,m,c,q,u,1.0,0.1,trend,at_most,M1,s,n"
    with pytest.raises(ValueError, match="id X is given more than once"):
        read_anchors(write(tmp_path, line, line))
