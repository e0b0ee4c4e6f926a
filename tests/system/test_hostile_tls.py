"""TLS that cannot be believed, old TLS, and TLS with a port that speaks none."""

from __future__ import annotations

import socket
import ssl
import warnings
from datetime import UTC, datetime
from typing import Any

import pytest
import trustme

from tests.support.hostile_answers import (
    APART,
    EVENT,
    REFUSED,
    STREAM,
    Act,
    Play,
    Script,
    chunk,
    chunked,
    everywhere,
    for_ever,
    refusal,
    says,
)
from tests.support.hostile_deployment import deployed
from tests.support.measured_run import ALL, FEW, GRANTED, LOCKED, PROTOCOL, TLS, UNREAD, Runs, holds_of_every_report


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ssl.SSLContext | str]:
    """Make contexts of servers, good and bad, and the file of the authority that vouches for some of them."""
    authority, folder = trustme.CA(), tmp_path_factory.mktemp("tls")
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))

    def context(name: str = "127.0.0.1", **more: Any) -> ssl.SSLContext:
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(name, **more).configure_cert(made)
        return made

    self_signed = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    stranger = trustme.CA()
    stranger.cert_pem.write_to_path(str(folder / "stranger.pem"))
    stranger.private_key_pem.write_to_path(str(folder / "key.pem"))
    self_signed.load_cert_chain(folder / "stranger.pem", folder / "key.pem")
    wants_ours = context()
    authority.configure_trust(wants_ours)
    wants_ours.verify_mode = ssl.CERT_REQUIRED
    return {
        "ca": str(folder / "ca.pem"),
        "good": context(),
        "self-signed": self_signed,
        "expired": context(not_after=datetime(2020, 1, 1, tzinfo=UTC)),
        "other-host": context("other.test"),
        "old": of_old(context()),
        "wants-ours": wants_ours,
    }


def of_old(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let it speak TLS 1.0 and 1.1 only, which nobody has done by accident for years: hence the warnings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context


@pytest.mark.parametrize(
    ("kind", "play", "few", "status", "verdict"),
    [
        pytest.param("good", REFUSED, ALL, 0, LOCKED, id="good"),
        pytest.param("good", says(refusal(length=9000), APART, Act.RESET), FEW, 2, UNREAD, id="reset-in-the-body"),
        pytest.param("good", for_ever(chunked(b"200 OK"), chunk(b"x" * 8000)), FEW, 1, GRANTED, id="endless-chunks"),
        pytest.param("good", for_ever(STREAM, EVENT), FEW, 1, GRANTED, id="endless-event-stream"),
        pytest.param("good", says(), FEW, 2, PROTOCOL, id="silent-close"),
        pytest.param("self-signed", REFUSED, FEW, 2, TLS, id="self-signed"),
        pytest.param("expired", REFUSED, FEW, 2, TLS, id="expired"),
        pytest.param("other-host", REFUSED, FEW, 2, TLS, id="wrong-host"),
        pytest.param("old", REFUSED, FEW, 2, TLS, id="tls-1.0-and-1.1-only"),
        pytest.param("wants-ours", REFUSED, FEW, 2, TLS, id="wants-a-certificate-of-ours"),
    ],
)  # fmt: skip
def test_over_tls_nobody_is_believed_who_cannot_prove_who_he_is(
    measured_run: Runs,
    certificates: dict,
    kind: str,
    play: Play,
    few: tuple[str, ...],
    status: int,
    verdict: tuple[str, str],
) -> None:
    with deployed(Script(guarded=play, tls=certificates[kind])) as here:
        ran = measured_run(here, *few, "--cacert", certificates["ca"])
    holds_of_every_report(ran)
    assert (ran.status, ran.verdict()) == (status, verdict)


def test_the_server_of_old_tls_does_speak_it(certificates: dict) -> None:
    """Else the case above would prove nothing."""
    lenient = of_old(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    lenient.load_verify_locations(certificates["ca"])
    with (
        deployed(Script(tls=certificates["old"])) as here,
        socket.create_connection(("127.0.0.1", here.port), 5) as plain,
        lenient.wrap_socket(plain, server_hostname="127.0.0.1") as sock,
    ):
        assert sock.version() == "TLSv1.1"


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        pytest.param(everywhere(REFUSED), TLS, id="an-ordinary-server"),
        pytest.param(Script(reads=False), TLS, id="a-handshake-that-never-ends"),
    ],
)
def test_tls_with_a_port_that_speaks_none_is_unreachable(
    measured_run: Runs, script: Script, verdict: tuple[str, str]
) -> None:
    with deployed(script) as here:
        ran = measured_run(here, *FEW, url=f"https://127.0.0.1:{here.port}")
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (2, {verdict})


def test_plain_http_with_a_tls_port_is_unreachable(measured_run: Runs, certificates: dict) -> None:
    with deployed(Script(tls=certificates["good"])) as here:
        ran = measured_run(here, *FEW, url=f"http://127.0.0.1:{here.port}")
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (2, {PROTOCOL})


def test_without_verification_a_bad_certificate_is_passed_and_the_report_says_so(
    measured_run: Runs, certificates: dict
) -> None:
    with deployed(Script(tls=certificates["self-signed"])) as here:
        ran = measured_run(here, *FEW, "--insecure")
    holds_of_every_report(ran)
    assert (ran.status, ran.verdicts()) == (0, {LOCKED})
    assert "TLS was not verified" in ran.report["notes"][0]
