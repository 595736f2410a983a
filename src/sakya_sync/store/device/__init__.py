"""What one device keeps of one subject: rooms with their records, access records, bases of files."""
