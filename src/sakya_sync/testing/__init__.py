"""A simulated world: the programs themselves, on a virtual clock, with seeded faults."""
