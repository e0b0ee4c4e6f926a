"""Does an answer keep a promise, and which fact is broken first?"""

from __future__ import annotations

import pytest

from prober.judge.matching import broken_fact, matching_answer, target_of
from prober.model import Answer, Answered, JsonFact, LocationFact, Promise, Reason, Service, Source

HERE = Source(file="profiles/p.yaml", line=1)
WEB = Service(name="web", url="https://app.test/base", scheme="https", host="app.test", port=443, base_path="/base")
STREAM = ("content-type", "text/event-stream; charset=utf-8")
JSON = ("content-type", "application/json")


def service(scheme: str = "http", host: str = "app.test", port: int = 80, base_path: str = "") -> Service:
    return Service(name="web", url="x", scheme=scheme, host=host, port=port, base_path=base_path)


def answer(status: int = 200, body: bytes = b"", *headers: tuple[str, str]) -> Answered:
    return Answered.of(status=status, headers=headers, body=body, whole=True, attempts=1, elapsed_ms=1)


def to(location: str, status: int = 302) -> Answered:
    return answer(status, b"", ("location", location))


def promised(*statuses: int, **facts: object) -> Answer:
    return Answer(statuses=tuple(range(n, n + 1) for n in statuses), source=HERE, **facts)  # type: ignore[arg-type]


def page(path: str, *query: tuple[str, str | None]) -> Answer:
    return promised(302, location=LocationFact(path=path, query=query))


def sso(path: str) -> Answer:
    return promised(302, location=LocationFact(path=path, origin="https://sso.test"))


def holding(*path: str, value: str | None = None) -> Answer:
    return promised(200, json=(JsonFact(path=path, value=value),))


CHALLENGE = promised(401, headers=(("www-authenticate", "Bearer"),))
TWO_HEADERS = promised(401, headers=(("www-authenticate", "Bearer"), ("x-reason", "none")))


