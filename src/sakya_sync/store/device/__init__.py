"""What one device keeps of one subject: rooms, records, access records, bases of files."""
