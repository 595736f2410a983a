from sakya_sync.replica.changes import (
    HeadMoved,
    PendingAdded,
    PendingCleared,
    RecordAcked,
    RecordKept,
)

from .desk import SECRET, replica, write


def test_an_edit_is_kept_before_it_is_sealed_and_sealed_before_it_is_sent() -> None:
    writer = replica()
    write(writer, "edit")
    assert [type(change) for change in writer.changes()] == [PendingAdded]
    writer.seal(SECRET, lambda: bytes(32))
    kinds = [type(change) for change in writer.changes()]
    assert kinds[0] is RecordKept
    assert HeadMoved in kinds
    assert kinds[-1] is PendingCleared
    (parcel,) = writer.parcels()
    assert writer.changes() == []
    writer.acked(parcel)
    assert [type(change) for change in writer.changes()] == [RecordAcked]
