"""Between a project's files and its documents: pure; told what is on disk, it plans what to do."""
