"""How a command ends: its exit code, and every error as one readable message on stderr.

0 is success, 1 something refused or failed, 2 wrong usage, 130 interrupted from the keyboard, 141 nobody reads on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from mes.cli.written import tell

FAILED = 1
USAGE = 2
INTERRUPTED = 130
NOBODY_READS = 141

TOLD = (
    ("mes.cli.options", "Refused"),
    ("mes.config", "ConfigError"),
    ("mes.model.change", "LeaseLost"),
    ("mes.model.quantity", "UomError"),
    ("mes.model.states", "CommandRefused"),
    ("mes.recipes.problem", "RecipeError"),
    ("mes.plc.tagmap", "TagMapError"),
    ("mes.plc.port", "PlcError"),
    ("mes.store.errors", "StoreError"),
    ("mes.asking", "NoEngine"),
    ("mes.lots", "LotRefused"),
    ("mes.ui.serve", "PageError"),
    ("mes.demo.operator", "DemoFailed"),
    ("mes.simulated.plcs", "PlcNotStarted"),
    ("mes.simulated.control", "PlantRefused"),
)
"""Errors whose text is written for people, by module: one that was never loaded cannot have been raised."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line (by default that of this process) and give its exit code; never raises, never a traceback.

    `MES_TRACEBACK=1` in the environment lets an error of `mes` itself through, for who looks for it.
    """
    from mes.cli.root import app

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A console that lacks a character gets a "?" for it, not an error.
            stream.reconfigure(errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _refuse_unreadable(given)
        app(args=given, prog_name="mes")
        code = 0
    except SystemExit as ending:
        code = _code_of(ending)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BaseException as error:  # the last line of defence: whatever it is, a person reads a sentence
        if os.environ.get("MES_TRACEBACK"):
            raise
        code = _tell(error)
    return _flushed(code)


def _refuse_unreadable(arguments: Sequence[str]) -> None:
    """End with a usage error for an argument that is no text: no record and no database could hold it."""
    for text in arguments:
        try:
            text.encode("utf-8")
        except UnicodeEncodeError:
            shown = text.encode("utf-8", "backslashreplace").decode("utf-8")
            tell(f"mes: the argument '{shown}' is not UTF-8 text; write it in the encoding of this session")
            raise SystemExit(USAGE) from None


def _code_of(ending: SystemExit) -> int:
    if ending.code is None:
        return 0
    return ending.code if isinstance(ending.code, int) else FAILED


def _flushed(code: int) -> int:
    """Write out what is buffered; a reader that went away (`mes trace ... | head`) is no error to talk about."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
        return code or NOBODY_READS
    return code


def _forget_stdout() -> None:
    # Otherwise the interpreter tries to flush again when it ends, and complains.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _tell(error: BaseException) -> int:
    causes = list(leaves(error))
    if any(isinstance(cause, KeyboardInterrupt) for cause in causes):
        return INTERRUPTED
    if any(isinstance(cause, BrokenPipeError) for cause in causes):
        _forget_stdout()
        return NOBODY_READS
    for message in dict.fromkeys(in_words(cause) for cause in causes):
        tell(f"mes: {message}")
    return FAILED


def leaves(error: BaseException) -> Iterator[BaseException]:
    """Give the single errors inside groups, which is how tasks that ran together report."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from leaves(inner)
    else:
        yield error


def in_words(error: BaseException) -> str:
    """Give the one message for an error."""
    if isinstance(error, _told()):
        return str(error)
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror or error}"
    return (
        f"this is a mistake in mes itself, not yours: {type(error).__name__}: {error}; "
        "please report it with what MES_TRACEBACK=1 in the environment shows"
    )


def _told() -> tuple[type[Any], ...]:
    return tuple(getattr(sys.modules[module], name) for module, name in TOLD if module in sys.modules)
