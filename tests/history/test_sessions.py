from sakya_sync.history.honest import Dated
from sakya_sync.history.sessions import PAUSE_S, Sessions, together
from sakya_sync.history.timeline import Did, FileWork
from sakya_sync.ids import AuthorId, PeerId, PublicKey
from sakya_sync.record import versions
from sakya_sync.record.spans import Span
from sakya_sync.replica.commits import Commit, Stamp

ANNA, BOB = AuthorId(PublicKey(b"a" * 32)), AuthorId(PublicKey(b"b" * 32))


def written(author: AuthorId, at_s: int, told_s: int | None = None) -> Dated:
    stamp = Stamp(at_s if told_s is None else told_s, 60)
    return Dated(Commit(Span(PeerId(1), at_s, at_s + 1), 0, stamp, versions.EMPTY), author, at_s)


def test_a_long_pause_ends_a_session_and_another_author_does_not() -> None:
    morning, soon, later = 1000, 1000 + PAUSE_S, 1001 + 2 * PAUSE_S
    anna = [written(ANNA, at_s) for at_s in (later, morning, soon)]
    bob = written(BOB, morning + 1)
    sessions = Sessions([*anna, bob])
    assert sessions.of(anna[1]) == sessions.of(anna[2]) != sessions.of(anna[0])
    assert sessions.of(bob) not in {sessions.of(item) for item in anna}
    told = sessions.tell(sessions.of(anna[1]), "Anna", ())
    assert (told.author, told.began_ms, told.ended_ms) == ("Anna", morning * 1000, soon * 1000)
    assert (told.utc_offset_minutes, told.clock_behind_seconds) == (60, 0)


def test_a_session_tells_the_farthest_that_its_clock_was_off() -> None:
    parts = [written(ANNA, 1000, 990), written(ANNA, 1100, 1400)]
    sessions = Sessions(parts)
    assert sessions.tell(sessions.of(parts[0]), "Anna", ()).clock_behind_seconds == -300


def test_what_was_done_to_one_file_counts_together_and_the_greater_thing_is_told() -> None:
    created = FileWork("a.md", 10, 0, Did.CREATED)
    changed = FileWork("a.md", 2, 1, Did.CHANGED)
    renamed = FileWork("b.md", 0, 0, Did.RENAMED, "a.md")
    assert together(None, changed) == changed
    assert together(created, changed) == FileWork("a.md", 12, 1, Did.CREATED)
    assert together(changed, renamed) == FileWork("b.md", 2, 1, Did.RENAMED, "a.md")
