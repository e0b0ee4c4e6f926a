"""The schemas say what the parsers take: held against the shipped files, every known mistake, and real reports."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from prober.cli.schema import KINDS, WORDS, schema_of
from prober.definitions.builtin import load_starter, load_surfaces
from prober.definitions.deployment import parse_deployment
from prober.definitions.document import parse_document
from prober.definitions.fleet import parse_fleet
from prober.definitions.inventory import parse_inventory
from prober.definitions.keys import DOCUMENTS, tables_of
from prober.definitions.profile import parse_profile
from prober.definitions.shipped import surface_names
from prober.definitions.surface import parse_surface
from prober.definitions.waivers import parse_waivers
from prober.demo.doors import door_named
from prober.demo.server import running
from prober.errors import DefinitionError, UsageError
from prober.model import Profile, Verdict
from prober.plan.credentials import credential_names
from prober.report import shape as records
from tests.support.mistakes import MISTAKES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.mistakes import Mistake

ROOT = Path(__file__).parents[2]
PROBER = Path(sys.executable).with_name("prober")
DEFINITIONS = ("surface", "profile", "deployment", "waivers", "inventory", "fleet")


# --- YAML as editors read it ------------------------------------------------------------------------------------------


class Editor(yaml.SafeLoader):
    """YAML 1.2's core words, as editors read them: no and on are text, a day and 12:30 too, 0401 is 401."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own shape


Editor.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Editor.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
Editor.add_implicit_resolver(
    "tag:core,int", re.compile(r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$"), list("-+0123456789")
)
Editor.add_implicit_resolver(
    "tag:core,float",
    re.compile(
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+.0123456789"),
)
Editor.add_constructor(
    "tag:core,int",
    lambda _, node: (
        int(node.value, 0 if node.value[:2] in {"0o", "0x"} else 10) if len(node.value) < 300 else float(node.value)
    ),
)
Editor.add_constructor("tag:core,float", yaml.SafeLoader.construct_yaml_float)


def read(text: str) -> object:
    return yaml.load(text, Loader=Editor)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        pytest.param("no", "no", id="no"),
        pytest.param("true", True, id="true"),
        pytest.param("2026-12-31", "2026-12-31", id="a-day"),
        pytest.param("12:30", "12:30", id="minutes"),
        pytest.param("0401", 401, id="a-leading-nought"),
        pytest.param("4_0_1", "4_0_1", id="underscores"),
        pytest.param("1.5", 1.5, id="a-fraction"),
        pytest.param("~", None, id="nothing"),
    ],
)
def test_the_reader_of_these_tests_reads_as_editors_do(text: str, value: object) -> None:
    assert read(text) == value


# --- the schemas themselves -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wrong_in() -> Callable[[str, object], list[str]]:
    """Say what a schema of this kind finds wrong in a value."""
    validators = {kind: Draft202012Validator(schema_of(kind), format_checker=FormatChecker()) for kind in KINDS}
    return lambda kind, value: [f"{error.json_path}: {error.message}" for error in validators[kind].iter_errors(value)]


