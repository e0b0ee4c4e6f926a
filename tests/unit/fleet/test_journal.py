"""The journal: what is begun is never begun again unseen, whatever a crash has left of the file."""

from __future__ import annotations

import os
import resource
import stat
from typing import TYPE_CHECKING

import pytest

from prober.errors import DefinitionError, ProberError, UsageError
from prober.fleet.journal import EarlierResults, Journal
from prober.fleet.tasks import Cause, FleetVerdict, Result

if TYPE_CHECKING:
    from pathlib import Path

LEAK = Result(
    name="a", verdict=FleetVerdict.LEAK, sentence="LEAK: 1 route is open", requests=9,
    causes=(Cause(surface="me", route="GET /api/me", verdict="leak", reason="granted"),),
)  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of a run that ended in the middle: a is done, b begun, c withdrawn."""
    with Journal(tmp_path / "journal") as journal:
        journal.start(run="0123abcd", digest="d")
        for name in ("a", "b", "c"):
            journal.begin(name)
        journal.finish(LEAK)
        journal.withdraw("c")
    return tmp_path / "journal"


def resumed(path: Path, digest: str = "d") -> EarlierResults:
    with Journal(path) as journal:
        return journal.resume(digest=digest)


def test_what_is_done_and_what_was_begun_is_read_again(path: Path) -> None:
    earlier = resumed(path)
    assert (earlier.run, earlier.done, earlier.begun) == ("0123abcd", {"a": LEAK}, frozenset({"b"}))


def test_a_line_that_was_cut_short_says_nothing(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"type": "done", "name": "b", "verd')
    with Journal(path) as journal:
        assert journal.resume(digest="d").begun == {"b"}
        journal.begin("d")
    assert resumed(path).begun == {"b", "d"}


def test_a_deployment_that_is_begun_again_is_not_done_until_it_ends(path: Path) -> None:
    with Journal(path) as journal:
        journal.resume(digest="d")
        journal.begin("a")
    earlier = resumed(path)
    assert (earlier.begun, earlier.done) == (frozenset({"a", "b"}), {})


def test_a_changed_fleet_is_refused(path: Path) -> None:
    with pytest.raises(UsageError, match="have changed since the journal"):
        resumed(path, digest="other")


def test_an_earlier_journal_is_not_overwritten(path: Path) -> None:
    before = path.read_bytes()
    with Journal(path) as journal, pytest.raises(UsageError, match="is of an earlier run"):
        journal.start(run="x", digest="d")
    assert path.read_bytes() == before


def test_two_clients_cannot_write_one_journal(path: Path) -> None:
    with Journal(path), pytest.raises(UsageError, match="another run is writing the journal"):
        Journal(path)
    Journal(path).close()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("", UsageError, id="empty"),
        pytest.param("[]\n", DefinitionError, id="another-file"),
        pytest.param('{"type": "fleet", "digest": "d"}\n{"type": "done", "name": "a"}\n', DefinitionError, id="a-line"),
    ],
)
def test_what_is_no_journal_is_refused(text: str, error: type[Exception], tmp_path: Path) -> None:
    (tmp_path / "journal").write_text(text, encoding="utf-8")
    with pytest.raises(error):
        resumed(tmp_path / "journal")


@pytest.mark.parametrize(
    "text", ["fleet: acme\ndeployments: []", "no line at all", '{"type": "fleet", "digest": "other"}\n{"ty']
)
def test_a_file_that_is_refused_stays_as_it_is(text: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    with Journal(path) as journal, pytest.raises(ProberError):
        journal.resume(digest="d")
    assert path.read_text() == text


def test_what_is_begun_is_on_the_disk_before_anything_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append((tmp_path / "journal").read_text(encoding="utf-8"))
        real(handle)

    with Journal(tmp_path / "journal") as journal:
        monkeypatch.setattr(os, "fsync", fsync)
        journal.begin("shop-prod")
        assert "shop-prod" in synced[-1]


def test_wherever_a_crash_has_cut_a_journal_nothing_that_was_begun_is_forgotten(path: Path, tmp_path: Path) -> None:
    whole = path.read_bytes()
    begun = [f'{{"type": "begun", "name": "{name}"}}\n'.encode() for name in "ab"]
    ends = {name: whole.index(line) + len(line) for name, line in zip("ab", begun, strict=True)}
    for end in range(whole.index(b"\n") + 1, len(whole)):
        (tmp_path / "cut").write_bytes(whole[:end])
        earlier = resumed(tmp_path / "cut")
        assert {name for name, at in ends.items() if at <= end} <= earlier.begun | earlier.done.keys()


def test_half_a_line_of_a_full_disk_spoils_no_line_that_finds_room(path: Path) -> None:
    limit = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = path.read_bytes()
    with Journal(path) as journal:
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 10, limit[1]))
            with pytest.raises(UsageError, match="could not be written: File too large"):
                journal.begin("shop-prod")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        assert path.read_bytes() == before
        journal.begin("shop-test")
    assert resumed(path).begun == {"b", "shop-test"}


def test_a_journal_is_for_its_owner_alone_and_goes_through_no_link(path: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe"):
        with pytest.raises(UsageError, match=name):
            Journal(tmp_path / name)
