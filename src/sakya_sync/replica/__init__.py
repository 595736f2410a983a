"""One device's copy of a room: the Loro document, the outbox, and what it has witnessed."""
