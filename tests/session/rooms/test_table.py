import re
from pathlib import Path

import pytest

from sakya_sync.session.rooms.table import PLAIN, SEALED, DocumentPolicy, LogPolicy
from sakya_sync.wire.messages import Magic

PROTOCOL = Path(__file__).parents[3] / "docs" / "protocol.md"


@pytest.mark.parametrize("magic", PLAIN, ids=str)
def test_a_plain_room_begins_empty_and_welcomes_whoever_has_nothing(magic: Magic) -> None:
    match PLAIN[magic]:
        case LogPolicy(make=log):
            answer = log().welcome(b"", 0.0)
        case DocumentPolicy(make=document):
            answer = document().welcome(b"")
    assert not getattr(answer, "updates", None)
    assert not getattr(answer, "stored", None)


def test_the_page_names_every_kind_of_room_as_the_table_has_it() -> None:
    shown = re.findall(
        r"^\| `(%\w+)` \| (sealed|plain) \| ([^|]*) \| ([^|]*) \|",
        PROTOCOL.read_text("utf-8"),
        re.MULTILINE,
    )
    rows = [(m.value.decode(), "sealed", p.version, p.kept) for m, p in SEALED.items()]
    rows += [(m.value.decode(), "plain", q.version, q.kept) for m, q in PLAIN.items()]
    assert [tuple(map(str.strip, row)) for row in shown] == rows
