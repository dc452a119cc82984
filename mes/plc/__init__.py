"""The PLC side of the MES: one narrow port, three drivers behind it, the tag map and the MES-Phase v1 handshake."""
