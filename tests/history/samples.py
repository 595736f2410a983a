"""Histories: any that could be, and one that could be real."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import strategies as st

from sakya_sync.history.timeline import Chapter, Did, FileWork, Pin, Session, Timeline


def oldest_first(of: list[Session]) -> tuple[Session, ...]:
    return tuple(sorted(of, key=lambda session: session.began_ms))


works = st.builds(
    FileWork,
    path=st.text(max_size=8),
    added=st.integers(0, 900),
    removed=st.integers(0, 900),
    did=st.sampled_from(Did),
    old_path=st.none() | st.text(max_size=8),
)
moments = st.integers(0, 2**41) | st.integers(-(2**63), 2**64)
sessions = st.builds(
    lambda author, began_ms, lasted_ms, offset, files, behind: Session(
        author, began_ms, began_ms + lasted_ms, offset, tuple(files), behind
    ),
    st.sampled_from(["Ada", "Bo", ""]),
    moments,
    st.integers(-1000, 10**7),
    st.integers(-2000, 2000),
    st.lists(works, max_size=3),
    st.just(0) | st.integers(-(10**9), 10**9),
)
pins = st.builds(
    Pin,
    name=st.text(max_size=9),
    automatic=st.booleans(),
    at_ms=moments,
    author=st.sampled_from(["Ada", "Bo", ""]),
    message=st.text(max_size=9),
    files=st.integers(0, 99),
    chapters=st.integers(0, 99),
    words=st.integers(0, 10**6),
)
chapters = st.builds(
    Chapter,
    path=st.text(max_size=9),
    title=st.text(max_size=9),
    words=st.integers(0, 10**5),
    target_words=st.none() | st.integers(0, 10**5),
)
timelines = st.builds(
    Timeline,
    project=st.text(max_size=9),
    sessions=st.lists(sessions, max_size=12).map(oldest_first),
    pins=st.lists(pins, max_size=6).map(tuple),
    chapters=st.lists(chapters, max_size=4).map(tuple),
    words=st.integers(0, 10**6),
)

FIRST_DAY = datetime(2023, 3, 4, tzinfo=UTC)
TITLES = (
    "Weighing Out", "Merrow Cross", "A Gate Without a Fence", "Halfway House",
    "The Line Between Two Posts", "What the Brine Keeps", "Corrow by Night", "Tamsin's Ledger",
    "Three Fords", "The Assayer", "Low Water", "Brass Weights", "A Debt in Grain", "The Widow Vask",
    "Toll", "No Road North", "Sluice", "The Year of Two Harvests", "Perrin Alone", "White Ground",
    "The Second Ledger", "Market Day", "Salt in the Well", "Dunja's Answer", "The Long Causeway",
    "What Was Owed", "Thaw", "The Empty Pan", "Kept by Use", "Home by the Salt Road",
)  # fmt: skip
SNAPSHOTS = (
    ("Outline done", "Everything has a place, nothing has a shape."),
    ("Part one, rough", ""),
    ("Before moving Merrow Cross", "The ford scene now comes first."),
    ("Half of it", "Fifty thousand. Half, or so I hope."),
    ("First draft", "It has an end."),
    ("For Ines to read", "Sent as PDF."),
    ("After Ines", "All of her notes on part one."),
    ("Cut the miller", "He never did anything."),
    ("Second draft", ""),
    ("Agent", "The first three chapters and a synopsis."),
    ("Third draft", "Read aloud, all of it."),
    ("To the editor", "Gone."),
)


def novel(*, days: int = 730, seed: int = 7) -> Timeline:
    """Two years of a novel: two authors, thirty chapters, twelve snapshots, holidays, cuts."""
    dice = Random(seed)
    found: list[Session] = []
    words = dict.fromkeys(range(len(TITLES)), 0)
    for day in range(days):
        phase = day / days
        away = day % 160 in range(90, 112)
        drafting = phase < 0.58
        for author, often in (("Maren Holt", 0.66), ("Ines Calder", 0.07 if drafting else 0.36)):
            if away or dice.random() > often:
                continue
            at = min(len(TITLES) - 1, int(phase / 0.58 * len(TITLES)))
            if not drafting:
                at = int((phase - 0.58) / 0.42 * 2 * len(TITLES)) % len(TITLES)
            began = FIRST_DAY + timedelta(days=day, minutes=dice.choice([400, 560, 1120, 1240]))
            began += timedelta(minutes=dice.randrange(50))
            touched = {at, max(0, at - dice.randrange(3))} if dice.random() < 0.5 else {at}
            files = []
            for index in sorted(touched):
                added = int(dice.gammavariate(2.2, 190 if drafting else 70))
                removed = min(words[index], int(dice.gammavariate(1.5, 30 if drafting else 75)))
                if not drafting and index == 13 and words[index]:
                    added, removed = 40, words[index] // 2
                if words[index] > 3600 + 160 * (index % 7):
                    added, removed = added // 5, min(words[index], removed + added // 6)
                did = Did.CHANGED if words[index] else Did.CREATED
                words[index] += added - removed
                files.append(FileWork(chapter_path(index), added, removed, did))
            summer = 4 <= began.month <= 10
            minutes = dice.randrange(20, 150)
            ended = began + timedelta(minutes=minutes)
            zone = (120 if summer else 60) if author == "Maren Holt" else (60 if summer else 0)
            found.append(Session(author, ms(began), ms(ended), zone, tuple(files)))
    named = []
    for number, (name, message) in enumerate(SNAPSHOTS):
        after = found[(number + 1) * len(found) // (len(SNAPSHOTS) + 1)]
        before = [session for session in found if session.ended_ms <= after.ended_ms]
        so_far = sum(session.added - session.removed for session in before)
        author = "Ines Calder" if name == "After Ines" else "Maren Holt"
        at = after.ended_ms + 600_000
        counts = (38 + number, min(30, 4 + number * 5), so_far)
        named.append(Pin(name, number == 2, at, author, message, *counts))
    targets = [None if index % 11 == 5 else 4000 + 500 * (index % 3) for index in words]
    now = tuple(
        Chapter(chapter_path(index), TITLES[index], words[index], targets[index]) for index in words
    )
    return Timeline("The Salt Road", tuple(found), tuple(named), now, sum(words.values()))


def many(*, sessions: int = 20_000, chapters: int = 1_000) -> Timeline:
    """As large as a project may get: a decade of several writers."""
    dice = Random(1)
    began = ms(FIRST_DAY)
    found = []
    for number in range(sessions):
        began += dice.randrange(60_000, 25_000_000)
        files = tuple(
            FileWork(f"manuscript/part-{at % 9}/chapter-{at}.md", dice.randrange(400), at, did)
            for at in dice.sample(range(chapters), dice.randrange(1, 4))
            for did in (Did.CHANGED,)
        )
        author = f"Writer {number % 5}"
        found.append(Session(author, began, began + 3_600_000, 60, files))
    named = tuple(
        Pin(f"Snapshot {number}", number % 3 > 0, session.ended_ms, "Writer 1", "", 9, 9, 9)
        for number, session in enumerate(found[::40])
    )
    now = tuple(
        Chapter(f"manuscript/part-{at % 9}/chapter-{at}.md", f"Chapter {at}", 900 + at, 1500)
        for at in range(chapters)
    )
    return Timeline("A Saga", tuple(found), named, now, 10**7)


def chapter_path(index: int) -> str:
    slug = TITLES[index].lower().replace(" ", "-").replace("'", "")
    return f"manuscript/{slug}.md"


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)
