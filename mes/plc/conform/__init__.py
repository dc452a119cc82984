"""The conformance check: proves on a live PLC that it keeps MES-Phase v1, by giving real commands to its phases."""
