"""How a command ends, whatever was raised in it."""

from __future__ import annotations

import pytest

from mes.cli import outcome
from mes.model.states import CommandRefused
from tests.cli.installation import Mes


def test_every_error_that_is_told_exists() -> None:
    import importlib

    for module, name in outcome.TOLD:
        assert issubclass(getattr(importlib.import_module(module), name), Exception)


def test_an_error_inside_groups_of_tasks_is_told_once() -> None:
    inner = ExceptionGroup("beside", [CommandRefused("not now"), CommandRefused("not now")])
    error = ExceptionGroup("engine", [inner, OSError(28, "No space left on device", "mes.db")])
    assert [outcome.in_words(leaf) for leaf in outcome.leaves(error)] == [
        "not now",
        "not now",
        "mes.db: No space left on device",
    ]


def test_a_mistake_of_mes_is_a_sentence_and_no_traceback(mes: Mes, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> object:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("mes.cli.installation.load", broken)
    monkeypatch.delenv("MES_TRACEBACK", raising=False)
    ending = mes("lot", "list")
    assert (ending.code, ending.out) == (1, "")
    assert "mistake in mes itself" in ending.err
    assert "Traceback" not in ending.err
    monkeypatch.setenv("MES_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        mes("lot", "list")


def test_an_interrupt_from_the_keyboard_is_quiet(mes: Mes, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("mes.cli.installation.load", interrupted)
    ending = mes("lot", "list")
    assert (ending.code, ending.out, ending.err) == (130, "", "")


@pytest.mark.parametrize(
    "arguments", [("lots",), ("lot", "list", "--jsn"), ("batch", "start"), ("trace", "L", "--format", "xml")]
)
def test_wrong_usage_ends_with_2(mes: Mes, arguments: tuple[str, ...]) -> None:
    ending = mes(*arguments)
    assert (ending.code, ending.out) == (2, "")
    assert "Error: " in ending.err