@pytest.mark.parametrize(
    ("wanted", "answered", "broken"),
    [
        pytest.param(promised(401), answer(401), None, id="status"),
        pytest.param(promised(401), answer(403), Reason.WRONG_STATUS, id="another-status"),
        pytest.param(page("/signin"), to("/signin"), None, id="location"),
        pytest.param(page("/signin"), to("/base/signin"), None, id="location-below-the-base"),
        pytest.param(page("/signin"), to("https://app.test/signin"), None, id="location-in-full"),
        pytest.param(page("/signin"), to("/signin/more"), Reason.WRONG_LOCATION, id="location-below"),
        pytest.param(page("/signin"), to("https://other.test/signin"), Reason.WRONG_LOCATION, id="location-elsewhere"),
        pytest.param(sso("/authorize"), to("https://SSO.test:443/authorize?client_id=x"), None, id="another-host"),
        pytest.param(sso(""), to("https://sso.test/any/tenant?a=b"), None, id="another-host-anywhere"),
        pytest.param(sso("/authorize"), to("https://sso.test/export"), Reason.WRONG_LOCATION, id="elsewhere-on-that-host"),
        pytest.param(sso(""), to("https://sso.test.evil.test/"), Reason.WRONG_LOCATION, id="host-that-begins-like-it"),
        pytest.param(sso(""), to("https://sso.test@evil.test/"), Reason.WRONG_LOCATION, id="host-as-a-user"),
        pytest.param(sso(""), to("http://sso.test/"), Reason.WRONG_LOCATION, id="that-host-without-tls"),
        pytest.param(sso(""), to("https://sso.test:8443/"), Reason.WRONG_LOCATION, id="another-port-of-that-host"),
        pytest.param(sso("/authorize"), to("/authorize"), Reason.WRONG_LOCATION, id="same-path-here"),
        pytest.param(page("/signin"), answer(302), Reason.WRONG_LOCATION, id="no-location"),
        pytest.param(page("/signin", ("from", None)), to("/signin?from="), None, id="query-of-any-value"),
        pytest.param(page("/signin", ("from", None)), to("/signin?to=/"), Reason.WRONG_LOCATION, id="no-such-query"),
        pytest.param(page("/signin", ("from", "/")), to("/signin?a=b&from=%2F"), None, id="query-among-others"),
        pytest.param(page("/signin", ("from", "/")), to("/signin?from=/x"), Reason.WRONG_LOCATION, id="query-of-another-value"),
        pytest.param(page("/signin", ("from", "/"), ("a", "b")), to("/signin?from=/"), Reason.WRONG_LOCATION, id="one-query-of-two"),
        pytest.param(CHALLENGE, answer(401, b"", ("www-authenticate", 'bearer realm="x"')), None, id="header"),
        pytest.param(CHALLENGE, answer(401, b"", ("www-authenticate", "Basic")), Reason.WRONG_CHALLENGE, id="header-of-another-value"),
        pytest.param(CHALLENGE, answer(401, b"", ("x-other", "bearer")), Reason.WRONG_CHALLENGE, id="another-header"),
        pytest.param(TWO_HEADERS, answer(401, b"", ("www-authenticate", "bearer")), Reason.WRONG_CHALLENGE, id="one-header-of-two"),
        pytest.param(TWO_HEADERS, answer(401, b"", ("x-reason", "None"), ("www-authenticate", "bearer")), None, id="two-headers"),
        pytest.param(promised(401, body=("a", "b")), answer(401, b"b a"), None, id="words"),
        pytest.param(promised(401, body=("a", "b")), answer(401, b"a"), Reason.WRONG_BODY, id="one-word-of-two"),
        pytest.param(promised(401, not_body=("a", "b")), answer(401, b"c"), None, id="no-such-words"),
        pytest.param(promised(401, not_body=("a", "b")), answer(401, b"b"), Reason.WRONG_BODY, id="one-unwanted-word-of-two"),
        pytest.param(holding("a"), answer(200, b'{"a":null}'), None, id="json-key"),
        pytest.param(holding("a"), answer(200, b'{"b":1}'), Reason.WRONG_BODY, id="no-such-key"),
        pytest.param(holding("a", "b"), answer(200, b'{"a":[1]}'), Reason.WRONG_BODY, id="no-object-on-the-way"),
        pytest.param(holding("a", value='{"b": 1, "c": 2}'), answer(200, b'{"a":{"c":2,"b":1}}'), None, id="json-value-in-any-order"),
        pytest.param(holding("a", value="1"), answer(200, b'{"a":2}'), Reason.WRONG_BODY, id="another-json-value"),
        pytest.param(holding("a"), answer(200, b"a"), Reason.WRONG_BODY, id="no-json"),
        pytest.param(holding(value="null"), answer(200, b"null"), None, id="json-null"),
        pytest.param(holding("1", "a"), answer(200, b'[{},{"a":1}]'), None, id="json-entry-of-a-list"),
        pytest.param(holding("1", "a"), answer(200, b'[{"a":1}]'), Reason.WRONG_BODY, id="json-no-such-entry"),
        pytest.param(holding("*", "a", value="1"), answer(200, b'[{"a":1},{"a":1}]'), None, id="json-each-entry"),
        pytest.param(holding("*", "a", value="1"), answer(200, b'[{"a":1},{"a":2}]'), Reason.WRONG_BODY, id="json-one-entry-differs"),
        pytest.param(holding("*", "a"), answer(200, b"[]"), Reason.WRONG_BODY, id="json-each-of-none"),
        pytest.param(holding("*", "a"), answer(200, b'{"*":{"a":1}}'), None, id="json-key-named-star"),
        pytest.param(promised(200, body=("[]",)), answer(200, b" []\n"), None, id="brackets-are-the-whole-body"),
        pytest.param(promised(200, body=("[]",)), answer(200, b'[{"tags":[]}]'), Reason.WRONG_BODY, id="brackets-in-a-body"),
        pytest.param(
            promised(200, json=(JsonFact(path=("a",), value=None), JsonFact(path=("b",), value=None))), answer(200, b'{"a":1}'),
            Reason.WRONG_BODY, id="one-json-fact-of-two",
        ),
    ],
)  # fmt: skip
def test_the_first_fact_that_is_broken_is_named(wanted: Answer, answered: Answered, broken: Reason | None) -> None:
    assert broken_fact(wanted, answered, WEB) is broken


