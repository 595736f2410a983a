"""Makes the vectors that no public source has: `uv run python tests/vectors.py` writes them anew.

`test_vectors.py` checks that what the product makes now is what the files say.
"""

import json
from pathlib import Path
from typing import Any

from sakya_sync.access.certificates import NOTHING, accept, delegate
from sakya_sync.access.certset import CertificateSet
from sakya_sync.access.epochs import seal_epoch
from sakya_sync.access.founding import found_account, found_project
from sakya_sync.access.power import Power
from sakya_sync.ids import AuthorId, ChainHead, KeyId, PeerId, PublicKey, RoomId, SubjectId
from sakya_sync.linking.channel import FrameType
from sakya_sync.linking.codes import make_code
from sakya_sync.linking.messages import Provision, hello
from sakya_sync.linking.payload import Intent, Payload, as_text
from sakya_sync.linking.shown import Scanning, Showing, share_of
from sakya_sync.linking.tags import account_tag, device_tag
from sakya_sync.linking.typed import Giving, Typing
from sakya_sync.linking.vouching import vouching
from sakya_sync.record import header as headers
from sakya_sync.record.header import DeltaHeader, Header, SnapshotHeader
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector
from sakya_sync.seal import chain
from sakya_sync.seal.chain import Head
from sakya_sync.seal.contents import VaultContents
from sakya_sync.seal.ephemeral import EphemeralMessage, EphemeralType, seal_ephemeral
from sakya_sync.seal.genesis import document_name, file_id, file_seed, genesis_peer
from sakya_sync.seal.inner import SnapshotView
from sakya_sync.seal.keys import EpochSecret, SealingSecret, SigningKey, key_id
from sakya_sync.seal.recovery import account_key, account_sealing, words
from sakya_sync.seal.sealer import seal_delta, seal_snapshot
from sakya_sync.seal.vault import LockKind, VaultHeader, lock, passphrase_key

FOLDER = Path(__file__).parents[1] / "vectors"
OWNER, DEVICE, PROJECT = (SigningKey(letter * 32) for letter in (b"o", b"d", b"p"))
OWNER_LOCK, DEVICE_LOCK = SealingSecret(b"s" * 32), SealingSecret(b"t" * 32)
ACCOUNT, SUBJECT = SubjectId(OWNER.public), SubjectId(PROJECT.public)
SECRET = EpochSecret(b"e" * 32)
KEY, IV = KeyId(b"abcdefghijk"), bytes(range(12))
ROOM, RANDOM = RoomId("room/random"), bytes(range(32))
VIEW = SnapshotView(1, ChainHead(b"v" * 32))
CONTENTS = VaultContents(DEVICE, DEVICE_LOCK, ACCOUNT, None, "laptop")


def header_cases() -> list[dict[str, Any]]:
    cases: dict[str, Header] = {
        "a span of one peer": DeltaHeader(Span(PeerId(17), 3, 300), KEY, IV),
        "the greatest peer id": DeltaHeader(Span(PeerId(2**64 - 2), 0, 1), KEY, IV),
        "peers sorted by their text": SnapshotHeader(
            VersionVector({PeerId(9): 1, PeerId(10): 128}), KEY, IV
        ),
        "an empty document": SnapshotHeader(VersionVector(), KEY, IV),
    }
    return [{"why": why, "header": headers.encode(item).hex()} for why, item in cases.items()]


