"""What a document or a script only seems to say of a route: an id is no credential, and a path has no method."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.learned_gate import run
from tests.support.shop import HTML, JSON, Reply, Shop

if TYPE_CHECKING:
    from collections.abc import Mapping


def parameter(place: str, name: str) -> Mapping[str, object]:
    return {"get": {"parameters": [{"in": place, "name": name, "required": True, "schema": {"type": "string"}}]}}


@pytest.mark.parametrize(
    ("place", "name", "is_credential"),
    [
        ("query", "session_hash", False), ("query", "sessionId", False), ("query", "session_token", True),
        ("header", "x-session", True), ("cookie", "session_id", True), ("query", "api_key", True),
    ],
)  # fmt: skip
def test_an_id_of_a_session_in_the_query_is_no_credential(
    place: str, name: str, is_credential: bool, shop: Shop  # noqa: FBT001
) -> None:  # fmt: skip
    document = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/queue": parameter(place, name)}}
    lacks: Reply = (422, JSON, '{"detail": "field required"}')
    shop.replies |= {"GET /openapi.json": (200, JSON, json.dumps(document)), "GET /queue": lacks}
    assert run("init", shop.url) == 0
    assert ("needs-" in Path("lockdown/profile.yaml").read_text(encoding="utf-8")) is is_credential


def test_a_path_of_a_job_that_only_a_script_names_is_told_and_is_in_no_gate(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    del shop.replies["GET /openapi.json"]
    shop.replies |= {
        "GET /": (200, HTML, "<div id=app></div><a href='/tasks'>tasks</a><script src=/app.js></script>"),
        "GET /app.js": (200, "text/javascript", 'post("/api/workers/restart");get("/api/carts")'),
        "GET /api/carts": (200, JSON, "[]"), "GET /tasks": (401, JSON, "{}"),
    }  # fmt: skip
    assert run("init", shop.url) == 0
    assert "/api/workers/restart: a script names the path alone" in " ".join(capsys.readouterr().out.split())
    surface = Path("lockdown/surfaces/app.yaml").read_text(encoding="utf-8")
    assert [path in surface for path in ("/api/workers/restart", "/api/carts", "/tasks")] == [False, True, True]
    assert run("run", "-q") == 0


def test_the_headers_in_which_the_source_reads_keys_are_named_and_tried(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "app.py").write_text("given = request.headers.get('X-Shop-Key')\n", encoding="utf-8")
    assert run("init", shop.url) == 0
    assert 'key-headers: ["X-Shop-Key"]' in Path("prober.yaml").read_text(encoding="utf-8")
    assert run("run", "-q") == 0
