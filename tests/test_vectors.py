"""The vectors in `vectors/`, made anew and read."""

import json
from hashlib import blake2b, sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from sakya_sync.access.certificates import decode
from sakya_sync.access.epochs import decode_statement
from sakya_sync.errors import RecordError
from sakya_sync.linking.codes import make_code, read_code
from sakya_sync.linking.messages import read_hello, read_provision
from sakya_sync.linking.payload import decode as read_payload
from sakya_sync.linking.payload import from_text
from sakya_sync.record import header as headers
from sakya_sync.seal.envelope import open_envelope
from sakya_sync.seal.ephemeral import open_ephemeral, parse_ephemeral
from sakya_sync.seal.inner import Opened
from sakya_sync.seal.keys import EpochSecret
from sakya_sync.seal.opener import open_sealed
from sakya_sync.seal.recovery import entropy
from sakya_sync.seal.sealed import check_signature, parse
from sakya_sync.seal.vault import passphrase_key, unlock
from sakya_sync.wire.varint import Reader
from vectors import CONTENTS, DEVICE, DEVICE_LOCK, FOLDER, ROOM, SECRET, SUBJECT, everything

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


def test_the_vectors_of_linking_are_read_by_what_reads_real_ones() -> None:
    for case in stored("linking/payload.json"):
        assert from_text(case["text"]).hex() == case["payload"]
        assert read_payload(bytes.fromhex(case["payload"])).relay == case["relay"]
    (handshake,) = stored("linking/handshake.json")
    # By the formulas of docs/protocol.md, and not by the code that made them.
    shown = bytes.fromhex(handshake["payload"])
    h = sha256(b"SakyaLink/1" + len(shown).to_bytes(2, "big") + shown).digest()
    first, second = (bytes.fromhex(handshake[name]) for name in ("m1", "m2"))
    for heard in (first[:32], first, second):
        h = sha256(h + heard).digest()
    assert h.hex() == handshake["h3"]
    opened = ChaCha20Poly1305(bytes.fromhex(handshake["showing_key"])).decrypt(
        bytes(11) + b"\1", bytes.fromhex(handshake["frame"]), h
    )
    assert opened == b"\1"
    (said,) = stored("linking/messages.json")
    assert read_hello(bytes.fromhex(said["hello"]), bytes.fromhex(said["transcript"])).name
    assert read_provision(bytes.fromhex(said["provision"])).token.hex() == said["token"]
    (typed,) = stored("linking/typed.json")
    assert read_code(typed["code"]) == (7, make_code(7, bytes(typed["words"])))


def test_printed_dice_give_the_printed_nonces() -> None:
    # By the formula of docs/protocol.md, and not by the code that sealed.
    delta, raw, snapshot, message = stored("seal/dice.json")
    for case, kind, wseq in ((delta, 0, 0), (raw, 0, 0), (snapshot, 1, 1)):
        sealed = parse(bytes.fromhex(case["record"]))
        check_signature(sealed, sealed.digest(ROOM))
        opened = open_sealed(sealed, EpochSecret(bytes.fromhex(case["epoch_secret"])), ROOM)
        assert opened.payload.hex() == case["payload"]
        inner = inner_of(opened, attested=case is delta)
        place = sealed.author + wseq.to_bytes(4, "little") + sealed.prev
        assert nonce_of(kind, case["random"], place, inner) == case["nonce"] == sealed.nonce.hex()
    parsed = parse_ephemeral(bytes.fromhex(message["message"]))
    said = open_ephemeral(parsed, SECRET, ROOM)
    inner = b"\x04" + said.session + said.counter.to_bytes(8, "little") + b"\x0c\0" + said.body
    inner += bytes(128 - len(inner))
    assert nonce_of(2, message["random"], parsed.author, inner) == message["nonce"]
    assert (said.session.hex(), said.counter) == (message["session"], message["counter"])


def inner_of(opened: Opened, *, attested: bool) -> bytes:
    """A payload below 16 KiB that was not compressed, as docs/protocol.md lays it out."""
    size = len(opened.payload)
    length = bytes((size,)) if size < 128 else bytes((size & 127 | 128, size >> 7))
    inner = (b"\x04" if attested else b"\0") + length + bytes((len(opened.seen),))
    for head in opened.seen:
        inner += head.author_prefix + head.wseq.to_bytes(4, "little") + head.chain
    if opened.snapshot_view is not None:
        inner += opened.snapshot_view.number.to_bytes(4, "little") + opened.snapshot_view.chain
    inner += length + opened.payload
    return inner + bytes((256 if len(inner) <= 256 else 320) - len(inner))


def nonce_of(kind: int, random: str, place: bytes, inner: bytes) -> str:
    room = ROOM.encode()
    content = bytes((kind,)) + len(room).to_bytes(4, "little") + room
    key = blake2b(content, digest_size=32, key=SECRET, person=b"SakyaKindKey1").digest()
    content = bytes.fromhex(random) + place + blake2b(inner).digest()
    return blake2b(content, digest_size=24, key=key, person=b"SakyaNonce1").hexdigest()


def test_a_printed_epoch_opens_for_its_recipient() -> None:
    (case,) = stored("access/epochs.json")
    statement = decode_statement(bytes.fromhex(case["statement"]))
    ((recipient, envelope),) = statement.envelopes
    assert recipient == DEVICE.public
    assert [envelope.hex()] == [item["envelope"] for item in stored("seal/envelope.json")]
    assert open_envelope(envelope, SUBJECT, 0, statement.key_id, recipient, DEVICE_LOCK) == SECRET
