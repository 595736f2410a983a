"""A folder on disk: scanned, read, written atomically, watched, on every system alike."""
