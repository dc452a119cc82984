"""A batch MES for pilot plants of battery materials.

In goes a recipe in text and the tags of PLCs; out come batches run to their end, the lots they made, where each lot
came from, and a record that survives. The MES requests, the PLC decides: see docs/explanation/architecture.md.
"""

from __future__ import annotations

__version__ = "0.1.0"
