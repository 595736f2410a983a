"""`%ELO` records as a relay may read them: all but what their ciphertext says.

Pure. Every decoder accepts one encoding of a value and raises RecordError for all else.
Spec: docs/protocol.md#records; vectors/record/.
"""
