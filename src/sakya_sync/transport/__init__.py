"""Ways for frames to travel: WebSocket, and in memory for tests."""
