"""`python -m plc_sim`: the simulated plant as a process of its own."""

from __future__ import annotations

import os
import sys

from plc_sim import cli

EXIT_NOBODY_READS = 141
"""What a shell gives for a command whose reader went away."""


def main() -> None:
    """Run the command line and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A console that lacks a character gets a "?" for it, not an error.
            stream.reconfigure(errors="replace")
    try:
        code = cli.main()
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
        code = EXIT_NOBODY_READS
    except OSError as error:
        # The commands tell of files and addresses themselves: what comes up to here is what they printed.
        _forget_output()
        sys.stderr.write(f"plc_sim: standard output: {error.strerror or error}\n")
        code = cli.EXIT_BAD_INPUT
    sys.exit(code)


def _forget_output() -> None:
    """Drop what could not be printed: otherwise the interpreter tries again when it ends, and complains."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    main()