def dice_cases() -> list[dict[str, Any]]:
    """Records with the random bytes behind their nonces, which sr1.json does not print."""
    author, peer = AuthorId(DEVICE.public), PeerId(17)
    before = chain.genesis(author, ROOM)
    seen = [Head(AuthorId(OWNER.public), 4, ChainHead(b"h" * 32))]
    delta = seal_delta(
        SECRET, ROOM, DEVICE, 0, before, Span(peer, 0, 3), b"abc", seen,
        random=RANDOM, snapshot_view=VIEW,
    )  # fmt: skip
    raw = seal_delta(
        SECRET, ROOM, DEVICE, 0, before, Span(peer, 0, 300), b"a" * 300,
        random=bytes(32), compress=False,
    )  # fmt: skip
    head = Head(author, 0, delta.chain(ROOM))
    snapshot = seal_snapshot(
        SECRET, ROOM, DEVICE, 1, head.chain, VersionVector({peer: 3}), [0], [head], 2,
        VIEW.chain, b"everything", random=RANDOM,
    )  # fmt: skip
    said = EphemeralMessage(EphemeralType.MESSAGE, b"s" * 16, 7, b"cursor at 42")
    message = seal_ephemeral(SECRET, ROOM, DEVICE, said, random=RANDOM)
    common = {"room": ROOM, "epoch_secret": SECRET.hex(), "seed": DEVICE.seed.hex()}
    return [
        {"why": "a delta with an attested head and a snapshot view", **common,
         "random": RANDOM.hex(), "payload": b"abc".hex(),
         "seen": [[item.author[:8].hex(), item.wseq, item.chain.hex()] for item in seen],
         "snapshot_view": [VIEW.number, VIEW.chain.hex()],
         "nonce": delta.nonce.hex(), "record": delta.raw.hex()},
        {"why": "a payload left raw though it would shrink, with zeros for dice", **common,
         "random": bytes(32).hex(), "payload": (b"a" * 300).hex(),
         "nonce": raw.nonce.hex(), "record": raw.raw.hex()},
        {"why": "a second snapshot", **common,
         "random": RANDOM.hex(), "payload": b"everything".hex(), "parent": VIEW.chain.hex(),
         "nonce": snapshot.nonce.hex(), "record": snapshot.raw.hex()},
        {"why": "an ephemeral message", **common,
         "random": RANDOM.hex(), "session": said.session.hex(), "counter": said.counter,
         "body": said.body.hex(), "nonce": message[33:57].hex(), "message": message.hex()},
    ]  # fmt: skip


def certificate_cases() -> list[dict[str, Any]]:
    made = {
        "account": found_account(OWNER, OWNER_LOCK.public, DEVICE, DEVICE_LOCK.public),
        "project": found_project(PROJECT, ACCOUNT),
    }
    return [
        {"why": f"{name} {type(item).__name__.lower()}", "id": item.id.hex(),
         "certificate": item.encode().hex()}
        for name, items in made.items()
        for item in items
    ]  # fmt: skip


def genesis_cases() -> list[dict[str, Any]]:
    cases = []
    for path, kind, content in (
        ("a.md", 0, b"text"),
        ("caf\u00e9.md", 0, b""),
        ("m.png", 1, b"\0"),
    ):
        key = file_seed(SECRET, SUBJECT, path, kind, content)
        cases.append(
            {"path": path, "kind": kind, "content": content.hex(), "seed": key.seed.hex(),
             "file": file_id(key.public), "peer": str(genesis_peer(SECRET, SUBJECT, key.public))}
        )  # fmt: skip
    cases.append({"name": "wines", "room": document_name(SECRET, SUBJECT, "wines")})
    return cases


def recovery_cases() -> list[dict[str, Any]]:
    kits = (bytes(32), bytes(range(32)))
    return [
        {"entropy": kit.hex(), "words": words(kit), "account": account_key(kit).public.hex(),
         "sealing": account_sealing(kit).public.hex()}
        for kit in kits
    ]  # fmt: skip


def vault_cases() -> list[dict[str, Any]]:
    file = lock(CONTENTS, b"k" * 32, b"n" * 24, VaultHeader(LockKind.FILE))
    header = VaultHeader.for_passphrase(b"s" * 16, ops=1, memory_kib=8)
    typed = lock(CONTENTS, passphrase_key("correct horse", header), b"n" * 24, header)
    return [
        {"why": "a key file", "key": (b"k" * 32).hex(), "vault": file.hex()},
        {"why": "a passphrase", "passphrase": "correct horse", "vault": typed.hex()},
    ]


MEETING, OPTICAL, TOKEN = b"m" * 16, b"q" * 16, b"k" * 32
SHOWN, SCANNED, GIVING, TYPING = b"g" * 32, b"a" * 32, b"x" * 64, b"y" * 64
PHONE, PHONE_LOCK = SigningKey(b"f" * 32), SealingSecret(b"l" * 32)
FOUNDING = found_account(OWNER, OWNER_LOCK.public, DEVICE, DEVICE_LOCK.public)
CODE = make_code(7, bytes((137, 104, 237)))


def shown_payload(intent: Intent, relay: str = "wss://relay.example") -> Payload:
    existing = intent is Intent.EXISTING_SHOWS
    tag = account_tag(ACCOUNT) if existing else device_tag(PHONE.public, PHONE_LOCK.public)
    return Payload(intent, MEETING, share_of(SHOWN), OPTICAL, tag, 1_800_000_120, relay)


