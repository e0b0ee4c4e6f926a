"""The canary's page on its port: who may look, what is on it, and what no client can do to the watch beside it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import re
import socket
import time
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import html5lib
import pytest

from prober.app.selftest_page import page_cases
from prober.canary.alert_state import step
from prober.canary.finding_state import Moment, RunFinding, StateUpdate
from prober.canary.history import History
from prober.canary.history_rows import CompletedRun
from prober.canary.history_thread import HistoryThread
from prober.canary.metrics import Metrics
from prober.canary.snapshot import Snapshot, name_of
from prober.canary.status import site
from prober.canary.status.access import GROUPS, MOST_ADDRESSES, MOST_GUESSES, SLOWLY, Access
from prober.canary.status.http_server import MOST_CONNECTIONS, MOST_HEAD, HttpRequest, Listener, Reply, listening
from prober.canary.status.page import run_path
from prober.canary.status.site import serve
from prober.canary.times import stamp
from prober.model import Change, Reason, Verdict
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine
    from pathlib import Path

    from prober.canary.finding_state import FindingState
    from prober.model import Report
    from prober.report.shape import Record

pytestmark = pytest.mark.integration

TOKEN = "0123456789abcdef-page"
RIGHT = f"Authorization: Bearer {TOKEN}"
AT = 1_795_341_600.0  # 2026-11-22 10:00 UTC
NO_CURL = "curl -qgsSi"


# --- the scene --------------------------------------------------------------------------------------------------------


@pytest.fixture
def leaking(mixed_report: Report) -> Record:
    return record(mixed_report)


def known(found: Record, at: float = AT) -> dict[str, FindingState]:
    """What stands after this one run, at a release."""
    moment = Moment(run=name_of(found), at=stamp(at), release="1.0.397", before="1.0.396")
    seen = [
        RunFinding(id=f["id"], verdict=Verdict(f["verdict"]), reason=f["reason"], detail=f["detail"])
        for f in found["findings"]
    ]
    return {s.id: s for s in step({}, seen, moment, confirm=1).states}


def now_of(found: Record | None, at: float = AT, **more: Any) -> Snapshot:
    facts: dict[str, Any] = {
        "at": at, "started": AT - 60, "next_run": None, "record": found, "states": known(found) if found else {},
        "last_finished": at, "last_locked": None, "finished": 1, "crashed": 0, "missed": 0,
    }  # fmt: skip
    return Snapshot(**{**facts, **more})


def kept(tmp_path: Path, found: Record | None) -> History:
    """A history that holds this run."""
    history = History.to_write(str(tmp_path / "history.db"))
    if found is not None:
        ran = CompletedRun(id=name_of(found), started_at=stamp(AT), ended_at=stamp(AT), state="finished", sentence="LEAK: x", record=found)  # fmt: skip
        history.add(ran, StateUpdate(states=tuple(known(found).values()), gone=(), transitions=()), {}, due=AT)
    return history


class Visitor:
    """Sends bytes to a port, and reads what comes back."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def raw(self, sent: bytes) -> tuple[int, str, bytes]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(sent)
        answer = await asyncio.wait_for(reader.read(), 10)
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        return int(head.split(b" ")[1]) if head else 0, head.decode("latin-1"), body

    async def get(self, path: str, *headers: str, host: str = "127.0.0.1", method: str = "GET") -> tuple[int, str, str]:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *headers, "", ""]
        status, head, body = await self.raw("\r\n".join(lines).encode())
        return status, head, body.decode()


@asynccontextmanager
async def served(
    now: Snapshot, history: History, *, token: str | None = None, store: HistoryThread | None = None
) -> AsyncIterator[Visitor]:
    at = store or HistoryThread(history)
    place = listening("127.0.0.1", 0)
    said: list[str] = []
    access = Access(token=token, names=("localhost",), now=time.monotonic)
    task = asyncio.ensure_future(
        serve(lambda: now, store=at, access=access, metrics=Metrics, every=60.0, place=place, log=said.append)
    )
    try:
        yield Visitor(place.getsockname()[1])
    finally:
        task.cancel()
        await asyncio.wait({task})
        await at.close(within=2)
        assert said == []


