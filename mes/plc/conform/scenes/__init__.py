"""What is played with a slot, scene by scene; each begins by bringing the slot where it needs it."""
