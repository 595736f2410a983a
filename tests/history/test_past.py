from sakya_sync.history.past import Past
from sakya_sync.ids import AuthorId, PeerId, PublicKey
from sakya_sync.record import versions
from sakya_sync.replica.commits import Stamp
from sakya_sync.replica.document import Document
from sakya_sync.replica.steps import Insert, Retain

MORNING, NOW = 1_790_000_000, 1_800_000_000
AUTHORS = {number: AuthorId(PublicKey(bytes([number]) * 32)) for number in (1, 2)}


def past(document: Document) -> Past:
    return Past(document, lambda peer: AUTHORS[peer], now_s=NOW)


def written() -> Document:
    one, other = Document(PeerId(1)), Document(PeerId(2))
    for hour in range(3):
        with one.edit(Stamp(MORNING + 3600 * hour, 0)):
            one.apply_steps([Retain(len(one.text())), Insert(f"At {hour}. ")])
    other.import_update(one.export_since(versions.EMPTY))
    with other.edit(Stamp(MORNING + 9000, 0)):
        other.apply_steps([Insert("Bob. ")])
    return other


def test_a_document_can_be_seen_as_it_was_at_any_moment() -> None:
    document = written()
    seen = past(document)
    moments = {0: "", MORNING: "At 0. ", MORNING + 3599: "At 0. ", MORNING + 3600: "At 0. At 1. "}
    for at_s, text in moments.items():
        assert document.text_at(seen.frontier_at(at_s)) == text
    assert document.text_at(seen.frontier_at(NOW)) == document.text()
    assert seen.version_at(NOW) == document.version()


def test_runs_are_cut_where_neighbours_do_not_belong_together() -> None:
    document = written()
    by_author = list(past(document).runs(lambda one, other: one.author == other.author))
    assert [(run.first.author, run.first.at_s, run.last.at_s) for run in by_author] == [
        (AUTHORS[1], MORNING, MORNING + 7200),
        (AUTHORS[2], MORNING + 9000, MORNING + 9000),
    ]
    assert document.text_at(by_author[0].frontier) == "At 0. At 1. At 2. "
    assert document.text_at(by_author[1].frontier) == document.text()
    alone = list(past(document).runs(lambda one, other: False))
    assert [document.text_at(run.frontier) for run in alone][-2:] == [
        "At 0. At 1. At 2. ",
        "Bob. At 0. At 1. At 2. ",
    ]