def nodes(value: object) -> Iterator[dict[str, Any]]:
    """Every mapping within a schema."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if isinstance(value, dict):
        yield value
    for entry in inner:
        yield from nodes(entry)


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one(kind: str) -> None:
    schema = schema_of(kind)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_a_schema_says_what_it_is(kind: str) -> None:
    """An editor shows it on hover."""
    keys = [(name, said) for node in nodes(schema_of(kind)) for name, said in node.get("properties", {}).items()]
    described = {name for name, said in keys if "description" in said}
    conditions = {
        "route",
        "effect",
        "send",
        "inert",
        "well-formed",
        "indistinguishable",
    }  # named again where one key depends on another
    assert {name for name, said in keys if "description" not in said} <= described & conditions
    assert described


@pytest.mark.parametrize("kind", KINDS)
def test_no_mapping_of_a_schema_is_open_by_accident(kind: str) -> None:
    """Of a mapping either the keys are known, or the values; what JSON may hold is anything."""
    shapes = [node for node in nodes(schema_of(kind)) if node.get("type") == "object"]
    free = [node for node in shapes if "additionalProperties" not in node]
    assert [node["title"] for node in free] == ["Json"] * len(free)
    assert shapes


@pytest.mark.parametrize("kind", KINDS)
def test_every_definition_of_a_schema_is_used_and_there(kind: str) -> None:
    schema = schema_of(kind)
    used = {node["$ref"].removeprefix("#/$defs/") for node in nodes(schema) if "$ref" in node}
    assert used == set(schema["$defs"])


def test_a_definition_that_two_schemas_share_is_the_same_in_both() -> None:
    written = [json.loads((ROOT / "prober" / "schemas" / f"{kind}.json").read_text())["$defs"] for kind in DEFINITIONS]
    shared = [(one[name], other[name]) for one in written for other in written for name in one.keys() & other.keys()]
    assert [pair for pair in shared if pair[0] != pair[1]] == []
    assert len(shared) > sum(len(defs) for defs in written)


@pytest.mark.parametrize("kind", KINDS)
def test_every_list_of_words_is_filled_in(kind: str) -> None:
    assert [
        node for node in nodes(schema_of(kind)) if node.get("enum") == [] or "filled" in node.get("$comment", "")
    ] == []


def test_every_list_of_words_is_filled_in_somewhere() -> None:
    assert set(WORDS) <= {name for kind in KINDS for name in schema_of(kind)["$defs"]}


def test_shipped_surfaces_are_called_as_their_files() -> None:
    assert surface_names() == tuple(sorted(surface.name for surface in load_surfaces()))


# --- what is right ----------------------------------------------------------------------------------------------------

README = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
RIGHT = [
    *(pytest.param("surface", path.read_text(), id=path.name) for path in sorted(ROOT.glob("probes/*.yaml"))),
    *(pytest.param("profile", path.read_text(), id=path.name) for path in sorted(ROOT.glob("profiles/*.yaml"))),
    *(pytest.param("deployment", path.read_text(), id=path.parent.name) for path in sorted(ROOT.glob("docs/**/prober.yaml"))),
    *(pytest.param(kind, text, id=f"readme-{kind}") for kind, text in zip(("deployment", "surface", "profile"), README, strict=True)),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), RIGHT)
def test_what_is_shipped_is_right(kind: str, text: str, wrong_in: Callable[[str, object], list[str]]) -> None:
    assert wrong_in(kind, read(text)) == []


# What the parsers take although it looks odd: a schema that refused it would be wrong.
ODD = [
    pytest.param("deployment", "surfaces: all", id="one-word-for-a-list"),
    pytest.param("deployment", "closed-ports: 5432", id="one-port"),
    pytest.param("deployment", "services: {web: 'unix:/run/app.sock', mcp: ['http://[::1]:3100/mcp', 'https://a.example:']}", id="origins"),
    pytest.param("deployment", "services: {web: {url: ['https://a.example', 'https://b.example'], behind: nginx}}", id="a-service-behind-nginx"),
    pytest.param("deployment", "limits: {POST /api/login: {max: 10, per: 1h, signal: {status: 429, header: {retry-after: }}}}", id="a-limit"),
    pytest.param("deployment", "hold: {session-secret: 'env:NEXTAUTH_SECRET', witness: 'file:w'}", id="held"),
    pytest.param("deployment", "waivers: waivers.yaml", id="waivers"),
    pytest.param("deployment", "canary: {every: 1.5m, remind: 0, confirm: 1, keep: 1h, listen: '[::1]:0', alerts: 'file:a', behind-proxy: web}", id="a-canary"),
    pytest.param("deployment", "canary: {remind: '0', listen: 'localhost:9420', page-token: 'env:T', alerts: [env:A, env:B], alert-secret: 'env:S', ping: 'env:P'}", id="a-canary-with-a-page"),
    pytest.param("deployment", "source: {guards: [a.b, {name: c, refuses: null, from: '@/auth'}], public: [{action: 'a.ts#b', why: 3}]}", id="a-source"),
    pytest.param("surface", "{surface: 404, about: 404, routes: [{route: 'M-SEARCH /a/:id/b?x=:y', guard: 1, effect: none, why: 1.5, fix: 2026-01-01}]}", id="numbers-are-text"),
    pytest.param("surface", "{surface: a, about: a, routes: [{route: GET /, guard: a, send: {headers: {X-Retry: 3}, json: }, why: w, fix: f}]}", id="a-body-of-null"),
    pytest.param("surface", "{surface: a, about: a, routes: [{route: 'DELETE /:id', guard: a, effect: acts, inert: impossible-id, session-bound: [a, b], never: [{json: a}, {body: [b]}], why: w, fix: f}]}", id="an-impossible-id"),
    pytest.param("profile", "{profile: a, about: a, extends: ./b.yaml}", id="nothing-of-its-own"),
    pytest.param("profile", "{profile: a, about: a, guards: {g: [4xx, {status: [2xx, 301], location: '/?a=', json: {$: }}]}}", id="answers"),
    pytest.param("profile", "{profile: a, about: a, guards: {g: {anonymous: 200, held: {skip: none}, bearer-undefined: [401, 403]}}, presents: {g: [nothing]}}", id="answers-by-credential"),
    pytest.param("fleet", "{fleet: 1, deployments: [{name: 2024, deployment: 3}, {files: '*/a.yml', name: '{folder}'}, {sd: 'https://a.example/targets', service: api, labels: {a: 1}, hold: {w: 'env:A_{NAME}'}}], hosts: [{match: '*', rate: 0.5}], expect: {at-least: 1}}", id="a-fleet"),
    pytest.param("waivers", "waivers: [{surface: login, reason: r, owner: o, expires: 2026-12-31}, {finding: '*', reason: 1, owner: o, expires: '2027-01-01'}]", id="waived"),
    pytest.param("inventory", "{accepted: {at: 2026-01-02, by: 1, release: 1.2}, there: ['a: GET /b'], absent: ['a: GET /c']}", id="accepted"),
]  # fmt: skip

PARSERS: dict[str, Callable[[str], object]] = {
    "surface": lambda text: parse_surface(parse_document(text, file="x")),
    "profile": lambda text: parse_profile(
        parse_document(text, file="x"), base=base, starter=starter, credentials=credential_names()
    ),
    "deployment": lambda text: parse_deployment(parse_document(text, file="x")),
    "waivers": lambda text: parse_waivers(parse_document(text, file="x")),
    "fleet": lambda text: parse_fleet(parse_document(text, file="x")),
    "inventory": lambda text: parse_inventory(parse_document(text, file="x")),
}


def base(_: object) -> Any:
    return parse_profile(
        parse_document("{profile: b, about: b, guards: {a: 401}}", file="b"), base=base, starter=starter, credentials=()
    )


def starter() -> Profile:
    return load_starter(credentials=credential_names())


@pytest.mark.parametrize(("kind", "text"), ODD)
def test_what_a_parser_takes_its_schema_takes(
    kind: str, text: str, wrong_in: Callable[[str, object], list[str]]
) -> None:
    PARSERS[kind](text)
    assert wrong_in(kind, read(text)) == []


# --- what is wrong ----------------------------------------------------------------------------------------------------

YAML_SAYS = "YAML's own reader refuses it, or shows it, before a schema is asked"
WORD = "a plain yes or no: text in YAML 1.2, which editors read, and a truth in 1.1"
NUMBER = "a number that two versions of YAML read differently: a schema sees what came of it"
TWICE = "a key given twice: editors say so themselves, a schema is shown one of them"
OTHER_FILE = "what is wrong stands in another file"
ELSEWHERE = "what is wrong stands elsewhere in the file: JSON Schema compares no two values"
VALUE = "a rule that a pattern could only say unreadably"

# The mistakes that a schema cannot see, and why; the parser sees every one of them.
UNSEEN = {
    "deployment-canary-every-never": VALUE,
    "deployment-canary-every-too-long": VALUE,
    "deployment-canary-keep-too-short": VALUE,
    "deployment-canary-listen-no-address": VALUE,
    "deployment-canary-listen-port-99999": VALUE,
    "deployment-key-twice": TWICE,
    "deployment-service-twice": TWICE,
    "deployment-surfaces-no": WORD,
    "deployment-url-port-99999": VALUE,
    "fleet-entry-name-in-capitals": "a name or a template of one, as other keys of the entry have it",
    "profile-answer-body-no": WORD,
    "profile-answer-by-of-a-limit-and-a-failure": VALUE,
    "profile-answer-by-of-a-success": VALUE,
    "profile-answer-key-twice": TWICE,
    "profile-extends-in-a-circle-too": OTHER_FILE,
    "profile-extends-in-a-circle": OTHER_FILE,
    "profile-extends-itself": OTHER_FILE,
    "profile-extends-missing-file": OTHER_FILE,
    "profile-guard-twice": TWICE,
    "profile-header-value-yes": WORD,
    "profile-json-value-octal": NUMBER,
    "profile-key-twice": TWICE,
    "profile-presents-unknown-guard": ELSEWHERE,
    "profile-selector-twice": TWICE,
    "profile-skip-yes": WORD,
    "profile-status-decimal": NUMBER,
    "profile-status-octal": NUMBER,
    "profile-status-plus": NUMBER,
    "surface-about-yes": WORD,
    "surface-alias": YAML_SAYS,
    "surface-colon-in-text": YAML_SAYS,
    "surface-control-character": YAML_SAYS,
    "surface-key-is-a-list": YAML_SAYS,
    "surface-key-twice": TWICE,
    "surface-name-no": WORD,
    "surface-never-body-no": WORD,
    "surface-never-key-twice": TWICE,
    "surface-not-yaml": YAML_SAYS,
    "surface-quote-not-closed": YAML_SAYS,
    "surface-route-given-twice": ELSEWHERE,
    "surface-route-guard-no": WORD,
    "surface-route-id-given-twice": ELSEWHERE,
    "surface-route-key-twice": TWICE,
    "surface-send-form-yes": WORD,
    "surface-send-json-hexadecimal": NUMBER,
    "surface-send-json-infinite": NUMBER,
    "surface-send-json-key-no": WORD,
    "surface-send-json-key-twice": TWICE,
    "surface-send-json-minutes": NUMBER,
    "surface-send-json-octal": NUMBER,
    "surface-send-json-too-large": NUMBER,
    "surface-send-json-too-long": NUMBER,
    "surface-send-json-yes": WORD,
    "surface-send-json-zeros": NUMBER,
    "surface-send-key-twice": TWICE,
    "surface-send-parameter-of-no-path": ELSEWHERE,
    "surface-send-unknown-parameter": ELSEWHERE,
    "surface-tab-indentation": YAML_SAYS,
    "surface-tag-of-its-own": YAML_SAYS,
    "surface-tag": YAML_SAYS,
    "surface-two-documents": YAML_SAYS,
    "waivers-colon-in-finding": YAML_SAYS,
    "waivers-finding-twice": TWICE,
    "waivers-key-twice": TWICE,
    "waivers-owner-no": WORD,
    "waivers-surface-twice": TWICE,
}


@pytest.mark.parametrize("case", MISTAKES)
def test_a_mistake_that_can_be_seen_is_refused(case: str, wrong_in: Callable[[str, object], list[str]]) -> None:
    assert bool(refused(MISTAKES[case], wrong_in)) is (case not in UNSEEN)


def refused(mistake: Mistake, wrong_in: Callable[[str, object], list[str]]) -> list[str]:
    try:
        value = read(mistake.text)
    except (yaml.YAMLError, TypeError):
        return []
    return wrong_in(mistake.kind, value)


def test_what_cannot_be_seen_is_still_a_mistake() -> None:
    assert set(UNSEEN) <= set(MISTAKES)
    assert len(UNSEEN) < len(MISTAKES) / 4


# --- the same keys ----------------------------------------------------------------------------------------------------

ROUTE = "{surface: a, about: a, routes: [{route: GET /, guard: g, why: w, fix: f, %s}]}"
GUARD = "{profile: a, about: a, guards: {g: %s}}"
FLEET = "{fleet: a, deployments: [{name: a, deployment: a.yaml}], %s}"
KEY = "zzzzzzzz: 1"
# Where a mapping of known keys may stand, and the definition of the schema that it is there.
PLACES = [
    pytest.param("surface", None, f"{{{KEY}}}", id="a-surface"),
    pytest.param("surface", "route", f"{{surface: a, about: a, routes: [{{{KEY}}}]}}", id="a-route"),
    pytest.param("surface", "payload-facts", ROUTE % f"send: {{{KEY}}}", id="what-is-sent"),
    pytest.param("surface", "never-facts", ROUTE % f"never: {{{KEY}}}", id="never"),
    pytest.param("deployment", "canary", f"canary: {{{KEY}}}", id="a-canary"),
    pytest.param("surface", "limit", ROUTE % f"limit: {{{KEY}}}", id="a-limit"),
    pytest.param("surface", "answer-facts", ROUTE % f"limit: {{max: 1, per: 1h, signal: {{{KEY}}}}}", id="a-signal"),
    pytest.param("profile", None, f"{{{KEY}}}", id="a-profile"),
    pytest.param("profile", "answer-facts", GUARD % f"[{{{KEY}}}]", id="an-answer"),
    pytest.param("profile", "never-facts", f"{{profile: a, about: a, guards: {{g: 401}}, never: {{{KEY}}}}}", id="never-of-a-mode"),
    pytest.param(
        "profile", "carrier", f"{{profile: a, about: a, guards: {{g: 401}}, presents: {{g: {{{KEY}}}}}}}", id="a-carrier"
    ),
    pytest.param("deployment", None, f"{{{KEY}}}", id="a-deployment"),
    pytest.param("deployment", "limit", f"{{limits: {{POST /: {{{KEY}}}}}}}", id="a-limit-of-a-deployment"),
    pytest.param("deployment", "service", f"{{services: {{web: {{{KEY}}}}}}}", id="a-service"),
    pytest.param("deployment", "release", f"{{release: {{{KEY}}}}}", id="a-release"),
    pytest.param("deployment", "source", f"{{source: {{{KEY}}}}}", id="a-source"),
    pytest.param("deployment", "guard-function", f"{{source: {{guards: [{{{KEY}}}]}}}}", id="a-guard-function"),
    pytest.param("deployment", "public-route", f"{{source: {{public: [{{{KEY}}}]}}}}", id="a-public-route"),
    pytest.param("waivers", None, f"{{{KEY}}}", id="a-file-of-waivers"),
    pytest.param("waivers", "waiver", f"{{waivers: [{{{KEY}}}]}}", id="a-waiver"),
    pytest.param("fleet", None, f"{{{KEY}}}", id="a-fleet"),
    pytest.param("fleet", "fleet-defaults", FLEET % f"defaults: {{{KEY}}}", id="the-defaults-of-a-fleet"),
    pytest.param("fleet", "fleet-host", FLEET % f"hosts: [{{{KEY}}}]", id="a-host-of-a-fleet"),
    pytest.param("fleet", "fleet-entry", f"{{fleet: a, deployments: [{{{KEY}}}]}}", id="an-entry-of-a-fleet"),
    pytest.param("fleet", "fleet-expect", FLEET % f"expect: {{{KEY}}}", id="what-a-fleet-expects"),
    pytest.param("inventory", None, f"{{{KEY}}}", id="an-inventory"),
    pytest.param("inventory", "accepted", f"{{accepted: {{{KEY}}}}}", id="who-accepted-it"),
]  # fmt: skip


def keys_of(kind: str, name: str | None) -> set[str]:
    schema: Any = schema_of(kind)
    return set((schema["$defs"][name] if name else schema)["properties"])


def complaint(kind: str, text: str) -> DefinitionError:
    with pytest.raises(DefinitionError) as caught:
        PARSERS[kind](text)
    return caught.value


@pytest.mark.parametrize(("kind", "name", "text"), PLACES)
def test_a_schema_has_the_keys_of_its_parser(kind: str, name: str | None, text: str) -> None:
    """The parser itself names them, to whoever gives it another."""
    known = complaint(kind, text).fix.removeprefix("remove it, or use one of: ").split(", ")
    assert keys_of(kind, name) == set(known)


def test_a_guard_of_the_schema_has_the_keys_of_its_parser() -> None:
    fix = complaint("profile", GUARD % f"{{{KEY}}}").fix
    known = re.findall(r"[a-z-]+", fix.partition("(")[2].partition(")")[0])
    assert keys_of("profile", "answer-facts") | keys_of("profile", "skip") == set(known)


def test_no_table_of_keys_is_left_out() -> None:
    tables = {table.of for document in DOCUMENTS.values() for table in tables_of(document)}
    assert tables == {complaint(*place.values[::2]).what.partition(" in ")[2] for place in PLACES}


# --- the report -------------------------------------------------------------------------------------------------------

JSON_TYPES = {str: "string", int: "integer", bool: "boolean", types.NoneType: "null"}
ROOM = ("--surface", "health", "--surface", "me", "--surface", "mcp")


def run(*words: str, folder: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("PROBER_", "BASE_URL", "MCP_URL"))
    }
    words = ("run", "--report", "json=report.json", *words)
    return subprocess.run([PROBER, *words], cwd=folder, env={**kept, **(env or {})}, capture_output=True, text=True, timeout=60, check=False)  # fmt: skip


def kept(folder: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((folder / "report.json").read_text())
    return report


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The report of a deployment with two doors open, one of them waived, beside what it was before."""
    folder = tmp_path_factory.mktemp("leaking")
    day = "2999-01-01"
    (folder / "waivers.yaml").write_text(
        f"waivers: [{{finding: 'mcp: POST /mcp tools-list [*]', reason: known, owner: us, expires: {day}}}]\n"
    )
    with running("oauth") as demo:
        before = run("--profile", "oauth", "--base-url", demo.web_url, "--mcp-url", demo.mcp_url, *ROOM, folder=folder)
    assert before.returncode == 0, before.stdout
    earlier = (folder / "report.json").read_text(encoding="utf-8")
    locked = demo
    with running("oauth", doors=[door_named("mcp-any-bearer")]) as demo:
        moved = earlier.replace(locked.web_url, demo.web_url).replace(locked.mcp_url, demo.mcp_url)
        (folder / "before.json").write_text(moved, encoding="utf-8")
        done = run(
            "--profile", "oauth", "--base-url", demo.web_url, "--mcp-url", demo.mcp_url, *ROOM,
            "--waivers", "waivers.yaml", "--baseline", "before.json", folder=folder,
        )  # fmt: skip
    assert done.returncode == 1, done.stderr
    return kept(folder)


