"""Records at rest: a relay's, and a device's."""
