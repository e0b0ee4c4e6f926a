"""TLS: which certificates are good, and what a broken handshake is."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import trustme

from prober.errors import UsageError
from prober.model import Cause, Service
from prober.transport.http import Connection
from prober.transport.network import Network, TlsSettings, check_tls
from tests.support.byte_server import (
    CHUNKED,
    EVENT,
    OK,
    REFUSED,
    SHORT,
    STREAM,
    Visit,
    answered,
    ask,
    chunk,
    for_ever,
    get,
    raw_server,
    says,
    sent,
    service_at,
    unanswered,
    within,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

pytestmark = pytest.mark.integration


async def closes_at_once(visit: Visit) -> None:
    visit.writer.close()


@dataclass(frozen=True)
class Certificates:
    """An authority of our own, the file that names it, and contexts of servers."""

    cacert: str
    good: ssl.SSLContext
    other_host: ssl.SSLContext
    expired: ssl.SSLContext
    soon: ssl.SSLContext


EXPIRY = datetime.now(UTC).replace(microsecond=0) + timedelta(days=9)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))

    def context(name: str, **more: object) -> ssl.SSLContext:
        made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert(name, **more).configure_cert(made)  # type: ignore[arg-type]
        return made

    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    return Certificates(
        cacert=str(path),
        good=context("127.0.0.1"),
        other_host=context("other.test"),
        expired=context("127.0.0.1", not_after=long_ago),
        soon=context("127.0.0.1", not_after=EXPIRY),
    )


def test_a_certificate_of_a_named_authority_is_good(certificates: Certificates) -> None:
    context = TlsSettings(cacert=certificates.cacert, insecure=False).context()
    (outcome,), raw = ask(says(OK), get("/a/../b"), tls=certificates.good, context=context)
    assert answered(outcome).status == 200
    assert raw.target() == "GET /a/../b HTTP/1.1"


@pytest.mark.parametrize(
    ("insecure", "read"), [pytest.param(False, True, id="verified"), pytest.param(True, False, id="insecure")]
)
def test_expiry_of_a_certificate_is_read_where_it_was_verified(
    certificates: Certificates, *, insecure: bool, read: bool
) -> None:
    context = TlsSettings(cacert=certificates.cacert, insecure=insecure).context()

    async def main() -> tuple[dict[str, float], list[int]]:
        async with raw_server(says(OK), certificates.soon) as soon, raw_server(says(OK), certificates.good) as good:
            services = {
                "web": service_at(soon.port, scheme="https"),
                "api": replace(service_at(good.port, scheme="https"), name="api"),
            }
            line = Connection(Network(services=services, timeout=5.0), context)
            try:
                answers = [await line.exchange(replace(get(), service=name)) for name in ("web", "api", "web")]
            finally:
                await line.close()
            return line.tls_expires, [answered(answer).status for answer in answers]

    expires, statuses = asyncio.run(main())
    assert statuses == [200, 200, 200]
    assert (expires.get("web") == EXPIRY.timestamp()) is read
    assert set(expires) == ({"web", "api"} if read else set())


@pytest.mark.parametrize("order", [("soon", "good"), ("good", "soon")])
def test_of_two_certificates_of_one_service_the_first_to_expire_counts(
    certificates: Certificates, order: tuple[str, str]
) -> None:
    """Behind one name may stand several servers, one of which was forgotten when the others were renewed."""
    context = TlsSettings(cacert=certificates.cacert, insecure=False).context()

    async def main() -> dict[str, float]:
        async with raw_server(says(OK), certificates.soon) as soon, raw_server(says(OK), certificates.good) as good:
            ports = {"soon": soon.port, "good": good.port}
            services: dict[str, Service] = {}
            line = Connection(Network(services=services, timeout=5.0), context)
            try:
                for which in order:
                    services["web"] = service_at(ports[which], scheme="https")
                    assert answered(await line.exchange(get())).status == 200
            finally:
                await line.close()
            return line.tls_expires

    assert asyncio.run(main()) == {"web": EXPIRY.timestamp()}


@pytest.mark.parametrize(
    ("kind", "known", "detail"),
    [
        pytest.param("good", False, "certificate", id="authority-that-nobody-knows"),
        pytest.param("other_host", True, "127.0.0.1", id="wrong-host"),
        pytest.param("expired", True, "expired", id="expired"),
    ],
)
def test_a_certificate_that_is_not_good_stops_before_the_request(
    certificates: Certificates, kind: str, detail: str, *, known: bool
) -> None:
    context = TlsSettings(cacert=certificates.cacert if known else None, insecure=False).context()
    (outcome,), raw = ask(says(OK), tls=getattr(certificates, kind), context=context)
    found = unanswered(outcome)
    assert (found.cause, found.arrived) == (Cause.TLS, False)
    assert detail in found.detail
    assert raw.heard == []


@pytest.mark.parametrize("kind", ["good", "other_host", "expired"])
def test_insecure_takes_any_certificate(certificates: Certificates, kind: str) -> None:
    context = TlsSettings(cacert=None, insecure=True).context()
    (outcome,), raw = ask(says(OK), tls=getattr(certificates, kind), context=context)
    assert answered(outcome).status == 200
    assert len(raw.heard) == 1


def test_plain_http_on_a_tls_port_is_no_http() -> None:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(made)
    (outcome,), raw = ask(says(OK), tls=made)
    assert (unanswered(outcome).cause, unanswered(outcome).arrived) == (Cause.PROTOCOL, True)
    assert raw.heard == []


def test_tls_on_a_plain_port_did_not_arrive(certificates: Certificates) -> None:
    async def answers_in_plain(visit: Visit) -> None:
        await visit.reader.read(1)
        await visit.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    context = TlsSettings(cacert=certificates.cacert, insecure=False).context()
    (outcome,), raw = ask(answers_in_plain, context=context)
    assert raw.visits == 1
    assert (unanswered(outcome).cause, unanswered(outcome).arrived) == (Cause.TLS, False)


@pytest.mark.parametrize(
    ("play", "cause"),
    [
        pytest.param(closes_at_once, Cause.TLS, id="closed-before-the-handshake"),
        pytest.param(says(hold=True), Cause.TLS, id="silence-in-the-handshake"),
    ],
)
def test_a_handshake_that_never_ends_did_not_arrive(
    certificates: Certificates, play: Callable[[Visit], Awaitable[None]], cause: Cause
) -> None:
    context = TlsSettings(cacert=certificates.cacert, insecure=False).context()
    with within(SHORT + 0.6):
        (outcome,), raw = ask(play, context=context, timeout=SHORT)
    assert raw.visits == 1
    assert (unanswered(outcome).cause, unanswered(outcome).arrived) == (cause, False), unanswered(outcome).detail


@pytest.mark.parametrize(
    ("play", "status"),
    [
        pytest.param(says(REFUSED), 401, id="closed-after-the-answer"),
        pytest.param(for_ever(CHUNKED, chunk(b"x" * 8000)), 200, id="body-without-end"),
        pytest.param(says(STREAM + chunk(EVENT), hold=True), 200, id="stream"),
    ],
)
def test_answers_over_tls_are_read_as_without(
    certificates: Certificates, play: Callable[[Visit], Awaitable[None]], status: int
) -> None:
    context = TlsSettings(cacert=certificates.cacert, insecure=False).context()
    with within(1.5):
        (outcome,), raw = ask(play, tls=certificates.good, context=context)
    assert len(raw.heard) == 1
    assert answered(outcome).status == status


def test_tls_that_breaks_after_the_request_may_have_arrived(certificates: Certificates) -> None:
    """A request that may have done its work must not be sent twice."""
    heard: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        plain, _ = listener.accept()
        tls = certificates.good.wrap_socket(plain, server_side=True)
        heard.append(tls.recv(4096))
        with socket.socket(fileno=tls.detach()) as under:
            under.sendall(b"no TLS at all, and longer than a record's head")
            under.shutdown(socket.SHUT_WR)
            under.recv(4096)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        context = TlsSettings(cacert=certificates.cacert, insecure=False).context()
        (outcome,) = asyncio.run(sent(listener.getsockname()[1], get(), context=context))
        thread.join(5)
    assert heard[0].startswith(b"GET / HTTP/1.1\r\n")
    assert (unanswered(outcome).cause, unanswered(outcome).arrived) == (Cause.TLS, True)


@pytest.mark.parametrize("text", [pytest.param(None, id="not-there"), pytest.param("no certificate", id="not-pem")])
def test_a_file_of_no_authorities_is_refused_before_the_first_request(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "ca.pem"
    path.write_text(text) if text else None
    with pytest.raises(UsageError, match="holds no certificates"):
        check_tls(TlsSettings(cacert=str(path)))
