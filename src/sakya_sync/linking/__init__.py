"""Adding one's own device: SLP/1, from the picture on a screen to the keys in a vault.

Pure: a linking is fed messages and the time, and gives messages, events, and its next alarm. How
messages travel is not known here. Integers in this package are big-endian.
Spec: docs/protocol.md#linking; vectors/linking/.
"""
