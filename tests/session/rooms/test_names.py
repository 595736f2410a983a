import pytest

from relay.people import SUBJECT, b64u
from sakya_sync.ids import RoomId
from sakya_sync.session.rooms.names import RoomName, parse_room, room_id
from sakya_sync.session.rooms.table import SEALED
from sakya_sync.wire.messages import Magic

KEY = b64u(SUBJECT)


@pytest.mark.parametrize("name", ["structure", "home", "a" * 22, "b" * 43])
def test_a_subjects_sealed_rooms_are_read_back_as_they_are_written(name: str) -> None:
    room = room_id(SUBJECT, name)
    assert room == f"{KEY}/{name}"
    assert parse_room(Magic.ELO, room) == RoomName(SUBJECT, name)
    assert RoomName(SUBJECT, name).room == room


def test_only_the_access_room_is_an_access_room() -> None:
    assert parse_room(Magic.SKA, RoomId(f"{KEY}/access")) == RoomName(SUBJECT, "access")
    assert parse_room(Magic.SKA, RoomId(f"{KEY}/structure")) is None
    assert parse_room(Magic.ELO, RoomId(f"{KEY}/access")) is None


def test_ephemeral_rooms_have_the_names_of_the_rooms_they_go_with() -> None:
    assert parse_room(Magic.SKE, RoomId(f"{KEY}/structure")) == RoomName(SUBJECT, "structure")
    assert parse_room(Magic.SKE, RoomId(f"{KEY}/access")) is None


@pytest.mark.parametrize("magic", [magic for magic in Magic if magic not in SEALED])
def test_rooms_of_other_kinds_are_not_served(magic: Magic) -> None:
    assert parse_room(magic, RoomId(f"{KEY}/structure")) is None
    assert parse_room(magic, RoomId(f"{KEY}/access")) is None


@pytest.mark.parametrize(
    "room",
    [
        "",
        "/",
        "structure",
        KEY,
        f"{KEY}/",
        f"{KEY}/a/b",
        f"{KEY}/..",
        f"{KEY}/stru cture",
        f"{KEY}/structüre",
        f"{KEY[:-1]}/structure",
        f"{KEY}A/structure",
        f"{'=' * 43}/structure",
        f"{'ä' * 43}/structure",
    ],
)
def test_a_name_of_any_other_form_is_no_room(room: str) -> None:
    assert parse_room(Magic.ELO, RoomId(room)) is None


def test_a_room_has_one_name_only() -> None:
    # 43 characters carry 258 bits: the last two are ignored by decoders.
    spelled = {
        f"{KEY[:-1]}{last}" for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    }
    good = [key for key in spelled if parse_room(Magic.ELO, RoomId(f"{key}/home")) is not None]
    assert len(good) <= len(spelled) // 4 + 1
    assert all(
        b64u(parsed.subject) in good
        for key in good
        if (parsed := parse_room(Magic.ELO, RoomId(f"{key}/home")))
    )
