"""What the measurements share: how they are told, the PLC they run against, the engine with clocks on it."""
