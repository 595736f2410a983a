"""Loro Protocol v1: frames, fragments and keepalive, as bytes and values.

Pure: bytes in, values out. Nothing here knows what an update holds.
Spec: docs/protocol.md#wire; vectors/wire/.
"""
