"""Plain rooms, for any client of the Loro Protocol, where the operator turned them on.

A batch is answered once it is durable, and what others get is durable before they get it.
"""
