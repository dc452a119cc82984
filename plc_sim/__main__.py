"""`python -m plc_sim`: the simulated plant as a process of its own."""

from __future__ import annotations

import sys

from plc_sim import cli


def main() -> None:
    """Run the command line and exit with its code."""
    sys.exit(cli.main())


if __name__ == "__main__":
    main()
