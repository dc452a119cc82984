"""Modbus TCP server of a simulated PLC, as devices in the field speak it."""
