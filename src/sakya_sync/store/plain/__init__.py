"""What a relay keeps of plain rooms: an SQLite file of its own, which the operator can read."""
