"""Length prefixes, so that joined bytes come apart in one way.

Spec: docs/protocol.md, "Notation".
"""


def lp(content: bytes) -> bytes:
    """The length as u32, then the content."""
    return len(content).to_bytes(4, "little") + content
