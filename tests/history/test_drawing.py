import re
from datetime import UTC, datetime

from hypothesis import given

from history.samples import FIRST_DAY, many, ms, novel, timelines
from sakya_sync.history.drawing import BANDS, COLUMNS, SIDE, drawing
from sakya_sync.history.pins import numbered
from sakya_sync.history.timeline import Did, FileWork, Pin, Session, Timeline


@given(timelines)
def test_everything_drawn_is_within_the_plot(timeline: Timeline) -> None:
    chart = drawing(timeline)
    across, up = chart.places
    assert all(0 <= at <= SIDE for at in across + up)
    spots = re.findall(r"(\d+) (\d+)", chart.line)
    assert re.fullmatch(rf"(M\d+ \d+(L\d+ \d+)*(H{SIDE})?)?", chart.line)
    assert all(0 <= int(x) <= SIDE and 0 <= int(y) <= SIDE for x, y in spots)
    assert [int(x) for x, _ in spots] == sorted(int(x) for x, _ in spots)
    assert chart.area.startswith(chart.line)


@given(timelines)
def test_every_snapshot_is_on_one_head(timeline: Timeline) -> None:
    heads = drawing(timeline).heads
    assert tuple(pin for head in heads for pin in head.pins) == numbered(timeline.pins)


def test_several_snapshots_in_one_place_have_one_head() -> None:
    pins = tuple(Pin(name, False, at, "", "", 0, 0, 0) for at, name in enumerate("abc"))
    (head,) = drawing(Timeline("p", (), pins, (), 0)).heads
    assert head.label == "1–3"


def test_bands_say_what_the_curve_says() -> None:
    chart = drawing(novel())
    assert len(chart.bands) == BANDS
    assert chart.bands[0].date == "7 Mar 2023"
    assert abs(chart.bands[-1].words - novel().words) < 3000


def test_a_curve_of_two_sessions() -> None:
    began = ms(FIRST_DAY)
    day = 86_400_000
    wrote = (FileWork("a.md", 100, 0, Did.CREATED),)
    sessions = tuple(
        Session("Ada", began + at * day, began + at * day + day // 2, 0, wrote) for at in (0, 9)
    )
    chart = drawing(Timeline("p", sessions, (), (), 200))
    assert chart.line == "M0 1000L53 500L947 500L1000 0"
    assert chart.area == "M0 1000L53 500L947 500L1000 0V1000H0Z"
    assert [(tick.at, tick.label) for tick in chart.words] == [
        (0, "0"), (250, "50"), (500, "100"), (750, "150"), (1000, "200"),
    ]  # fmt: skip
    assert [tick.label for tick in chart.dates][:2] == ["4 Mar 2023", "6 Mar"]


def test_the_curve_goes_on_to_the_last_snapshot() -> None:
    began = ms(FIRST_DAY)
    wrote = (FileWork("a.md", 100, 0, Did.CREATED),)
    session = Session("Ada", began, began + 3_600_000, 0, wrote)
    pin = Pin("later", False, began + 7_200_000, "", "", 1, 1, 100)
    chart = drawing(Timeline("p", (session,), (pin,), (), 100))
    assert chart.line == "M0 1000L500 0H1000"


def test_years_stay_on_a_phone() -> None:
    kept = [tick.label for tick in drawing(novel()).dates if not tick.minor]
    assert kept == ["Jul", "2024", "Jul", "2025"]


def test_a_long_history_is_a_short_path() -> None:
    assert len(drawing(many()).line) < 4 * (COLUMNS + 1) * len("L1000 1000")


def test_the_end_of_all_years_is_drawn_too() -> None:
    end = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp() * 1000) * 10
    pins = (Pin("far", False, end, "", "", 0, 0, 0),)
    assert drawing(Timeline("p", (), pins, (), 0)).dates == ()


def test_a_crowd_of_snapshots_makes_few_heads_with_one_number_each() -> None:
    heads = drawing(many()).heads
    assert len(heads) <= 18
    assert heads[-1].label == "167"
    assert sum(len(head.pins) for head in heads) == 500
