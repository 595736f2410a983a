import asyncio
from collections.abc import Sequence

from sakya_sync.bus.local import LocalBus


class Reader:
    def __init__(self) -> None:
        self.got: list[list[bytes]] = []

    def push(self, frames: Sequence[bytes]) -> None:
        self.got.append(list(frames))


def bus(encoded: list[str]) -> LocalBus[str]:
    def encode(topic: str, updates: list[bytes]) -> list[bytes]:
        encoded.append(topic)
        return [b"+".join(updates)]

    return LocalBus(encode)


async def test_one_turn_of_the_loop_is_one_write_encoded_once() -> None:
    encoded: list[str] = []
    local, readers, writer = bus(encoded), [Reader() for _ in range(5)], Reader()
    for reader in (*readers, writer):
        local.subscribe("room", reader)
    for update in (b"1", b"2", b"3"):
        local.publish("room", update, writer)
    await asyncio.sleep(0)
    assert [reader.got for reader in readers] == [[[b"1+2+3"]]] * 5
    assert writer.got == []
    assert encoded == ["room"]


async def test_who_also_wrote_gets_what_the_others_wrote() -> None:
    local, one, two = bus([]), Reader(), Reader()
    local.subscribe("room", one)
    local.subscribe("room", two)
    local.publish("room", b"1", one)
    local.publish("room", b"2", two)
    await asyncio.sleep(0)
    assert (one.got, two.got) == ([[b"2"]], [[b"1"]])


async def test_who_comes_late_or_has_left_gets_nothing() -> None:
    local, early, late = bus([]), Reader(), Reader()
    local.subscribe("room", early)
    local.publish("room", b"1", None)
    local.subscribe("room", late)
    local.unsubscribe("room", early)
    local.publish("other", b"2", None)
    await asyncio.sleep(0)
    assert (early.got, late.got) == ([[b"1"]], [])
    assert list(local.subscribers("room")) == [late]
