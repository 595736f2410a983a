"""What a relay keeps, in SQLite: sealed records, access records, and the nonces of tickets."""
