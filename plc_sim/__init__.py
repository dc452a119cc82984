"""A simulated pilot plant: PLC programs with physics behind real Modbus TCP and OPC UA servers.

Nothing here imports `mes`, and `mes` imports nothing of it: the two share one file, the tag map.
"""
