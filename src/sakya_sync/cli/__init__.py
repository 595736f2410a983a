"""The `sakya` command: one file a command."""