def visit(now: Snapshot, history: History, look: Callable[[Visitor], Coroutine[None, None, Any]], **how: Any) -> Any:
    async def main() -> Any:
        async with served(now, history, **how) as visitor:
            return await look(visitor)

    return asyncio.run(main())


def get(now: Snapshot, history: History, path: str, *headers: str, **how: Any) -> tuple[int, str, str]:
    found: tuple[int, str, str] = visit(now, history, lambda v: v.get(path, *headers), **how)
    return found


# --- who may look -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "about", "missed"), [pytest.param(*case, id=case[0]) for case in page_cases()])
def test_the_lock_holds_as_the_selftest_tries_it(name: str, about: str, missed: Callable[[], str | None]) -> None:
    assert missed() is None, f"{name}: {about}"


def asked(authorization: str | None = None, *, client: str = "192.0.2.1", host: str = "h") -> HttpRequest:
    sent = [("host", host)] + ([("authorization", authorization)] if authorization else [])
    return HttpRequest(target="/", headers=tuple(sent), client=client)


def basic(said: str) -> str:
    return "Basic " + base64.b64encode(said.encode()).decode()


@pytest.mark.parametrize(
    ("said", "status"),
    [
        pytest.param(f"Bearer {TOKEN}", None, id="bearer"),
        pytest.param(f"bEARER  {TOKEN} ", None, id="case-and-spaces"),
        pytest.param(basic(f"anybody:{TOKEN}"), None, id="password"),
        pytest.param(basic(TOKEN), 401, id="as-the-user"),
        pytest.param(f"Bearer {TOKEN[1:]}", 401, id="a-letter-short"),
        pytest.param(f"Bearer {TOKEN.upper()}", 401, id="upper-case"),
        pytest.param("Bearer é", 401, id="not-ascii"),
        pytest.param("Negotiate x", 401, id="another-scheme"),
        pytest.param(None, 401, id="nothing"),
    ],
)
def test_a_token_opens_and_nothing_else_does(said: str | None, status: int | None) -> None:
    refused = Access(token=TOKEN, names=(), now=lambda: 0.0).refusal(asked(said))
    assert (refused.status if refused else None) == status
    assert refused is None or TOKEN.encode() not in refused.body


def test_two_credentials_are_none() -> None:
    both = HttpRequest(target="/", headers=(("authorization", f"Bearer {TOKEN}"),) * 2, client="192.0.2.1")
    refused = Access(token=TOKEN, names=(), now=lambda: 0.0).refusal(both)
    assert refused is not None
    assert refused.status == 401


def statuses(access: Access, *guesses: HttpRequest) -> list[int | None]:
    return [refused.status if (refused := access.refusal(guess)) else None for guess in guesses]


def group_of(token: str) -> int:
    return hmac.digest(b"k", hashlib.sha256(token.encode()).digest(), "sha256")[0] % GROUPS


def test_guesses_are_counted_by_network_and_forgotten_in_time() -> None:
    at = [0.0]
    access = Access(token=TOKEN, names=(), now=lambda: at[0], group_key=b"k")
    beside = next(word for word in map(str, range(100_000)) if group_of(word) == group_of(TOKEN))
    wrong, right = asked(f"Bearer {beside}"), asked(f"Bearer {TOKEN}")
    assert statuses(access, *[wrong] * MOST_GUESSES) == [401] * MOST_GUESSES
    assert statuses(access, wrong, right) == [429, 429]
    assert statuses(access, asked(), replace(right, client="192.0.2.2")) == [401, None]
    at[0] = SLOWLY
    assert statuses(access, right, wrong, wrong, right) == [None, 401, 429, 429]
    at[0] = 61.0
    assert statuses(access, right, wrong) == [None, 401]
    wrong = asked("Bearer x")
    spread = [asked("Bearer x", client=f"2001:db8::{n}") for n in range(MOST_GUESSES)]
    assert statuses(access, *spread, asked("Bearer x", client="2001:db8::ffff")) == [401] * MOST_GUESSES + [429]


