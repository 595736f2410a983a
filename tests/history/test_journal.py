from hypothesis import given
from hypothesis import strategies as st

from history.samples import novel, timelines
from sakya_sync.history.journal import months
from sakya_sync.history.timeline import Timeline


@given(timelines, st.integers(0, 40))
def test_months_add_up_to_all_sessions_whatever_the_room(timeline: Timeline, room: int) -> None:
    found = months(timeline, room=room, files_most=2)
    assert sum(month.sessions for month in found) == len(timeline.sessions)
    assert sum(month.added for month in found) == sum(part.added for part in timeline.sessions)
    assert sum(month.removed for month in found) == sum(part.removed for part in timeline.sessions)
    assert [month.first for month in found] == sorted({m.first for m in found}, reverse=True)


@given(timelines, st.integers(0, 40))
def test_what_is_shown_is_the_newest_and_fits(timeline: Timeline, room: int) -> None:
    found = months(timeline, room=room, files_most=2)
    lines = sum(1 + min(len(e.session.files), 2) for month in found for e in month.entries)
    assert lines <= room
    dates = [entry.date for month in found for entry in month.entries]
    assert dates == sorted(dates, reverse=True)
    cut = [month for month in found if len(month.entries) < month.sessions]
    assert not cut or all(not month.entries for month in found[found.index(cut[0]) + 1 :])


@given(timelines)
def test_with_room_for_all_every_session_is_there(timeline: Timeline) -> None:
    found = months(timeline, room=10**6, files_most=2)
    shown = [entry.session for month in found for entry in month.entries]
    assert sorted(map(repr, shown)) == sorted(map(repr, timeline.sessions))


def test_the_first_entry_of_a_day_leads_it() -> None:
    for month in months(novel(), room=10**6, files_most=2):
        leads = [entry.date for entry in month.entries if entry.leads]
        assert leads == sorted({entry.date for entry in month.entries}, reverse=True)
        assert month.days == len(leads)
