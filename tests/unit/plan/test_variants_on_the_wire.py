"""The bytes of each variant."""

from __future__ import annotations

import pytest

from prober.plan.variants import VARIANTS
from tests.support.plans import BESIDES
from tests.support.variant_plans import BODY, POSTED, SENT

HOSTS = {"foreign-host": "Host: lockdown-probe.invalid"}


def test_every_variant_is_in_this_table_and_nothing_else_is() -> None:
    assert list(SENT) == [entry.name for entry in VARIANTS if entry.name not in BESIDES]


def lines_of(raw: bytes) -> list[str]:
    head, _, body = raw.partition(b"\r\n\r\n")
    assert body == b""
    return head.decode("ascii").split("\r\n")


@pytest.mark.integration
def test_plain_request_arrives_as_planned(arrived: dict[str, bytes]) -> None:
    assert lines_of(arrived[""]) == [
        "GET /docs/read-me HTTP/1.1", "Host: 127.0.0.1:PORT", "User-Agent: test", "Accept: */*",
        "Accept-Encoding: identity", "Cache-Control: no-cache",
    ]  # fmt: skip


@pytest.mark.integration
@pytest.mark.parametrize("name", SENT)
def test_variant_arrives_byte_for_byte(name: str, arrived: dict[str, bytes]) -> None:
    line, added = SENT[name]
    first, *headers = lines_of(arrived[name])
    assert first == line.replace("~", f"?lockdown-probe=0123abcd-{name}") + " HTTP/1.1"
    common = ["User-Agent: test", "Accept: */*", "Accept-Encoding: identity", "Cache-Control: no-cache"]
    assert headers == [HOSTS.get(name, "Host: 127.0.0.1:PORT"), *common, *added]


@pytest.mark.integration
@pytest.mark.parametrize("name", POSTED)
def test_variant_of_a_request_with_a_body_has_that_body_and_no_query_of_its_own(
    name: str, posted: dict[str, bytes]
) -> None:
    line, added = POSTED[name]
    head, _, body = posted[name].partition(b"\r\n\r\n")
    assert body == BODY
    first, *headers = head.decode("ascii").split("\r\n")
    assert first == f"{line} HTTP/1.1"
    _, *ordinary = posted[""].partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    assert "Content-Type: application/json" in ordinary
    assert sorted(headers) == sorted([*ordinary, *added])


@pytest.mark.integration
def test_options_of_a_route_that_is_posted_to_has_neither_body_nor_type(posted: dict[str, bytes]) -> None:
    assert lines_of(posted["options"]) == [
        "OPTIONS /docs/read-me?lockdown-probe=0123abcd-options HTTP/1.1", "Host: 127.0.0.1:PORT", "User-Agent: test",
        "Accept: */*", "Accept-Encoding: identity", "Cache-Control: no-cache",
    ]  # fmt: skip