def test_a_report_with_leaks_is_right(leaking: dict[str, Any], wrong_in: Callable[[str, object], list[str]]) -> None:
    assert wrong_in("report", leaking) == []
    assert leaking["counts"]["leak"] > 0
    assert leaking["waivers"]
    assert leaking["baseline"]["opened"] > 0


def test_a_report_of_nobody_is_right(tmp_path: Path, wrong_in: Callable[[str, object], list[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    done = run("--profile", "oauth", "--base-url", f"http://127.0.0.1:{port}", folder=tmp_path)
    assert done.returncode == 2, done.stderr
    assert wrong_in("report", kept(tmp_path)) == []
    assert kept(tmp_path)["counts"]["unreachable"] > 0


def test_a_report_of_an_interrupted_run_is_right(tmp_path: Path, wrong_in: Callable[[str, object], list[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        words = [PROBER, "run", "--report", "json=report.json", "--profile", "oauth", "--base-url", url]
        with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            listener.settimeout(30)
            held, _ = listener.accept()  # it has begun, and is kept waiting
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=30)
            held.close()
    assert process.returncode == 130
    assert wrong_in("report", kept(tmp_path)) == []
    assert kept(tmp_path)["interrupted"] is True


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"more": 1}, id="a-key-too-many"),
        pytest.param({"verdict": "open"}, id="no-verdict"),
        pytest.param({"schema": 2}, id="another-schema"),
        pytest.param({"exit_status": 64}, id="no-exit-status"),
        pytest.param({"started_at": "yesterday"}, id="no-time"),
        pytest.param({"counts": {}}, id="counts-left-out"),
        pytest.param({"findings": [{}]}, id="an-empty-finding"),
        pytest.param({"baseline": {}}, id="an-empty-baseline"),
    ],
)
def test_a_report_that_is_changed_is_refused(
    change: dict[str, object], leaking: dict[str, Any], wrong_in: Callable[[str, object], list[str]]
) -> None:
    assert wrong_in("report", {**leaking, **change}) != []


RECORDS = [
    pytest.param(records.Record, None, id="report"),
    pytest.param(records.ToolRecord, "tool", id="tool"),
    pytest.param(records.CoverageRecord, "coverage", id="coverage"),
    pytest.param(records.ServiceRecord, "service", id="service"),
    pytest.param(records.FindingRecord, "finding", id="finding"),
    pytest.param(records.WaiverRecord, "waiver", id="waiver"),
    pytest.param(records.BaselineRecord, "baseline", id="baseline"),
]


def shape_of(name: str | None) -> dict[str, Any]:
    """The schema of a record: the whole, or the part of this name."""
    schema: Any = schema_of("report")
    return {**schema["properties"], **schema["$defs"]}[name] if name else schema


def parts_of(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if isinstance(hint, types.UnionType) else (hint,)


def hints_of(record: type) -> dict[str, Any]:
    """The types of a record's keys; its module names those of the model for type checkers alone."""
    return get_type_hints(record, vars(records))


@pytest.mark.parametrize(("record", "name"), RECORDS)
def test_the_schema_has_every_key_of_the_record_and_each_must_be_there(record: type, name: str | None) -> None:
    shape = shape_of(name)
    assert set(shape["properties"]) == set(shape["required"]) == set(hints_of(record))
    assert shape["additionalProperties"] is False


@pytest.mark.parametrize(("record", "name"), RECORDS)
def test_the_schema_says_null_where_the_record_may_be_null(record: type, name: str | None) -> None:
    shape = shape_of(name)
    may = {key for key, said in shape["properties"].items() if "null" in said.get("type", ()) or {"type": "null"} in said.get("anyOf", ())}  # fmt: skip
    assert may == {key for key, hint in hints_of(record).items() if types.NoneType in get_args(hint)}


@pytest.mark.parametrize(("record", "name"), RECORDS)
def test_the_schema_gives_each_key_the_type_that_the_record_has(record: type, name: str | None) -> None:
    said = {key: {value["type"]} if isinstance(value.get("type"), str) else set(value.get("type", ())) for key, value in shape_of(name)["properties"].items()}  # fmt: skip
    hints = {key: {JSON_TYPES.get(part) for part in parts_of(hint)} for key, hint in hints_of(record).items()}
    plain = {key for key, parts in hints.items() if None not in parts and said[key]}
    assert {key: said[key] for key in plain} == {key: hints[key] for key in plain}
    assert plain


def test_every_verdict_is_counted() -> None:
    assert set(shape_of("counts")["properties"]) == set(shape_of("counts")["required"]) == set(Verdict)


# --- the command ------------------------------------------------------------------------------------------------------


def prober(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROBER, "schema", *words], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_printed_as_json(kind: str) -> None:
    done = prober(kind)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == schema_of(kind)


def test_without_a_kind_they_are_listed() -> None:
    done = prober()
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(KINDS)


def test_a_kind_that_is_none_is_a_usage_error() -> None:
    done = prober("suface")
    assert (done.returncode, done.stdout) == (64, "")
    assert done.stderr == "error: no schema of 'suface'\n  fix: did you mean 'surface'?\n"
    with pytest.raises(UsageError, match="no schema of 'zzz'"):
        schema_of("zzz")