@pytest.mark.parametrize("number", [MOST_GUESSES, 100])
def test_wrong_tokens_from_a_shared_proxy_do_not_lock_out_the_right_one(number: int) -> None:
    access = Access(token=TOKEN, names=(), now=lambda: 0.0, group_key=b"k")
    guesses = [asked(f"Bearer {TOKEN[:-3]}{n:03}") for n in range(number)]
    assert None not in statuses(access, *guesses)
    assert statuses(access, asked(f"Bearer {TOKEN}"), asked(basic(f"prometheus:{TOKEN}"))) == [None, None]


def test_many_addresses_do_not_fill_the_memory() -> None:
    access = Access(token=TOKEN, names=(), now=lambda: 0.0)
    for number in range(MOST_ADDRESSES + 50):
        access.refusal(asked("Bearer x", client=f"10.{number >> 16}.{(number >> 8) & 255}.{number & 255}"))
    assert len(access._guesses) == MOST_ADDRESSES


def test_a_refusal_shows_nothing_and_asks_a_browser_for_the_token(tmp_path: Path, leaking: Record) -> None:
    status, head, body = get(now_of(leaking), kept(tmp_path, leaking), "/", token=TOKEN)
    assert status == 401
    assert 'WWW-Authenticate: Basic realm="lockdown canary"' in head
    assert "migrate" not in body


@pytest.mark.parametrize(("token", "status"), [(None, 200), (TOKEN, 200)])
def test_alive_is_open_and_says_no_more(tmp_path: Path, leaking: Record, token: str | None, status: int) -> None:
    assert get(now_of(leaking), kept(tmp_path, leaking), "/alive", token=token)[::2] == (status, "alive\n")


def test_alive_says_when_no_run_ends_any_more(tmp_path: Path) -> None:
    late = now_of(None, at=AT + 4_000, last_finished=AT)
    status, _, body = get(late, kept(tmp_path, None), "/alive")
    assert (status, body) == (503, "no run has finished for long\n")
    page = get(late, kept(tmp_path / "..", None), "/")[2]
    assert "No run has finished since 2026-11-22 10:00 UTC: this page is out of date." in page


# --- what is on it ----------------------------------------------------------------------------------------------------


def test_the_page_says_what_is_open_since_when_and_at_which_release(tmp_path: Path, leaking: Record) -> None:
    status, head, body = get(now_of(leaking, AT + 7_200), kept(tmp_path, leaking), "/")
    document = html5lib.HTMLParser(strict=True).parse(body)
    assert (status, document.tag.endswith("html")) == (200, True)
    text = re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", body, flags=re.DOTALL))
    assert "Not locked (4)" in text
    assert "migrate: POST /api/migrate accessible without credentials (and in 1 other way)" in text
    assert "since 2026-11-22 10:00 UTC, first seen with release 1.0.397 (previous: 1.0.396) ; for 2 h" in text
    assert "no-store" in head
    assert "frame-ancestors 'none'" in head
    assert "default-src &#x27;none&#x27;; style-src &#x27;sha256-" in body


@pytest.mark.parametrize("path", ["/", "report"])
def test_no_way_through_an_open_door_is_shown_to_who_has_not_signed_in(
    tmp_path: Path, leaking: Record, path: str
) -> None:
    where = "/" + run_path(name_of(leaking)) if path == "report" else path
    status, _, body = get(now_of(leaking), kept(tmp_path, leaking), where)
    assert (status, "POST /api/migrate" in body) == (200, True)
    assert NO_CURL not in body
    signed_in = get(now_of(leaking), kept(tmp_path / "..", leaking), where, RIGHT, token=TOKEN)[2]
    assert (NO_CURL in signed_in) is (path == "report")


