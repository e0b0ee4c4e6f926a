"""Who may open a history, and what is none."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from prober.canary import sql
from prober.canary.database import Sqlite, open_database
from prober.canary.history import History
from prober.errors import UsageError
from tests.support.history_places import NOTHING, START, ran

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_there_is_one_writer_and_any_reader(history: History, place: str) -> None:
    with pytest.raises(UsageError, match="another canary is writing to the history"):
        History.to_write(place)
    history.add(ran(1), NOTHING, {}, due=START)
    with closing(History.to_read(place)) as reader:
        assert [row[0] for row in reader.rows(sql.LAST_RUNS)] == ["run-1"]


def test_history_of_a_newer_prober_is_left_alone(place: str) -> None:
    with closing(History.to_write(place)):
        pass
    database = open_database(place, write=True)
    database.execute("UPDATE prober_history SET version = 99")
    database.close()
    for opener in (History.to_write, History.to_read):
        with pytest.raises(UsageError, match=f"is of version 99, and this prober knows up to {sql.VERSION}"):
            opener(place)


def test_history_of_an_older_prober_is_brought_forward(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(History.to_write(place)) as old:
        old.add(ran(1), NOTHING, {}, due=START)
    more = (*sql.MIGRATIONS, ("ALTER TABLE runs ADD COLUMN more TEXT",))
    monkeypatch.setattr(sql, "MIGRATIONS", more)
    monkeypatch.setattr(sql, "VERSION", len(more))
    with closing(History.to_write(place)) as new:
        assert new.rows("SELECT id, more FROM runs") == [("run-1", None)]
    with closing(History.to_write(place)) as again:
        assert again.rows("SELECT version FROM prober_history") == [(len(more),)]


def test_no_history_is_made_by_reading(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no history"):
        History.to_read(str(tmp_path / "none.db"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("make", "said"),
    [
        pytest.param(lambda path: path.write_text("not a database at all, but a text of some length" * 50), "cannot open the history", id="a-text"),
        pytest.param(lambda path: path.mkdir(), "cannot open the history", id="a-folder"),
        pytest.param(lambda path: sqlite3.connect(path).executescript("CREATE TABLE runs (a); CREATE TABLE b (a)").close(), "cannot make a history there", id="somebody-else's"),
    ],
)  # fmt: skip
def test_what_is_no_history_is_refused(tmp_path: Path, make: Callable[[Path], object], said: str) -> None:
    path = tmp_path / "file"
    make(path)
    with pytest.raises(UsageError, match=said):
        History.to_write(str(path))


def test_database_that_nobody_knows_is_refused_without_its_password() -> None:
    with pytest.raises(UsageError) as caught:
        History.to_write("mysql://user:hunter22@host/name")
    assert "hunter22" not in str(caught.value)


def test_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(UsageError, match="cannot open the history 'name' in PostgreSQL") as caught:
        History.to_write("postgresql://user:hunter22@127.0.0.1:1/name")
    assert "hunter22" not in str(caught.value)


def test_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    with closing(History.to_write(str(tmp_path / "h.db"))):
        assert {path.name: path.stat().st_mode & 0o077 for path in tmp_path.iterdir() if path.name == "h.db"} == {
            "h.db": 0
        }


def test_file_is_written_so_that_a_power_failure_takes_nothing_back(tmp_path: Path) -> None:
    database = Sqlite(tmp_path / "h.db", write=True)
    told = {name: database.query(f"PRAGMA {name}")[0][0] for name in ("journal_mode", "synchronous", "foreign_keys")}
    database.close()
    assert told == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
