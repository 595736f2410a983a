"""The public vectors of sealed records, as values of ours."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sakya_sync.ids import RoomId
from sakya_sync.seal.keys import EpochSecret, SigningKey

FILE = Path(__file__).parents[2] / "vectors" / "seal" / "sr1.json"
VECTORS: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
ROOM = RoomId(VECTORS["room"])
SECRET = EpochSecret(bytes.fromhex(VECTORS["epoch_secret"]))
AUTHORS = [SigningKey(bytes.fromhex(author["seed"])) for author in VECTORS["authors"]]


@dataclass(frozen=True)
class Case:
    """One record of the file."""

    why: str
    kind: str
    author: SigningKey
    wseq: int
    payload: bytes
    raw: bytes
    values: dict[str, Any]

    def __getitem__(self, name: str) -> bytes:
        return bytes.fromhex(self.values[name])


CASES = [
    Case(
        entry["why"],
        entry["kind"],
        AUTHORS[entry["author"]],
        entry["wseq"],
        bytes.fromhex(entry["payload"]),
        bytes.fromhex(entry["record"]),
        entry,
    )
    for entry in VECTORS["records"]
]