def test_every_cell_leads_to_its_evidence_in_the_run_s_report(tmp_path: Path, leaking: Record) -> None:
    async def look(visitor: Visitor) -> tuple[str, str]:
        page = (await visitor.get("/"))[2]
        return page, (await visitor.get("/" + run_path(name_of(leaking))))[2]

    page, report = visit(now_of(leaking), kept(tmp_path, leaking), look)
    links = set(re.findall(r'href="(runs/[^"#]+)#(f\d+)"', page))
    assert {run for run, _ in links} == {run_path(name_of(leaking))}
    assert len(links) > 3
    assert [anchor for _, anchor in links if f'id="{anchor}"' not in report] == []


@pytest.mark.parametrize("path", ["/runs/", "/runs/x", "/runs/%2e%2e%2fhistory.db", "/nowhere", "//", "/metrics/"])
def test_what_is_not_there_is_not_there(tmp_path: Path, path: str) -> None:
    assert get(now_of(None), kept(tmp_path, None), path)[0] == 404


def test_what_has_not_changed_is_not_sent_again(tmp_path: Path, leaking: Record) -> None:
    async def look(visitor: Visitor) -> list[int]:
        _, head, _ = await visitor.get("/")
        tag = re.search(r'ETag: ("[^"]+")', head)
        assert tag is not None
        return [(await visitor.get("/", f"If-None-Match: {one}"))[0] for one in (tag[1], '"another"')]

    assert visit(now_of(leaking), kept(tmp_path, leaking), look) == [304, 200]


def test_before_the_first_run_it_says_so(tmp_path: Path) -> None:
    body = get(now_of(None), kept(tmp_path, None), "/")[2]
    assert "No run has finished since the canary began at 2026-11-22 09:59 UTC" in body
    assert "Nothing is open" not in body


def test_what_a_deployment_says_stays_text(tmp_path: Path, finding_of: Any, report_of: Any) -> None:
    evil = "<script>alert(1)</script>"
    found = record(report_of(finding_of(detail=evil, surface="a"), release=evil, notes=(evil,)))
    history = kept(tmp_path, found)
    over = step(known(found), [RunFinding(id=found["findings"][0]["id"], verdict=Verdict.LOCKED, reason="as-promised", detail="")],
                Moment(run="2", at=stamp(AT + 60), release=evil), confirm=1)  # fmt: skip
    assert [transition.change for transition in over.transitions] == [Change.CLOSED]
    history.add(
        CompletedRun(id="2", started_at=stamp(AT), ended_at=stamp(AT + 60), state="crashed", sentence=evil),
        over,
        {},
        due=AT,
    )
    body = get(now_of(found), history, "/")[2]
    assert "alert(1)" in body
    assert evil not in body
    assert re.findall(r"<script[^>]*>", body) == ['<script src="live.js" defer>']


class Hanging(HistoryThread):
    """A history that never answers."""

    questions = 0

    async def ask(self, call: Callable[[History], Any]) -> Any:  # noqa: ARG002 - as the desk has it
        self.questions += 1
        await asyncio.Event().wait()


def test_a_history_that_hangs_takes_neither_page_nor_metrics_with_it(
    tmp_path: Path, leaking: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "ASKING", 0.2)

    async def main() -> tuple[list[tuple[int, str, str]], int]:
        history = kept(tmp_path, leaking)
        store = Hanging(history)
        async with served(now_of(leaking), history, store=store) as visitor:
            paths = ("/", "/metrics", "/runs/x", "/", "/", "/metrics")
            found = list(await asyncio.gather(*(visitor.get(path) for path in paths)))
        history.close()
        return found, store.questions

    found, questions = asyncio.run(asyncio.wait_for(main(), 20))
    assert [status for status, *_ in found] == [200, 200, 503, 200, 200, 200]
    assert "The history does not respond" in found[0][2]
    assert "lockdown_canary_history_up 0.0" in found[1][2]
    assert questions == 1 + 1  # the one that hangs, and to close it: none stands in line behind it


