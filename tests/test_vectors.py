"""The vectors in `vectors/`, made anew and read."""

import json
from typing import Any

import pytest

from sakya_sync.access.certificates import decode
from sakya_sync.access.epochs import decode_statement
from sakya_sync.errors import RecordError
from sakya_sync.record import header as headers
from sakya_sync.seal.envelope import open_envelope
from sakya_sync.seal.recovery import entropy
from sakya_sync.seal.vault import passphrase_key, unlock
from sakya_sync.wire.varint import Reader
from vectors import CONTENTS, DEVICE, DEVICE_LOCK, FOLDER, SECRET, SUBJECT, everything

MADE = everything()


def stored(path: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((FOLDER / path).read_text("utf-8"))
    return cases


@pytest.mark.parametrize("path", MADE)
def test_what_is_made_now_is_what_the_vectors_say(path: str) -> None:
    assert stored(path) == MADE[path]


def test_the_vectors_are_read_by_what_opens_real_ones() -> None:
    for case in stored("record/headers.json"):
        raw = bytes.fromhex(case["header"])
        assert headers.encode(headers.decode(Reader(raw, RecordError))) == raw
    for case in stored("access/certificates.json"):
        assert decode(bytes.fromhex(case["certificate"])).id.hex() == case["id"]
    for case in stored("seal/recovery.json"):
        assert entropy(case["words"]).hex() == case["entropy"]
    by_file, by_passphrase = stored("seal/vault.json")
    key = bytes.fromhex(by_file["key"])
    assert unlock(bytes.fromhex(by_file["vault"]), lambda _: key) == CONTENTS
    typed = by_passphrase["passphrase"]
    vault = bytes.fromhex(by_passphrase["vault"])
    assert unlock(vault, lambda header: passphrase_key(typed, header)) == CONTENTS


def test_a_printed_epoch_opens_for_its_recipient() -> None:
    (case,) = stored("access/epochs.json")
    statement = decode_statement(bytes.fromhex(case["statement"]))
    ((recipient, envelope),) = statement.envelopes
    assert recipient == DEVICE.public
    assert [envelope.hex()] == [item["envelope"] for item in stored("seal/envelope.json")]
    assert open_envelope(envelope, SUBJECT, 0, statement.key_id, recipient, DEVICE_LOCK) == SECRET
