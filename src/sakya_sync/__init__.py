"""Local-first, end-to-end-encrypted sync for writers' projects."""