def test_the_promised_answer_that_came_is_given() -> None:
    first, second = promised(401), promised(403)
    either = Promise(answers=(first, second), skip=None, source=HERE)
    assert [matching_answer(either, answer(status), WEB) for status in (401, 403, 404)] == [first, second, None]


@pytest.mark.parametrize(
    ("at", "answered", "leads"),
    [
        pytest.param(service(), answer(302), None, id="nowhere"),
        pytest.param(service(), to("/x", 200), None, id="no-redirect"),
        pytest.param(service(), to("/x"), ("http://app.test:80/x", True), id="a-path"),
        pytest.param(service(), to(" x "), ("http://app.test:80/a/x", True), id="beside-it"),
        pytest.param(service(), to("?q"), ("http://app.test:80/a/b?q", True), id="a-query"),
        pytest.param(service(host="::1"), to("/x"), ("http://[::1]:80/x", True), id="an-address-of-six"),
        pytest.param(service(), to("https://app.test/x"), ("https://app.test/x", True), id="over-tls"),
        pytest.param(service(), to("http://app.test:443/x"), ("http://app.test:443/x", True), id="the-port-of-tls"),
        pytest.param(service(port=3000), to("http://app.test/x"), ("http://app.test/x", True), id="the-port-of-a-proxy"),
        pytest.param(service(port=3000), to("http://app.test:3000/x"), ("http://app.test:3000/x", True), id="its-port"),
        pytest.param(service(port=3000), to("http://app.test:3001/x"), ("http://app.test:3001/x", False), id="another-port"),
        pytest.param(service(), to("http://other.test/x"), ("http://other.test/x", False), id="another-host"),
        pytest.param(service(), to("//other.test/x"), ("http://other.test/x", False), id="another-host-without-a-scheme"),
        pytest.param(service(), to("ftp://app.test/x"), ("ftp://app.test/x", False), id="another-scheme"),
        pytest.param(service(host="127.0.0.1", port=3000), to("http://localhost:3000/x"), ("http://localhost:3000/x", True), id="itself-by-another-name"),
        pytest.param(service(), to("http://localhost/x"), ("http://localhost/x", False), id="to-the-callers-own-machine"),
        pytest.param(service(host="localhost"), to("http://app.test/x"), ("http://app.test/x", False), id="away-from-this-machine"),
        pytest.param(service(), to("http://[app.test/x"), ("about:unreadable", False), id="no-url"),
        pytest.param(service(), to("http://app.test:99999/x"), ("about:unreadable", False), id="no-port"),
    ],
)  # fmt: skip
def test_a_redirect_leads(at: Service, answered: Answered, leads: tuple[str, bool] | None) -> None:
    assert target_of(answered, at, "/a/b") == leads


@pytest.mark.parametrize(
    ("answered", "value"),
    [
        pytest.param(answer(200, b'{"a":1}', JSON), {"a": 1}, id="json"),
        pytest.param(answer(200, b'{"a":1}'), {"a": 1}, id="json-of-no-type"),
        pytest.param(answer(200, b"hello", JSON), None, id="no-json"),
        pytest.param(answer(200, b"\xff", JSON), None, id="no-text"),
        pytest.param(answer(200, b"[" * 100_000, JSON), None, id="too-deep"),
        pytest.param(answer(200, b'event: message\ndata: {"a":1}\n\ndata: {"a":2}\n\n', STREAM), {"a": 1}, id="the-first-event"),
        pytest.param(answer(200, b'data: {"a":\r\ndata:1}\r\n\r\ndata: x', STREAM), {"a": 1}, id="an-event-of-two-lines"),
        pytest.param(answer(200, b'data: {"a":1}', STREAM), {"a": 1}, id="an-open-event"),
        pytest.param(answer(200, b'data: "a\ndata: b"\n\n', STREAM), None, id="lines-are-joined-by-their-ends"),
        pytest.param(answer(200, b'{"a":1}', STREAM), None, id="a-stream-without-data"),
        pytest.param(answer(200, b'data: {"a":1}', JSON), None, id="an-event-that-is-no-stream"),
    ],
)  # fmt: skip
def test_a_body_is_read_as_json(answered: Answered, value: object) -> None:
    assert answered.json == value