class Away(HistoryThread):
    """A history that is away when it is asked for the first time."""

    is_away = True

    async def ask(self, call: Callable[[History], Any]) -> Any:
        was, self.is_away = self.is_away, False
        if was:
            raise OSError("disk is full")
        return await super().ask(call)


def test_a_history_that_comes_back_is_on_the_page_before_the_next_run(tmp_path: Path, leaking: Record) -> None:
    async def both(visitor: Visitor) -> list[bool]:
        return ["The history does not respond" in (await visitor.get("/"))[2] for _ in range(2)]

    history = kept(tmp_path, leaking)
    assert visit(now_of(leaking), history, both, store=Away(history)) == [True, False]


# --- what no client can do --------------------------------------------------------------------------------------------


@asynccontextmanager
async def echoing(
    answer: Callable[[HttpRequest], Coroutine[None, None, Reply]] | None = None, **how: Any
) -> AsyncIterator[tuple[Visitor, list[str]]]:
    async def own(request: HttpRequest) -> Reply:
        return Reply(status=200, body=request.target.encode())

    place, said = listening("127.0.0.1", 0), []
    task = asyncio.ensure_future(Listener(answer or own, log=said.append, **how).serve(place))
    try:
        yield Visitor(place.getsockname()[1]), said
    finally:
        task.cancel()
        await asyncio.wait({task})


def talk(sent: bytes, **how: Any) -> tuple[int, str, bytes]:
    async def main() -> tuple[int, str, bytes]:
        async with echoing(**how) as (visitor, _):
            return await visitor.raw(sent)

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        pytest.param(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n", 200, id="right"),
        pytest.param(b"GET /a HTTP/1.1\r\n\r\n", 400, id="no-host"),
        pytest.param(b"GET /a HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", 400, id="two-hosts"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: h\r\nX: " + b"x" * 3 * MOST_HEAD + b"\r\n\r\n", 431, id="a-long-head"),
        pytest.param(b"GET /" + b"x" * MOST_HEAD, 431, id="a-long-line"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 405, id="post"),
        pytest.param(b"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 405, id="connect"),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, id="tls"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: h\r\nA: b\x00c\r\n\r\n", 400, id="nul"),
    ],
)
def test_odd_requests_are_told_so(sent: bytes, status: int) -> None:
    assert talk(sent)[0] == status


def test_an_answer_to_head_has_no_body() -> None:
    status, head, body = talk(b"HEAD /abc HTTP/1.1\r\nHost: h\r\n\r\n")
    assert (status, "Content-Length: 4" in head, body) == (200, True, b"")


@pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: h\r\n"])
def test_who_does_not_finish_asking_is_shown_out(said: bytes) -> None:
    async def main() -> bytes:
        async with echoing(patience=0.2) as (visitor, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", visitor.port)
            writer.write(said)
            try:
                return await asyncio.wait_for(reader.read(), 5)
            except ConnectionResetError:
                return b""
            finally:
                writer.transport.abort()

    assert asyncio.run(main()) == b""


def test_who_does_not_take_the_answer_is_shown_out() -> None:
    large = Reply(status=200, body=b"x" * 30_000_000)

    async def answer(_: HttpRequest) -> Reply:
        return large

    async def main() -> int:
        async with echoing(answer, giving=0.3) as (visitor, _):
            with socket.create_connection(("127.0.0.1", visitor.port)) as slow:
                slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                slow.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
                await asyncio.sleep(1.0)
                slow.settimeout(2)
                read = 0
                try:
                    while chunk := slow.recv(1 << 20):
                        read += len(chunk)
                except ConnectionResetError:
                    pass
                return read

    assert 0 < asyncio.run(main()) < 30_000_000


def test_hundreds_that_wait_do_not_keep_the_next_one_out() -> None:
    async def main() -> tuple[int, int]:
        async with echoing(patience=30.0) as (visitor, _):
            idle = [await asyncio.open_connection("127.0.0.1", visitor.port) for _ in range(4 * MOST_CONNECTIONS)]
            began = time.monotonic()
            status, *_ = await visitor.raw(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            assert time.monotonic() - began < 2
            out = await asyncio.gather(*(asyncio.wait_for(r.read(), 2) for r, _ in idle[:10]), return_exceptions=True)
            for _, writer in idle:
                writer.transport.abort()
            return status, sum(1 for one in out if one == b"" or isinstance(one, ConnectionResetError))

    assert asyncio.run(main()) == (200, 10)


def test_a_bug_in_a_page_is_told_and_ends_nothing() -> None:
    async def answer(request: HttpRequest) -> Reply:
        if request.target == "/bad":
            raise KeyError("s3cret")
        return Reply(status=200)

    async def main() -> tuple[int, int, list[str]]:
        async with echoing(answer) as (visitor, said):
            return (await visitor.get("/bad"))[0], (await visitor.get("/"))[0], said

    assert asyncio.run(main()) == (500, 200, ["the page failed: KeyError"])


def test_reasons_are_words_of_ours(leaking: Record) -> None:
    """What the metrics have as labels."""
    assert {finding["reason"] for finding in leaking["findings"]} <= set(Reason)


# --- metrics ----------------------------------------------------------------------------------------------------------


def test_the_last_run_and_what_stands_are_measured(tmp_path: Path, leaking: Record) -> None:
    now = now_of(leaking, AT + 90, missed=3, crashed=2, last_locked=AT - 500)
    status, head, body = get(now, kept(tmp_path, leaking), "/metrics")
    found = dict(line.rsplit(" ", 1) for line in body.splitlines() if line and not line.startswith("#"))
    assert (status, "text/plain; version=" in head) == (200, True)
    assert float(found['lockdown_canary_exposure_seconds{surface="migrate"}']) == 90
    assert float(found['lockdown_canary_exposure_seconds{surface="me"}']) == 0
    assert float(found['lockdown_canary_standing{surface="migrate",verdict="leak"}']) == 2
    assert float(found['lockdown_findings_by_reason{reason="granted",verdict="leak"}']) == 2
    assert float(found['lockdown_canary_runs_total{state="crashed"}']) == 2
    assert {name: float(found[name]) for name in found if "canary" in name and "{" not in name} == {
        "lockdown_canary_started_timestamp_seconds": AT - 60, "lockdown_canary_last_finished_timestamp_seconds": AT + 90,
        "lockdown_canary_last_success_timestamp_seconds": AT - 500, "lockdown_canary_missed_beats_total": 3,
        "lockdown_canary_alerts_queued": 0, "lockdown_canary_history_up": 1,
    }  # fmt: skip
    assert float(found["lockdown_exit_status"]) == 1
    assert float(found["process_resident_memory_bytes"]) > 0


def test_openmetrics_are_given_where_they_are_asked_for(tmp_path: Path, leaking: Record) -> None:
    _, head, body = get(now_of(leaking), kept(tmp_path, leaking), "/metrics", "Accept: application/openmetrics-text")
    assert "application/openmetrics-text" in head
    assert body.endswith("# EOF\n")


def test_a_deployment_that_names_ever_new_releases_makes_no_endless_series(leaking: Record) -> None:
    at: list[Snapshot] = [now_of(leaking)]
    metrics = Metrics(lambda: at[0])
    seen: set[str] = set()
    for number in range(300):
        found = leaking.copy()
        found["release"] = f"{number}-" + "x" * 500
        at[0] = now_of(found)
        body = metrics.render("", queued=0)[0].decode()
        release = re.search(r'release="([^"]*)"', body)
        assert release is not None
        assert len(release[1]) <= 64
        seen.add(release[1])
    assert len(seen) == 201
    assert "other" in seen


def test_expiry_of_a_certificate_is_a_metric(leaking: Record) -> None:
    found = leaking.copy()
    found["services"] = {"web": {**leaking["services"]["web"], "tls_expires": "2001-09-09T01:46:40Z"}}
    body = Metrics(lambda: now_of(found)).render("", queued=0)[0].decode()
    assert 'lockdown_service_tls_expires_timestamp_seconds{service="web"} 1e+09' in body
