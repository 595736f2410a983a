from sakya_sync.wire.messages import AckStatus, JoinErrorCode, Magic, Permission, RoomErrorCode


def test_the_words_on_the_wire_are_those_of_the_protocol() -> None:
    assert {magic.value for magic in Magic} == {
        b"%ELO", b"%SKA", b"%SKE", b"%SKB", b"%SKM", b"%LOR", b"%EPH", b"%EPS", b"%FLO", b"%YJS",
        b"%YAW",
    }  # fmt: skip
    assert [p.value for p in Permission] == ["read", "write"]
    assert [int(status) for status in AckStatus] == [0, 1, 3, 4, 5, 6, 7, 0x7F]
    assert [int(code) for code in JoinErrorCode] == [0, 1, 2, 0x7F]
    assert [int(code) for code in RoomErrorCode] == [1, 2, 0x7F]
