"""How fast it is: one command measures, and writes the README's table."""
