"""Finds the browser that the browser tests drive: `python tests/browser.py` prints its path.

`MES_BROWSER` names one by hand; otherwise the first Chromium, Chrome or Edge of this machine is taken.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "microsoft-edge", "msedge")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
    "C:/Program Files (x86)/Microsoft/Edge/Application/msedge.exe",
)


def find_browser() -> str | None:
    """The path of a browser that speaks the DevTools protocol, or None."""
    named = os.environ.get("MES_BROWSER")
    if named:
        return named
    on_path = (shutil.which(name) for name in NAMES)
    in_place = (place for place in PLACES if Path(place).is_file())
    return next((found for found in (*on_path, *in_place) if found), None)


if __name__ == "__main__":
    browser = find_browser()
    if browser is None:
        sys.exit("No Chromium, Chrome or Edge found: install one, or set MES_BROWSER to the path of its program.")
    print(browser)  # noqa: T201 -- its output is its purpose