def payload_cases() -> list[dict[str, Any]]:
    made = {
        "an existing device shows": shown_payload(Intent.EXISTING_SHOWS),
        "a new device shows": shown_payload(Intent.NEW_SHOWS),
        "a relay on this computer": shown_payload(Intent.EXISTING_SHOWS, "ws://127.0.0.1:7450"),
    }
    return [
        {"why": why, "intent": int(item.intent), "meeting": item.meeting.hex(),
         "secret": SHOWN.hex(), "share": item.share.hex(), "optical": item.optical.hex(),
         "tag": item.tag.hex(), "expiry": item.expiry, "relay": item.relay,
         "payload": item.encode().hex(), "text": as_text(item.encode())}
        for why, item in made.items()
    ]  # fmt: skip


def handshake_case() -> dict[str, Any]:
    shown = shown_payload(Intent.EXISTING_SHOWS)
    showing, scanning = Showing(shown, SHOWN), Scanning(shown, SCANNED)
    first = scanning.begin()
    assert first is not None
    step = showing.take(first)
    assert step.answer is not None
    assert step.met is not None
    channel = step.met.channel
    return {
        "why": "a shown code, up to the first frame of the showing device",
        "payload": shown.encode().hex(), "showing_secret": SHOWN.hex(),
        "scanning_secret": SCANNED.hex(), "m1": first.hex(), "m2": step.answer.hex(),
        "h3": channel.transcript.hex(), "showing_key": channel.send_key.hex(),
        "scanning_key": channel.receive_key.hex(), "check_code": step.met.check_code,
        "frame": channel.seal(FrameType.CHECKED).hex(),
    }  # fmt: skip


def typed_case() -> dict[str, Any]:
    giving, typing = Giving(CODE, MEETING, GIVING), Typing(CODE, MEETING, TYPING)
    y = typing.begin()
    assert y is not None
    x = giving.take(y).answer
    assert x is not None
    first = typing.take(x).answer
    assert first is not None
    step = giving.take(first)
    assert step.answer is not None
    assert step.met is not None
    return {
        "why": "a typed code", "code": CODE, "words": [137, 104, 237], "meeting": MEETING.hex(),
        "giving_dice": GIVING.hex(), "typing_dice": TYPING.hex(), "x": x.hex(), "y": y.hex(),
        "m1": first.hex(), "m2": step.answer.hex(), "h3": step.met.channel.transcript.hex(),
        "giving_key": step.met.channel.send_key.hex(),
        "typing_key": step.met.channel.receive_key.hex(),
    }  # fmt: skip


def message_case() -> dict[str, Any]:
    said = hello(b"h" * 32, PHONE, PHONE_LOCK, name="phone", platform="Linux", version="0.1.0")
    granted = delegate(DEVICE, PHONE.public, ACCOUNT, Power.WRITE)
    held = vouching(CertificateSet(FOUNDING), ACCOUNT, DEVICE.public)
    provision = Provision(ACCOUNT, TOKEN, "phone", granted, held)
    accepted = accept(PHONE, ACCOUNT, PHONE_LOCK.public, granted.id)
    return {
        "why": "what the frames carry", "transcript": (b"h" * 32).hex(),
        "hello": said.encode().hex(), "provision": provision.encode().hex(),
        "done": accepted.encode().hex(), "token": TOKEN.hex(),
    }  # fmt: skip


def everything() -> dict[str, list[dict[str, Any]]]:
    """What each file holds, by its path in `vectors/`."""
    return {
        "record/headers.json": header_cases(),
        "access/certificates.json": certificate_cases(),
        "linking/handshake.json": [handshake_case()],
        "linking/messages.json": [message_case()],
        "linking/payload.json": payload_cases(),
        "linking/typed.json": [typed_case()],
        "seal/dice.json": dice_cases(),
        "seal/genesis.json": genesis_cases(),
        "seal/recovery.json": recovery_cases(),
        "seal/vault.json": vault_cases(),
    }


def epoch_case() -> dict[str, Any]:
    """Envelopes carry a key pair of their own, so this one is made once and then only opened."""
    recipients = [(PublicKey(DEVICE.public), DEVICE_LOCK.public)]
    statement = seal_epoch(PROJECT, SUBJECT, 0, SECRET, NOTHING, recipients)
    ((_, envelope),) = statement.envelopes
    return {
        "statement": statement.encode().hex(),
        "envelope": envelope.hex(),
        "secret": bytes(SECRET).hex(),
        "key_id": key_id(SECRET).decode(),
        "sealing_secret": DEVICE_LOCK.secret.hex(),
    }


def write(path: str, content: object) -> None:
    target = FOLDER / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    for path, content in everything().items():
        write(path, content)
    if not (FOLDER / "access" / "epochs.json").exists():
        case = epoch_case()
        write("access/epochs.json", [case])
        write("seal/envelope.json", [{k: case[k] for k in case if k != "statement"}])
