from hashlib import blake2b

from sakya_sync.access.heads import project_digest, replace_digest, room_digest
from sakya_sync.ids import AuthorId, ChainHead, PublicKey, RoomId
from sakya_sync.seal.chain import Head

from .people import digest

ROOM = RoomId("subject/structure")
HEADS = [
    Head(AuthorId(PublicKey(digest(n))), i, ChainHead(digest(n * 2))) for i, n in enumerate("ab")
]


def test_a_rooms_digest_is_of_its_name_and_its_sorted_heads() -> None:
    rows = sorted(item.author + item.wseq.to_bytes(4, "little") + item.chain for item in HEADS)
    content = len(ROOM).to_bytes(4, "little") + ROOM.encode() + b"".join(rows)
    expected = blake2b(content, digest_size=32, person=b"SakyaRoomHead1").digest()
    assert room_digest(ROOM, HEADS) == room_digest(ROOM, HEADS[::-1]) == expected
    assert room_digest(RoomId("subject/home"), HEADS) != expected
    assert room_digest(ROOM, HEADS[:1]) != expected


def test_a_projects_digest_is_the_xor_of_its_rooms() -> None:
    one, two, three = (digest(name) for name in ("1", "2", "3"))
    assert project_digest([]) == bytes(32)
    assert project_digest([one]) == one
    assert project_digest([one, two]) == bytes(x ^ y for x, y in zip(one, two, strict=True))
    assert project_digest([one, two, three]) == project_digest([three, one, two])


def test_a_room_that_changed_is_replaced_without_the_others() -> None:
    one, two, three = (digest(name) for name in ("1", "2", "3"))
    assert replace_digest(project_digest([one, two]), two, three) == project_digest([one, three])
    assert replace_digest(project_digest([one]), None, two) == project_digest([one, two])
