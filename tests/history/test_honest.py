from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.history.honest import date
from sakya_sync.ids import AuthorId, PeerId, PublicKey
from sakya_sync.record import versions
from sakya_sync.record.spans import Span
from sakya_sync.record.versions import VersionVector
from sakya_sync.replica.commits import Commit, Stamp

NOW = 2_000_000_000
ANNA, BOB = AuthorId(PublicKey(b"a" * 32)), AuthorId(PublicKey(b"b" * 32))
AUTHORS = {PeerId(1): ANNA, PeerId(2): BOB, PeerId(3): ANNA}


def commit(
    peer: int, start: int, at_s: int | None, before: dict[int, int] | None = None, lamport: int = 0
) -> Commit:
    known = VersionVector({PeerId(key): end for key, end in (before or {}).items()})
    stamp = None if at_s is None else Stamp(at_s, 0)
    return Commit(Span(PeerId(peer), start, start + 1), lamport, stamp, known)


def times(commits: list[Commit], began_s: int = 0) -> list[int]:
    return [item.at_s for item in date(commits, AUTHORS.get, began_s, NOW)]


def chain(*told: int) -> list[Commit]:
    """What one peer wrote, by its clock."""
    return [commit(1, number, at_s, {1: number}) for number, at_s in enumerate(told)]


def test_honest_clocks_are_believed() -> None:
    commits = [commit(1, 0, 100), commit(2, 0, 150), commit(1, 1, 200, {1: 1})]
    dated = date(commits, AUTHORS.get, 0, NOW)
    assert [(item.author, item.at_s, item.behind_s) for item in dated] == [
        (ANNA, 100, 0),
        (BOB, 150, 0),
        (ANNA, 200, 0),
    ]


def test_nothing_is_dated_before_what_its_author_knew_of() -> None:
    # Bob's clock is a day behind, and he answers to what Anna wrote.
    dated = date([commit(1, 0, 90_000), commit(2, 0, 3_600, {1: 1})], AUTHORS.get, 0, NOW)
    assert [item.at_s for item in dated] == [90_000, 90_000]
    assert dated[1].behind_s == 86_400


def test_a_clock_that_was_fast_for_a_while_dates_only_that_while_wrong() -> None:
    assert times(chain(10, 20, 999, 30, 40)) == [10, 20, 20, 30, 40]


def test_a_clock_that_lost_its_battery_drags_nothing_back() -> None:
    assert times(chain(10, 15, 20, 1, 2, 30, 40)) == [10, 15, 20, 20, 20, 30, 40]


def test_nothing_was_made_in_the_future_and_what_has_no_time_began_the_file() -> None:
    assert times([commit(3, 0, None), commit(1, 0, NOW + 500, {3: 1})], began_s=77) == [77, NOW]


@given(
    st.lists(
        st.tuples(st.sampled_from([1, 2, 3]), st.integers(1, 3_000_000_000), st.booleans()),
        max_size=30,
    )
)
def test_whatever_clocks_say_causes_come_first_and_every_commit_is_dated(
    written: list[tuple[int, int, bool]],
) -> None:
    ends: dict[int, int] = {}
    commits = []
    for lamport, (peer, at_s, informed) in enumerate(written):
        own = {peer: ends[peer]} if peer in ends else {}
        commits.append(commit(peer, ends.get(peer, 0), at_s, ends if informed else own, lamport))
        ends[peer] = ends.get(peer, 0) + 1
    dated = date(commits, AUTHORS.get, 0, NOW)
    assert sorted(item.commit.lamport for item in dated) == list(range(len(commits)))
    assert [item.at_s for item in dated] == sorted(item.at_s for item in dated)
    done = versions.EMPTY
    for item in dated:
        assert done.includes(item.commit.before)
        done = done.advance(item.commit.span.peer, item.commit.span.end)
