"""A device: keys, projects and their folders, kept in sync with a relay."""
