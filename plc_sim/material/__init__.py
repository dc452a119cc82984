"""Material of the plant: what was received, where every gram of it is, and what it has been through."""
