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
        # Otherwise the interpreter tries to flush again when it ends, and complains.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
        code = EXIT_NOBODY_READS
    sys.exit(code)


if __name__ == "__main__":
    main()
