"""The schemas of the definitions refuse and take what the parsers do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.mistakes import MISTAKES
from tests.support.schemas import PARSERS, ROOT, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.mistakes import Mistake


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
