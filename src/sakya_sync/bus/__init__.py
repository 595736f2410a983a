"""Fan-out: what was stored, to everybody who should have it."""
