import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.access.founding import found_account, found_project
from sakya_sync.access.power import Power
from sakya_sync.errors import CertificateInvalid
from sakya_sync.ids import DeviceId, SubjectId
from sakya_sync.seal.keys import SealingSecret, SigningKey
from sakya_sync.session.rooms.access import AccessRoom, closure, members_of, read_record

OWNER, DEVICE, PROJECT = (SigningKey(letter * 32) for letter in (b"o", b"d", b"p"))
ACCOUNT, SUBJECT = SubjectId(OWNER.public), SubjectId(PROJECT.public)
ACCOUNT_RECORDS = [
    item.encode()
    for item in found_account(
        OWNER, SealingSecret(b"s" * 32).public, DEVICE, SealingSecret(b"t" * 32).public
    )
]
PROJECT_RECORDS = [item.encode() for item in found_project(PROJECT, ACCOUNT)]


def filled(subject: SubjectId, bodies: list[bytes]) -> AccessRoom:
    room = AccessRoom(subject)
    room.add([read_record(body, subject, room.find) for body in bodies])
    return room


def test_records_are_numbered_as_they_came_and_once() -> None:
    room = filled(ACCOUNT, ACCOUNT_RECORDS)
    again = [read_record(body, ACCOUNT, room.find) for body in ACCOUNT_RECORDS]
    assert room.add(again) == []
    assert [record.body for record in room.records] == ACCOUNT_RECORDS
    assert again[0] in room


def test_a_projects_power_is_found_through_the_account() -> None:
    rooms = {
        ACCOUNT: filled(ACCOUNT, ACCOUNT_RECORDS),
        SUBJECT: filled(SUBJECT, PROJECT_RECORDS),
    }
    found = closure(SUBJECT, lambda subject: rooms.get(subject) or AccessRoom(subject))
    assert {ACCOUNT, SUBJECT} <= {room.subject for room in found}
    assert members_of(found).device_power(SUBJECT, DeviceId(DEVICE.public)) == Power.ADMIN
    alone = members_of([rooms[SUBJECT]])
    assert alone.device_power(SUBJECT, DeviceId(DEVICE.public)) is None


@given(st.binary(max_size=250))
def test_rubbish_gives_our_error_only(rubbish: bytes) -> None:
    with pytest.raises(CertificateInvalid):
        read_record(rubbish, SUBJECT, lambda _: None)


def test_a_forged_record_and_a_notice_are_refused() -> None:
    spoiled = PROJECT_RECORDS[0][:-1] + bytes((PROJECT_RECORDS[0][-1] ^ 1,))
    for body in (spoiled, b"N\x01\x00"):
        with pytest.raises(CertificateInvalid):
            read_record(body, SUBJECT, lambda _: None)
