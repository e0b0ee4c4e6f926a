"""`prober check`: one line and no file; what must refuse strangers is proven, and what answers them is a question."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from prober.cli.main import exit_with, prober
from tests.support.shop import HTML, ITEMS, JSON, LACKS_SESSION, REFUSED, Shop

if TYPE_CHECKING:
    from collections.abc import Callable


DOCUMENT = {
    "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
    "paths": {"/orders": {"get": {}}, "/notes": {"post": {}}},
}  # fmt: skip
DENIED = ("--deny", "/admin", "--deny", "/orders", "--deny", "POST /cron/nightly", "--public", "/healthz")


def test_what_refuses_strangers_is_locked_and_a_job_that_is_named_was_asked(
    check: Callable[..., tuple[int, str]], shop: Shop
) -> None:
    status, said = check(*DENIED)
    assert (status, said.splitlines()[-1][:6]) == (0, "LOCKED")
    assert shop.seen["POST /cron/nightly"] > 1


@pytest.mark.parametrize("door", ["GET /admin", "GET /orders", "POST /cron/nightly"])
def test_each_door_that_stands_open_is_a_leak(door: str, check: Callable[..., tuple[int, str]], shop: Shop) -> None:
    shop.replies[door] = ITEMS
    status, said = check(*DENIED)
    assert status == 1
    assert f"LEAK  app: {door}" in said
    assert shop.seen["POST /cron/nightly"] == 1 or door != "POST /cron/nightly"  # one run, and then no more


def test_door_that_any_bearer_opens_is_a_leak(check: Callable[..., tuple[int, str]], shop: Shop) -> None:
    shop.needs_bearer = {"GET /orders", "GET /api/users"}
    status, said = check("--deny", "/orders")
    assert status == 1
    assert "bogus-bearer" in said
    assert check()[0] == 1  # it refuses who has nothing, so it means to refuse


def test_public_route_that_refuses_is_drift(check: Callable[..., tuple[int, str]], shop: Shop) -> None:
    shop.replies["GET /healthz"] = REFUSED
    status, said = check(*DENIED)
    assert status == 1
    assert "over-locked" in said


@pytest.mark.parametrize(
    ("route", "reason"),
    [
        pytest.param("/ordres", "is missing", id="misspelt"),
        pytest.param("POST /refunds", "has no harmless form", id="writes"),
    ],
)
def test_route_that_is_not_there_or_that_cannot_be_sent_is_never_locked(
    route: str, reason: str, check: Callable[..., tuple[int, str]], shop: Shop
) -> None:
    status, said = check("--deny", "/orders", "--deny", route)
    assert status in {1, 2}
    assert reason in " ".join(said.split())
    assert shop.seen["POST /refunds"] == 0


def test_write_that_is_allowed_is_sent(check: Callable[..., tuple[int, str]], shop: Shop) -> None:
    assert check("--deny", "POST /refunds", "--allow-effects", "/refunds")[0] == 0
    assert shop.seen["POST /refunds"] > 0


def test_with_nothing_named_open_routes_are_questions_and_no_failure(
    check: Callable[..., tuple[int, str]], shop: Shop
) -> None:
    shop.replies["GET /admin"] = shop.replies["GET /metrics"] = (200, HTML, "<h1>Everything</h1>")
    status, said = check()
    assert status == 0
    questions = said.partition("Is this meant to be public?\n")[2].splitlines()
    assert questions[0].startswith("  GET /admin answers 200")  # what would do most harm comes first
    assert {line.split()[1] for line in questions if line.startswith("  GET")} == {"/admin", "/metrics", "/", "/basket"}
    assert "LOCKED" not in said  # nobody has promised anything yet
    assert {name.partition(" ")[0] for name in shop.seen} <= {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize(
    ("path", "body", "what"),
    [
        pytest.param("/.env", "# live\nDB_URL=postgres://db\nMODE=live\n", "an environment file", id="environment"),
        pytest.param("/.git/HEAD", "ref: refs/heads/main\n", "a git repository", id="git"),
        pytest.param("/actuator", '{"_links":{"heapdump":{"href":"/actuator/heapdump"}}}', "heap dumps, by /actuator/heapdump", id="heap-dump"),
        pytest.param("/api/contents", '{"path":"","type":"directory","writable":true}', "the files of a Jupyter server, which also runs code", id="jupyter"),
        pytest.param("/settings", '{"httpNodeRoot":"/","version":"5"}', "Node-RED's editor, which also runs code", id="node-red"),
        pytest.param("/console", "<h1>Interactive Console</h1><a href='?__debugger__=yes'>", "a debug console", id="console"),
    ],
)  # fmt: skip
def test_what_is_never_right_fails_with_nothing_named(
    path: str, body: str, what: str, check: Callable[..., tuple[int, str]], shop: Shop
) -> None:
    shop.replies[f"GET {path}"] = (200, "text/plain", body)
    status, said = check()
    assert status == 1
    assert f"LEAK  app: GET {path}" in said
    assert f"Anyone can read {what}." in " ".join(said.split())
    assert shop.seen["GET /actuator/heapdump"] == 0  # to ask for one stops the process


def test_shell_of_a_single_page_application_is_no_environment_file_and_no_question(
    check: Callable[..., tuple[int, str]], shop: Shop
) -> None:
    shop.not_found = (200, HTML, "<html><div id=app></div><script>X_Y = 1</script></html>")
    status, said = check()
    assert status == 0
    assert "/.env" not in said
    assert "/metrics" not in said


def test_api_behind_a_single_page_application_is_found_in_its_scripts(
    check: Callable[..., tuple[int, str]], shop: Shop
) -> None:
    shop.replies = {
        "GET /assets/app.js": (200, "text/javascript", 'fetch("/api/members");go(`/api/bills/${bill.id}/lines?p=1`);"/x"'),
        "GET /api/members": ITEMS, "GET /api/bills/00000000-0000-4000-8000-000000000000/lines": REFUSED,
    }  # fmt: skip
    shop.not_found = (200, HTML, "<!doctype html><div id=app></div><script type=module src=/assets/app.js></script>")
    shop.below = {"/api/": (404, JSON, "{}")}
    status, said = check()
    assert (status, "GET /api/members answers 200, application/json (a script of the front" in said) == (0, True)
    assert "a page such as /admin is hidden in the browser alone" in " ".join(said.split())
    assert said.splitlines()[-1].endswith("1 route answers without credentials, 1 refuses")


def test_page_that_is_guarded_in_the_browser_alone_is_no_lock(
    check: Callable[..., tuple[int, str]], shop: Shop
) -> None:  # fmt: skip
    shop.not_found = shop.replies["GET /admin"] = (200, HTML, "<!doctype html><div id=app></div>")
    status, said = check("--deny", "/admin")
    assert (status, "no server guards a page that the browser draws" in " ".join(said.split())) == (2, True)
    status, said = check("--deny", "/admin", "--deny", "/orders")
    assert (status, "soft-refusal: got 200 with the page that a path which does not exist gets" in said) == (1, True)


def test_description_says_what_needs_a_credential(
    check: Callable[..., tuple[int, str]], shop: Shop, tmp_path: Path
) -> None:
    guarded: dict[str, object] = {"security": [{"b": []}]}
    document = {
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "paths": {"/orders": {"get": guarded}, "/orders/{n}": {"get": guarded}, "/healthz": {"get": {"security": []}}},
        "components": {"securitySchemes": {"b": {"type": "http", "scheme": "bearer"}}},
    }  # fmt: skip
    (tmp_path / "api.json").write_text(json.dumps(document))
    shop.replies["GET /orders/00000000-0000-4000-8000-000000000000"] = REFUSED
    assert check("--openapi", "api.json")[0] == 0
    shop.replies["GET /orders"] = ITEMS
    status, said = check("--openapi", "api.json")
    assert status == 1
    assert "LEAK  app: GET /orders\n" in said


def test_what_is_saved_is_a_gate_of_its_own(check: Callable[..., tuple[int, str]], shop: Shop) -> None:
    assert check(*DENIED, "--save")[0] == 0
    assert exit_with(prober, ["run", "-q"], name="prober") == 0
    shop.replies["GET /admin"] = ITEMS
    assert exit_with(prober, ["run", "-q"], name="prober") == 1
    status, said = check(*DENIED, "--save")
    assert status == 64
    assert "prober.yaml is there already" in said
    modeline = Path("prober.yaml").read_text().splitlines()[0]
    assert Path(modeline.partition("$schema=")[2]).is_file()


@pytest.mark.parametrize("words", [["check"], ["run", "--base-url"]], ids=["check", "run"])
def test_nobody_there_is_no_verdict(
    words: list[str], shop: Shop, capsys: pytest.CaptureFixture[str]  # noqa: ARG001 - for a folder without a file
) -> None:  # fmt: skip
    assert exit_with(prober, [*words, "http://127.0.0.1:1", "--attempts", "1"], name="prober") == 2
    assert "no answer from http://127.0.0.1:1" in capsys.readouterr().err


@pytest.mark.parametrize("route", ["admin", "POST", "/a b", "/api/*"])
def test_what_is_no_route_is_a_usage_error(route: str, check: Callable[..., tuple[int, str]]) -> None:
    status, said = check("--deny", route)
    assert status == 64
    assert f"--deny '{route}' is not a route" in said


def test_questions_are_in_the_json_report_too(
    check: Callable[..., tuple[int, str]], shop: Shop, tmp_path: Path
) -> None:
    shop.replies["GET /openapi.json"] = (200, JSON, json.dumps(DOCUMENT))
    assert check("--report", "json=report.json", "--report", "markdown=report.md")[0] == 0
    asked = {one["route"]: one["answers"] for one in json.loads((tmp_path / "report.json").read_text())["questions"]}
    assert asked["GET /basket"] == "answers 200, text/html"
    assert asked["POST /notes"] is None  # not asked, since it may change something
    assert "GET /orders" not in asked  # which refuses
    assert "Is this meant to be public?" in (tmp_path / "report.md").read_text()


READERS: dict[str, Callable[[str], str]] = {
    "json": lambda text: str(json.loads(text)["verdict"]),
    "ndjson": lambda text: str(json.loads(text.splitlines()[-1])["verdict"]),
    "junit": lambda text: ET.fromstring(text).findtext("testsuite/system-out") or "",
    "sarif": lambda text: str(json.loads(text)["runs"][0]["invocations"][0]["exitCodeDescription"]),
    "markdown": lambda text: text.splitlines()[0],
    "github": lambda text: text.splitlines()[0],
    "html": lambda text: text.partition("<h1>")[2].partition("</h1>")[0],
    "prometheus": lambda text: next(line for line in text.splitlines() if 'run_verdict{verdict="questions"} 1' in line),
}


@pytest.mark.parametrize("found", ["routes", "an MCP endpoint alone"])
@pytest.mark.parametrize("format_", READERS)
def test_no_report_calls_open_questions_locked(
    format_: str, found: str, check: Callable[..., tuple[int, str]], shop: Shop, tmp_path: Path
) -> None:  # fmt: skip
    is_mcp_alone = found != "routes"
    if is_mcp_alone:
        shop.replies, shop.allows = {"POST /mcp": LACKS_SESSION}, {"/mcp": "POST"}
    status, said = check("--report", f"{format_}=report", "--quiet")
    sentence = READERS[format_]((tmp_path / "report").read_text())
    assert (status, said.partition(":")[0]) == (0, "QUESTIONS")
    assert "questions" in sentence.lower()
    assert "locked" not in sentence.lower().replace("lockdown", "")
    status, said = check("--report", f"{format_}=report", "--quiet", "--deny", "/orders")
    assert (status, said.partition(":")[0]) == (2 if is_mcp_alone else 0, "NO VERDICT" if is_mcp_alone else "LOCKED")


def test_report_of_an_earlier_check_does_not_stand_for_one_without_an_answer(
    check: Callable[..., tuple[int, str]], shop: Shop, tmp_path: Path
) -> None:
    assert check("--report", "json=report.json")[0] == 0
    shop.replies = {}
    assert check("--report", "json=report.json")[0] == 2
    assert not (tmp_path / "report.json").exists()


def test_where_nothing_but_its_health_is_found_there_is_no_verdict(
    check: Callable[..., tuple[int, str]], shop: Shop
) -> None:
    shop.replies = {"GET /healthz": (200, JSON, "{}")}
    status, said = check()
    assert status == 2
    assert "no route was found" in said
    assert "GET /healthz answers 200" in said
    assert "--deny" in said


def test_document_without_a_route_is_no_verdict(
    check: Callable[..., tuple[int, str]], shop: Shop, tmp_path: Path
) -> None:
    shop.replies = {}
    (tmp_path / "api.json").write_text(json.dumps({"openapi": "3.1.0", "paths": {}}))
    status, said = check("--openapi", "api.json")
    assert (status, "NO VERDICT: no route was found" in said) == (2, True)


def test_links_at_the_end_of_a_long_front_page_are_found(check: Callable[..., tuple[int, str]], shop: Shop) -> None:
    dressed = "<style>" + "x" * 100_000 + "</style><a href='/basket'>basket</a>"
    shop.replies["GET /"] = (200, HTML, dressed)
    assert "GET /basket answers 200" in check()[1]


def test_run_that_names_nothing_says_what_it_does_instead(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_with(prober, ["run", "--base-url", shop.url], name="prober") == 0
    said = capsys.readouterr()
    assert "none of the applications that come with the prober: doing what `prober check" in said.err
    assert "Is this meant to be public?" in said.out


def test_run_that_names_nothing_asks_for_the_mode_of_a_known_application(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    marks = ("/api/org/members", "/api/machines", "/api/settings")
    shop.replies |= {f"GET {path}": REFUSED for path in marks}
    assert exit_with(prober, ["run", "--base-url", shop.url], name="prober") == 64
    assert "answers as mis-control-tower does, and no profile is given" in capsys.readouterr().err


def test_scripts_are_read_below_a_base_path_too(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.replies |= {
        "GET /shop/": (200, HTML, "<div id=app></div><script src=/shop/app.js></script>"),
        "GET /shop/app.js": (200, "text/javascript", 'get("/api/carts")'),
        "GET /shop/api/carts": ITEMS,
    }
    assert exit_with(prober, ["check", f"{shop.url}/shop"], name="prober") == 0
    assert "GET /api/carts answers 200" in capsys.readouterr().out
