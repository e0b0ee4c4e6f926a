"""A deployment: its URLs, what is on this machine, and which surfaces must be there."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prober.definitions.canary import CanaryBlock
from prober.definitions.deployment import (
    DeploymentFile,
    choose_surfaces,
    parse_deployment,
)
from prober.definitions.document import parse_document
from prober.definitions.service import parse_service
from prober.errors import DefinitionError, UsageError
from prober.model import Depth
from prober.model.origin import is_loopback

if TYPE_CHECKING:
    from prober.model import Surface


def test_deployment_says_what_is_written() -> None:
    text = """\
        profile: oauth
        services: {web: https://a.example, mcp: 'http://localhost:3100/mcp'}
        surfaces: [pages, mcp]
        probes: ./mine
        depth: quick
        require: ['knowledge: *']
        cookies: [mis_session]
        blanket: application
        """
    assert parse_deployment(parse_document(dedent(text), file="prober.yaml")) == DeploymentFile(
        profile="oauth",
        services=(("web", "https://a.example"), ("mcp", "http://localhost:3100/mcp")),
        surfaces=("pages", "mcp"),
        probes=("./mine",),
        depth=Depth.QUICK,
        require=("knowledge: *",),
        cookies=("mis_session",),
        blanket_is_application=True,
    )


def test_a_service_says_who_keeps_its_doors() -> None:
    text = """\
        services:
          web: {url: [https://a.example, https://b.example], behind: Vercel deployment protection}
          mcp: https://c.example
        """
    file = parse_deployment(parse_document(dedent(text), file="prober.yaml"))
    assert file.services == (("web", "https://a.example"), ("web", "https://b.example"), ("mcp", "https://c.example"))
    assert file.behind == (("web", "Vercel deployment protection"),)


def test_a_deployment_says_how_it_is_watched() -> None:
    text = """\
        canary:
          every: 1m
          confirm: 3
          remind: 0
          keep: 30d
          listen: 127.0.0.1:9420
          page-token: env:PAGE_TOKEN
          behind-proxy: canary.example.com
          alerts: [env:SLACK_URL, file:/run/secrets/hook]
          alert-secret: env:HOOK_SECRET
          ping: env:PING_URL
        """
    assert parse_deployment(parse_document(dedent(text), file="prober.yaml")).canary == CanaryBlock(
        every=60.0, confirm=3, remind=0.0, keep=2_592_000.0, listen="127.0.0.1:9420", page_token="env:PAGE_TOKEN",
        behind_proxy="canary.example.com", alerts=("env:SLACK_URL", "file:/run/secrets/hook"),
        alert_secret="env:HOOK_SECRET", ping="env:PING_URL",
    )  # fmt: skip


def test_deployment_that_says_little_leaves_the_rest_open() -> None:
    assert parse_deployment(parse_document("profile: oauth\n", file="prober.yaml")) == DeploymentFile(profile="oauth")


# --- URLs -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "url", "scheme", "host", "port", "base", "shown"),
    [
        pytest.param("web", "http://h", "http", "h", 80, "", "http://h", id="http"),
        pytest.param("web", "https://h", "https", "h", 443, "", "https://h", id="https"),
        pytest.param("web", "https://h:8443/", "https", "h", 8443, "", "https://h:8443", id="port"),
        pytest.param("web", "http://h:", "http", "h", 80, "", "http://h:", id="colon-without-a-port"),
        pytest.param("web", "HTTPS://Host.Ex", "https", "host.ex", 443, "", "https://Host.Ex", id="case"),
        pytest.param("web", "http://h/a/b/", "http", "h", 80, "/a/b", "http://h/a/b", id="base-path"),
        pytest.param("web", "http://[::1]:3000", "http", "::1", 3000, "", "http://[::1]:3000", id="ipv6"),
        pytest.param("web", "http://10.0.0.7", "http", "10.0.0.7", 80, "", "http://10.0.0.7", id="ipv4"),
        pytest.param("web", "http://brain_web", "http", "brain_web", 80, "", "http://brain_web", id="underscore"),
        pytest.param("web", "http://h.example.", "http", "h.example.", 80, "", "http://h.example.", id="final-dot"),
        pytest.param("mcp", "https://h/mcp", "https", "h", 443, "", "https://h", id="mcp-endpoint"),
        pytest.param("mcp", "https://h/a/mcp/", "https", "h", 443, "/a", "https://h/a", id="mcp-endpoint-below-a-path"),
        pytest.param("web", "https://h/mcp", "https", "h", 443, "/mcp", "https://h/mcp", id="mcp-path-of-another"),
    ],
)  # fmt: skip
def test_url_is_taken_apart(name: str, url: str, scheme: str, host: str, port: int, base: str, shown: str) -> None:
    service = parse_service(name, url)
    assert (service.scheme, service.host, service.port) == (scheme, host, port)
    assert (service.base_path, service.url, service.name) == (base, shown, name)


@pytest.mark.parametrize(
    "url",
    [
        "", "h", "h:3000", "//h", "/path", "ftp://h", "file:///etc/passwd", "javascript:alert(1)", "http://", "http:/h",
        "http://:80", "http://u@h", "http://u:p@h", "http://:p@h", "http://@h", "http://h?q", "http://h/#f", "http://h:0",
        "http://h:65536", "http://h:-1", "http://h:x", "http://h:80:80", "http://h h", " http://h", "http://h ",
        "http://h\n", "http://h\t", "http://\u00e4", "http://h\x00", "http://[::1", "http://::1", "http://[h]",
        "http://h..x", "http://.h", "http://-h", "http://h\\@evil", "http://h,i", "http://%68", "http://h|i", "http://h<i>",
    ],
)  # fmt: skip
def test_what_is_no_url_of_a_service_is_a_usage_error_that_names_the_service(url: str) -> None:
    with pytest.raises(UsageError, match=r"\Aerror: service 'web': .+\n  fix: .+"):
        parse_service("web", url)


def test_password_in_a_url_is_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        parse_service("web", "https://user:hunter2@h")
    assert "hunter2" not in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_a_url_or_a_usage_error(text: str) -> None:
    host = ""
    try:
        host = parse_service("web", "http://" + text).host
    except UsageError as error:
        host = error.what
    assert host


@pytest.mark.parametrize("host", ["localhost", "a.localhost", "127.0.0.1", "127.8.8.8", "::1"])
def test_this_machine_is_known_by_name_and_address(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["brain.example", "localhost.example", "notlocalhost", "10.0.0.1", "0.0.0.0", "169.254.169.254", "::2", "127.1"],
)
def test_any_other_machine_is_not_this_one(host: str) -> None:
    assert not is_loopback(host)


# --- surfaces ---------------------------------------------------------------------------------------------------------


FOR_A_NAME_ONLY = {"mcp-tools", "voucher-gate"}


def names(surfaces: tuple[Surface, ...]) -> set[str]:
    return {surface.name for surface in surfaces}


def test_without_a_declaration_all_are_tried_but_those_for_a_name_only(shipped_surfaces: tuple[Surface, ...]) -> None:
    choice = choose_surfaces((), shipped_surfaces, ["web", "mcp"])
    chosen, declared = choice.surfaces, choice.declared
    assert names(shipped_surfaces) - names(chosen) == FOR_A_NAME_ONLY
    assert declared == frozenset()


def test_without_a_declaration_only_services_that_are_there_are_tried(shipped_surfaces: tuple[Surface, ...]) -> None:
    choice = choose_surfaces((), shipped_surfaces, ["mcp"])
    chosen = choice.surfaces
    assert names(chosen) == {"mcp", "mcp-health"}


def test_all_declares_all_but_those_for_a_name_only(shipped_surfaces: tuple[Surface, ...]) -> None:
    choice = choose_surfaces(["all"], shipped_surfaces, ["web", "mcp"])
    chosen, declared = choice.surfaces, choice.declared
    assert names(shipped_surfaces) - names(chosen) == FOR_A_NAME_ONLY
    assert declared == names(chosen)


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(["pages"], id="one"),
        pytest.param(["pages", "voucher-gate"], id="one-for-a-name-only"),
        pytest.param(["pages", "pages", "me"], id="twice-is-once"),
    ],
)
def test_named_surfaces_are_declared(wanted: list[str], shipped_surfaces: tuple[Surface, ...]) -> None:
    choice = choose_surfaces(wanted, shipped_surfaces, ["web"])
    chosen, declared = choice.surfaces, choice.declared
    assert declared == names(chosen) == set(wanted)
    assert len(chosen) == len(set(wanted))


def test_all_and_a_name_declare_that_one_too(shipped_surfaces: tuple[Surface, ...]) -> None:
    choice = choose_surfaces(["all", *FOR_A_NAME_ONLY], shipped_surfaces, ["web", "mcp"])
    chosen, declared = choice.surfaces, choice.declared
    assert declared == names(chosen) == names(shipped_surfaces)


@pytest.mark.parametrize(
    ("wanted", "services", "message"),
    [
        pytest.param(
            ["pags"], ["web"],
            r"error: no surface 'pags' \(there are admin, .+\)\n  fix: did you mean 'pages'\?",
            id="near",
        ),
        pytest.param(
            ["zzz"], ["web"],
            r"error: no surface 'zzz' \(there are .+\)\n  fix: choose one of these",
            id="far-off",
        ),
        pytest.param(
            ["mcp"], ["web"],
            r"error: surface 'mcp' is on service 'mcp', which has no URL\n"
            r"  fix: give --mcp-url URL, or name only the surfaces that are served",
            id="no-mcp",
        ),
        pytest.param(
            ["all"], ["mcp"],
            r"error: surface 'admin(-pages)?' is on service 'web', which has no URL\n"
            r"  fix: give --base-url URL, or name only the surfaces that are served",
            id="all-without-web",
        ),
        pytest.param(
            [], ["web", "wbe"],
            r"error: no surface is on service 'wbe' \(there are surfaces on mcp, web\)\n  fix: did you mean 'web'\?",
            id="service-misspelt",
        ),
        pytest.param(
            ["pages"], ["web", "zzz"],
            r"error: no surface is on service 'zzz' \(there are surfaces on mcp, web\)\n"
            r"  fix: remove it, or write a surface for it",
            id="service-without-a-surface",
        ),
    ],
)  # fmt: skip
def test_surface_or_service_that_is_not_there_is_a_usage_error(
    wanted: list[str], services: list[str], message: str, shipped_surfaces: tuple[Surface, ...]
) -> None:
    with pytest.raises(UsageError, match=rf"\A{message}\Z"):
        choose_surfaces(wanted, shipped_surfaces, services)


def test_surfaces_whose_service_has_no_url_are_named_as_not_tried(shipped_surfaces: tuple[Surface, ...]) -> None:
    choice = choose_surfaces((), shipped_surfaces, ["web"])
    assert {"mcp", "mcp-health"} <= set(choice.untried)
    assert not {"mcp", "mcp-health"} & {surface.name for surface in choice.surfaces}
    assert choose_surfaces((), shipped_surfaces, ["web", "mcp"]).untried == ()


@pytest.mark.parametrize(
    ("text", "everywhere", "paths"),
    [
        pytest.param("blanket: application", True, (), id="everywhere"),
        pytest.param("blanket: /api", False, ("/api",), id="below-a-path"),
        pytest.param("blanket: [/api, /internal/]", False, ("/api", "/internal/"), id="below-several"),
    ],
)
def test_a_blanket_is_everywhere_or_below_paths(text: str, *, everywhere: bool, paths: tuple[str, ...]) -> None:
    file = parse_deployment(parse_document(text, file="prober.yaml"))
    assert (file.blanket_is_application, file.blanket_paths) == (everywhere, paths)


@pytest.mark.parametrize(
    "text", ["blanket: [application]", "blanket: [/api, api]", "blanket: /a?b", "blanket: /users/:id"]
)
def test_what_is_no_path_is_no_blanket(text: str) -> None:
    with pytest.raises(DefinitionError) as raised:
        parse_deployment(parse_document(text, file="prober.yaml"))
    assert "is not a path" in raised.value.what
