"""Messages to frames and back. Spec: docs/protocol.md#wire; vectors/wire/frames.json."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Final, assert_never

from sakya_sync.errors import LimitExceeded, WireError
from sakya_sync.ids import BatchId, RoomId
from sakya_sync.limits import FRAME_BYTES_MAX, ROOM_BYTES_MAX
from sakya_sync.wire.messages import (
    BATCH_ID_BYTES,
    Ack,
    AckStatus,
    DocUpdate,
    Fragment,
    FragmentHeader,
    JoinError,
    JoinErrorCode,
    JoinRequest,
    JoinResponseOk,
    Leave,
    Magic,
    Message,
    Permission,
    RoomError,
    RoomErrorCode,
)
from sakya_sync.wire.varint import Reader, encode_uvarint, encode_varbytes

_MAGIC_BYTES: Final = 4
_TYPE_JOIN_REQUEST: Final = b"\x00"
_TYPE_JOIN_RESPONSE_OK: Final = b"\x01"
_TYPE_JOIN_ERROR: Final = b"\x02"
_TYPE_DOC_UPDATE: Final = b"\x03"
_TYPE_FRAGMENT_HEADER: Final = b"\x04"
_TYPE_FRAGMENT: Final = b"\x05"
_TYPE_ROOM_ERROR: Final = b"\x06"
_TYPE_LEAVE: Final = b"\x07"
_TYPE_ACK: Final = b"\x08"

_MAGICS: Final = MappingProxyType({magic.value: magic for magic in Magic})
_PERMISSIONS: Final = MappingProxyType({p.value.encode(): p for p in Permission})
_ACK_STATUSES: Final = MappingProxyType({int(status): status for status in AckStatus})
_JOIN_ERROR_CODES: Final = MappingProxyType({int(code): code for code in JoinErrorCode})
_ROOM_ERROR_CODES: Final = MappingProxyType({int(code): code for code in RoomErrorCode})


def encode(message: Message) -> bytes:
    """One frame. Raises LimitExceeded for a room or a frame that is longer than may be."""
    room = message.room.encode()
    if len(room) > ROOM_BYTES_MAX:
        raise LimitExceeded(f"a room name of {len(room)} bytes")
    # _value_ is the plain attribute below Enum.value's property: twice as fast for every frame.
    frame = b"".join((message.magic._value_, encode_varbytes(room), *_body(message)))
    if len(frame) > FRAME_BYTES_MAX:
        raise LimitExceeded(f"a frame of {len(frame)} bytes")
    return frame


def decode(frame: bytes) -> Message:
    """One message. Raises WireError, and nothing else, whatever the bytes are."""
    if len(frame) > FRAME_BYTES_MAX:
        raise WireError(f"a frame of {len(frame)} bytes")
    magic = _MAGICS.get(frame[:_MAGIC_BYTES])
    if magic is None:
        raise WireError("unknown magic")
    reader = Reader(frame, WireError, _MAGIC_BYTES)
    room = RoomId(reader.text(ROOM_BYTES_MAX))
    kind = reader.u8()
    if kind >= len(_DECODERS):
        raise WireError(f"unknown message type {kind}")
    message = _DECODERS[kind](reader, magic, room)
    reader.end()
    return message


def _body(message: Message) -> tuple[bytes, ...]:
    match message:
        case DocUpdate():
            return _doc_update_body(message)
        case Ack(batch=batch, status=status):
            return _TYPE_ACK, _batch_bytes(batch), bytes((status,))
        case FragmentHeader(batch=batch, count=count, total_bytes=total):
            numbers = encode_uvarint(count) + encode_uvarint(total)
            return _TYPE_FRAGMENT_HEADER, _batch_bytes(batch), numbers
        case Fragment(batch=batch, index=index, data=data):
            number = encode_uvarint(index)
            return _TYPE_FRAGMENT, _batch_bytes(batch), number, encode_uvarint(len(data)), data
        case JoinRequest(payload=payload, version=version):
            return _TYPE_JOIN_REQUEST, encode_varbytes(payload), encode_varbytes(version)
        case JoinResponseOk(permission=permission, version=version, extra=extra):
            word = encode_varbytes(permission.value.encode())
            return _TYPE_JOIN_RESPONSE_OK, word, encode_varbytes(version), encode_varbytes(extra)
        case JoinError():
            return _join_error_body(message)
        case RoomError(code=room_code, message=text, app_code=app_code):
            assert not app_code or room_code is RoomErrorCode.APP
            tail = _text(app_code) if room_code is RoomErrorCode.APP else b""
            return _TYPE_ROOM_ERROR, bytes((room_code,)), _text(text), tail
        case Leave():
            return (_TYPE_LEAVE,)
        case _:
            assert_never(message)


def _doc_update_body(message: DocUpdate) -> tuple[bytes, ...]:
    updates = message.updates
    if len(updates) == 1:
        # What an editor sends at each pause, and the relay with it: one update.
        (update,) = updates
        count = encode_uvarint(len(update))
        return _TYPE_DOC_UPDATE, b"\x01", count, update, _batch_bytes(message.batch)
    parts = [_TYPE_DOC_UPDATE, encode_uvarint(len(updates))]
    for update in updates:
        parts.append(encode_uvarint(len(update)))
        parts.append(update)
    parts.append(_batch_bytes(message.batch))
    return tuple(parts)


def _join_error_body(message: JoinError) -> tuple[bytes, ...]:
    code = message.code
    assert not message.receiver_version or code is JoinErrorCode.VERSION_UNKNOWN
    assert not message.app_code or code is JoinErrorCode.APP
    tail = b""
    if code is JoinErrorCode.VERSION_UNKNOWN:
        tail = encode_varbytes(message.receiver_version)
    elif code is JoinErrorCode.APP:
        tail = _text(message.app_code)
    return _TYPE_JOIN_ERROR, bytes((code,)), _text(message.message), tail


def _text(text: str) -> bytes:
    return encode_varbytes(text.encode())


def _batch_bytes(batch: BatchId) -> bytes:
    assert len(batch) == BATCH_ID_BYTES
    return batch


def _decode_join_request(reader: Reader, magic: Magic, room: RoomId) -> Message:
    return JoinRequest(magic, room, reader.varbytes(), reader.varbytes())


def _decode_join_response_ok(reader: Reader, magic: Magic, room: RoomId) -> Message:
    permission = _PERMISSIONS.get(reader.varbytes())
    if permission is None:
        raise WireError("a permission other than read and write")
    return JoinResponseOk(magic, room, permission, reader.varbytes(), reader.varbytes())


def _decode_join_error(reader: Reader, magic: Magic, room: RoomId) -> Message:
    code = _JOIN_ERROR_CODES.get(reader.u8(), JoinErrorCode.UNKNOWN)
    text = reader.text()
    version, app_code = b"", ""
    # Stock ends leave an empty tail out, here and in RoomError.
    if code is JoinErrorCode.VERSION_UNKNOWN and reader.remaining:
        version = reader.varbytes()
    elif code is JoinErrorCode.APP and reader.remaining:
        app_code = reader.text()
    return JoinError(magic, room, code, text, version, app_code)


def _decode_doc_update(reader: Reader, magic: Magic, room: RoomId) -> Message:
    count = reader.uvarint()
    if count == 1:
        updates: tuple[bytes, ...] = (reader.varbytes(),)
    else:
        # An update is a byte at least: no list grows past the frame that claims it.
        if count > reader.remaining:
            raise WireError("truncated")
        updates = tuple([reader.varbytes() for _ in range(count)])
    return DocUpdate(magic, room, updates, BatchId(reader.take(BATCH_ID_BYTES)))


def _decode_fragment_header(reader: Reader, magic: Magic, room: RoomId) -> Message:
    batch = BatchId(reader.take(BATCH_ID_BYTES))
    return FragmentHeader(magic, room, batch, reader.uvarint(), reader.uvarint())


def _decode_fragment(reader: Reader, magic: Magic, room: RoomId) -> Message:
    batch = BatchId(reader.take(BATCH_ID_BYTES))
    return Fragment(magic, room, batch, reader.uvarint(), reader.varbytes())


def _decode_room_error(reader: Reader, magic: Magic, room: RoomId) -> Message:
    code = _ROOM_ERROR_CODES.get(reader.u8(), RoomErrorCode.APP)
    text = reader.text()
    app_code = reader.text() if code is RoomErrorCode.APP and reader.remaining else ""
    return RoomError(magic, room, code, text, app_code)


def _decode_leave(_reader: Reader, magic: Magic, room: RoomId) -> Message:
    return Leave(magic, room)


def _decode_ack(reader: Reader, magic: Magic, room: RoomId) -> Message:
    batch = BatchId(reader.take(BATCH_ID_BYTES))
    return Ack(magic, room, batch, _ACK_STATUSES.get(reader.u8(), AckStatus.UNKNOWN))


_DECODERS: Final[tuple[Callable[[Reader, Magic, RoomId], Message], ...]] = (
    _decode_join_request,
    _decode_join_response_ok,
    _decode_join_error,
    _decode_doc_update,
    _decode_fragment_header,
    _decode_fragment,
    _decode_room_error,
    _decode_leave,
    _decode_ack,
)
"""By message type."""
