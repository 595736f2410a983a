import sqlite3
from collections.abc import Sequence
from contextlib import closing

from hypothesis import given
from hypothesis import strategies as st

from sakya_sync.store.statements import Insertion, Statement, Statements

VALUES = st.none() | st.binary() | st.text() | st.integers(-(2**63), 2**63 - 1)


def test_nothing_asked_for_is_nothing_to_commit() -> None:
    assert not Statements()
    assert Statements().statements == []


@given(st.lists(st.tuples(st.text(), st.lists(VALUES))))
def test_statements_keep_the_order_they_were_asked_for_in(
    asked: Sequence[tuple[str, Sequence[object]]],
) -> None:
    batch = Statements()
    for sql, parameters in asked:
        batch.add(sql, *parameters)
    assert len(batch) == len(asked)
    assert batch.statements == [Statement(sql, tuple(parameters)) for sql, parameters in asked]


@given(st.text().filter(lambda text: "\0" not in text))
def test_a_parameter_is_a_value_whatever_it_spells(text: str) -> None:
    batch = Statements()
    batch.add("CREATE TABLE kept (value TEXT)")
    batch.add("INSERT INTO kept VALUES (?)", text)
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in batch.statements:
            connection.execute(statement.sql, statement.parameters)
        assert connection.execute("SELECT value FROM kept").fetchall() == [(text,)]


def test_batches_share_nothing() -> None:
    one, other = Statements(), Statements()
    one.add("DELETE FROM kept")
    assert len(other) == 0


@given(st.lists(st.tuples(st.integers(0, 50), st.text(max_size=3)), max_size=300))
def test_any_number_of_rows_is_inserted_in_order_and_later_ones_win(
    rows: list[tuple[int, str]],
) -> None:
    insertion = Insertion(
        "kept (key, value)", 2, "ON CONFLICT DO UPDATE SET value = excluded.value"
    )
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE kept (key INTEGER PRIMARY KEY, value TEXT)")
        insertion.execute(connection, rows)
        assert dict(connection.execute("SELECT key, value FROM kept")) == dict(rows)
