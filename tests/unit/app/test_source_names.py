"""Names that the source of an application tells: the headers in which it reads keys, in the languages of frameworks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.app.cookie_names import cookies_in_source
from prober.app.key_header_names import key_headers_in_source

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("file", "text", "names"),
    [
        pytest.param("app.py", "request.headers.get('X-Library-Key')", ("X-Library-Key",), id="flask"),
        pytest.param("app.py", 'request.headers["X-Shop-Token"]', ("X-Shop-Token",), id="index"),
        pytest.param("app.py", "request.META.get('HTTP_X_CRON_SECRET')", ("X-Cron-Secret",), id="django"),
        pytest.param("app.py", "request.META['HTTP_X_API_KEY']", ("X-Api-Key",), id="django-index"),
        pytest.param("app.ts", "(await headers()).get('x-acme-key')", ("x-acme-key",), id="nextjs"),
        pytest.param("app.js", "req.headers['x-acme-secret']; req.get('X-Acme-Secret')", ("x-acme-secret",), id="express"),
        pytest.param("app.ts", "c.req.header('x-acme-auth')", ("x-acme-auth",), id="hono"),
        pytest.param("app.php", "$request->header('X-Acme-Key')", ("X-Acme-Key",), id="laravel"),
        pytest.param("app.rb", "request.headers['X-Acme-Key']", ("X-Acme-Key",), id="rails"),
        pytest.param("app.go", 'r.Header.Get("X-Acme-Token")', ("X-Acme-Token",), id="go"),
        pytest.param("app.py", "headers.get('X-CSRF-Token'), headers.get('Idempotency-Key')", (), id="no-credential"),
        pytest.param("app.py", "headers.get('Authorization'), headers.get('X-Request-Id')", (), id="usual"),
        pytest.param("app.js", "req.get('/api/token'); headers.get('x-monkey')", (), id="no-header-of-a-key"),
        pytest.param("notes.md", "request.headers.get('X-Library-Key')", (), id="no-source"),
        pytest.param("tests/app.py", "request.headers.get('X-Library-Key')", (), id="tests"),
    ],
)  # fmt: skip
def test_headers_of_keys_that_the_source_reads(file: str, text: str, names: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(text, encoding="utf-8")
    assert key_headers_in_source(tmp_path) == ()  # nothing says that this folder is an application's
    (tmp_path / "requirements.txt").touch()
    assert key_headers_in_source(tmp_path) == names
    assert cookies_in_source(tmp_path) == ()


def test_no_more_than_a_few_are_taken(tmp_path: Path) -> None:
    (tmp_path / "go.mod").touch()
    (tmp_path / "a.go").write_text("".join(f'r.Header.Get("X-Key-{n}")\n' for n in range(30)), encoding="utf-8")
    assert key_headers_in_source(tmp_path) == tuple(f"X-Key-{n}" for n in range(8))
