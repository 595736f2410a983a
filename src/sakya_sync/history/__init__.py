"""What happened in a project, and every state that it was ever in."""
