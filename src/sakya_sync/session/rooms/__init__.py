"""What a relay does with each kind of room: pure, one file a kind."""
