"""Every kind of message, golden ones and generated ones."""

import json
from pathlib import Path

from hypothesis import strategies as st

from sakya_sync.ids import BatchId, RoomId
from sakya_sync.wire.messages import (
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

VECTORS = Path(__file__).parents[2] / "vectors" / "wire" / "frames.json"
R = RoomId("r")
BATCH = BatchId(bytes(range(1, 9)))

GOLDEN: tuple[Message, ...] = (
    JoinRequest(Magic.LOR, R, b"\x01", b"\x00"),
    JoinResponseOk(Magic.LOR, R, Permission.WRITE, b"\x00"),
    JoinError(Magic.LOR, R, JoinErrorCode.VERSION_UNKNOWN, "m", b"\x00"),
    JoinError(Magic.LOR, R, JoinErrorCode.APP, "m", app_code="q"),
    DocUpdate(Magic.LOR, R, (b"\x09\x08",), BATCH),
    FragmentHeader(Magic.LOR, R, BATCH, 2, 300),
    Fragment(Magic.LOR, R, BATCH, 1, b"\x07"),
    RoomError(Magic.LOR, R, RoomErrorCode.REJOIN_SUGGESTED, "x"),
    Leave(Magic.LOR, R),
    Ack(Magic.LOR, R, BATCH, AckStatus.PERMISSION_DENIED),
)


def golden_frames() -> list[bytes]:
    return [bytes.fromhex(entry["frame"]) for entry in json.loads(VECTORS.read_text("utf-8"))]


magics = st.sampled_from(Magic)
rooms = st.text(max_size=30).filter(lambda text: _is_utf8(text)).map(RoomId)
batches = st.binary(min_size=8, max_size=8).map(BatchId)
numbers = st.integers(0, 2**64 - 1)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
blobs = st.binary(max_size=60)


def _is_utf8(text: str) -> bool:
    try:
        return len(text.encode()) <= 128
    except UnicodeEncodeError:
        return False


messages: st.SearchStrategy[Message] = st.one_of(
    st.builds(JoinRequest, magics, rooms, blobs, blobs),
    st.builds(JoinResponseOk, magics, rooms, st.sampled_from(Permission), blobs, blobs),
    st.builds(JoinError, magics, rooms, st.just(JoinErrorCode.VERSION_UNKNOWN), texts, blobs),
    st.builds(
        JoinError, magics, rooms, st.just(JoinErrorCode.APP), texts, st.just(b""), app_code=texts
    ),
    st.builds(JoinError, magics, rooms, st.just(JoinErrorCode.AUTH_FAILED), texts),
    st.builds(DocUpdate, magics, rooms, st.lists(blobs, max_size=4).map(tuple), batches),
    st.builds(FragmentHeader, magics, rooms, batches, numbers, numbers),
    st.builds(Fragment, magics, rooms, batches, numbers, blobs),
    st.builds(RoomError, magics, rooms, st.just(RoomErrorCode.EVICTED), texts),
    st.builds(RoomError, magics, rooms, st.just(RoomErrorCode.APP), texts, app_code=texts),
    st.builds(Leave, magics, rooms),
    st.builds(Ack, magics, rooms, batches, st.sampled_from(AckStatus)),
)
