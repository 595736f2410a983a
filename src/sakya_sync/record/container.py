"""Records that travel as one `%ELO` update. Spec: docs/protocol.md#records."""

from collections.abc import Iterable, Sequence

from sakya_sync.errors import LimitExceeded, RecordError
from sakya_sync.limits import CONTAINER_RECORDS_MAX, RECORD_BYTES_MAX
from sakya_sync.wire.varint import Reader, encode_uvarint


def pack(records: Sequence[bytes]) -> bytes:
    """One container of at least one record. Raises LimitExceeded, above CONTAINER_RECORDS_MAX."""
    assert records
    if len(records) > CONTAINER_RECORDS_MAX:
        raise LimitExceeded(f"a container of {len(records)} records")
    parts = [encode_uvarint(len(records))]
    for record in records:
        parts.append(encode_uvarint(len(record)))
        parts.append(record)
    return b"".join(parts)


def pack_all(records: Iterable[bytes], bytes_max: int) -> list[bytes]:
    """In order, into as few containers of at most bytes_max as that order allows.

    A record that does not fit one gets one of its own, which is then larger.
    """
    containers: list[bytes] = []
    gathered: list[bytes] = []
    body_bytes = 0
    for record in records:
        added = len(encode_uvarint(len(record))) + len(record)
        count = len(gathered) + 1
        size = len(encode_uvarint(count)) + body_bytes + added
        if gathered and (size > bytes_max or count > CONTAINER_RECORDS_MAX):
            containers.append(pack(gathered))
            gathered, body_bytes = [], 0
        gathered.append(record)
        body_bytes += added
    if gathered:
        containers.append(pack(gathered))
    return containers


def unpack(container: bytes) -> tuple[bytes, ...]:
    """The records, undecoded. Raises RecordError."""
    reader = Reader(container, RecordError)
    count = reader.uvarint(CONTAINER_RECORDS_MAX)
    if count == 0:
        raise RecordError("a container without records")
    if count > reader.remaining:
        raise RecordError("truncated")
    records = tuple([reader.varbytes(RECORD_BYTES_MAX) for _ in range(count)])
    reader.end()
    return records
