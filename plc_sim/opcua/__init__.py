"""OPC UA server of a simulated PLC, open for the demonstration or with certificates and users."""
