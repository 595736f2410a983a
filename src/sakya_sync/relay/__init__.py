"""The relay: stores and forwards what it cannot read."""
