"""All cryptography: sealed records, chains, keys, envelopes, the vault at rest.

Pure: randomness is an argument, but for the key pair that HPKE draws for each envelope.
Spec: docs/protocol.md#sealing; vectors/seal/.
"""
