"""Units of measure as OPC UA names them: the codes of UNECE Recommendation 20."""

from __future__ import annotations

from asyncua import ua

NAMESPACE = "http://www.opcfoundation.org/UA/units/un/cefact"
CODES = {
    "%": "P1",
    "1": "C62",
    "A": "AMP",
    "Hz": "HTZ",
    "N": "NEW",
    "N/mm": "F47",
    "Pa": "PAL",
    "Pa.s": "C65",
    "bar": "BAR",
    "degC": "CEL",
    "g": "GRM",
    "h": "HUR",
    "kg/h": "E93",
    "m": "MTR",
    "m/min": "2X",
    "m/s": "MTS",
    "m3/h": "MQH",
    "mL/min": "41",
    "mV": "2Z",
    "mbar": "MBR",
    "min": "MIN",
    "mm": "MMT",
    "mm/s": "C16",
    "ppm": "59",
    "rpm": "RPM",
    "um": "4H",
}
"""Unit of a tag map -> its common code."""


def eu_information(uom: str) -> ua.EUInformation:
    """Give the engineering unit of a tag; a unit without a common code has the unit id -1, as the standard says."""
    code = CODES.get(uom)
    # The unit id is the code's characters as one number, the first one highest.
    unit_id = int.from_bytes(code.encode("ascii"), "big") if code else -1
    return ua.EUInformation(
        NamespaceUri=ua.String(NAMESPACE),
        UnitId=ua.Int32(unit_id),
        DisplayName=ua.LocalizedText(uom),
        Description=ua.LocalizedText(uom),
    )
