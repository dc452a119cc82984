"""The words of the field as values: pure, without clock, logging, event loop or I/O."""
