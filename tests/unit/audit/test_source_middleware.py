"""Matchers and exemptions of a Next.js middleware."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.audit.source.middleware import pattern_of
from tests.support.source_audit import GOOD, audit, broken

if TYPE_CHECKING:
    from pathlib import Path


PAGE = "export default function Page() { return <main>secret</main>; }"


@pytest.mark.parametrize(
    ("matcher", "rule"),
    [
        pytest.param("'/settings/:path*'", None, id="covers"),
        pytest.param("['/settings/:path+']", None, id="covers-by-a-list"),
        pytest.param("'/((?!api|_next/static).*)'", None, id="all-but"),
        pytest.param("'/admin/:path*'", "SRC009", id="leaves-out"),
        pytest.param("'/settings'", "SRC009", id="only-the-top"),
        pytest.param("'/((?!settings).*)'", "SRC009", id="leaves-out-by-looking-ahead"),
        pytest.param("{source: '/settings/:path*', missing: [{type: 'header', key: 'purpose'}]}", "SRC010", id="only-without-a-header"),
        pytest.param("makeMatcher()", "SRC002", id="made-when-it-runs"),
    ],
)  # fmt: skip
def test_matchers_are_compared_with_the_pages(matcher: str, rule: str | None, tmp_path: Path) -> None:
    found = audit(tmp_path, {
        "app/settings/tokens/page.tsx": PAGE,
        "app/signin/page.tsx": PAGE,
        "app/api/a/route.ts": GOOD,
        "middleware.ts": f"export function middleware() {{}}\nexport const config = {{matcher: {matcher}}};",
    })  # fmt: skip
    assert (rule in broken(found)) if rule else broken(found) == set()


def test_a_page_that_guards_itself_needs_no_middleware_and_a_layout_does_not_count(tmp_path: Path) -> None:
    page = "import {auth} from '@/auth';\nimport {redirect} from 'next/navigation';\nexport default async function Page() { if (!(await auth())) redirect('/signin'); return <main/>; }"
    found = audit(tmp_path, {
        "app/own/page.tsx": page, "app/laid/layout.tsx": page, "app/laid/page.tsx": PAGE, "app/api/a/route.ts": GOOD,
        "proxy.ts": "export const proxy = () => {}; export const config = {matcher: ['/none']};",
    })  # fmt: skip
    assert [one.what for one in found.breaches] == ["/laid (app/laid/page.tsx) has no guard of its own"]


@pytest.mark.parametrize(
    ("condition", "loose"),
    [
        ("path.startsWith('/api/auth')", True),
        ("path.startsWith('/api/auth/')", False),
        ("path === '/api/auth'", False),
        ("!path.startsWith('/admin')", False),
        ("path === '/' || path.includes('/public')", True),
    ],
)
def test_an_exemption_by_the_beginning_of_a_name_is_found(condition: str, loose: bool, tmp_path: Path) -> None:  # noqa: FBT001
    text = f"export function middleware(request) {{ const path = request.nextUrl.pathname; if ({condition}) return NextResponse.next(); return NextResponse.redirect('/signin'); }}"
    assert ("SRC011" in broken(audit(tmp_path, {"src/middleware.ts": text, "app/api/a/route.ts": GOOD}))) is loose


@pytest.mark.parametrize(
    ("pattern", "path", "wanted"),
    [
        ("/", "/", True),
        ("/a", "/a/", True),
        ("/a", "/ab", False),
        ("/a/:b", "/a/x", True),
        ("/a/:b", "/a/x/y", False),
        ("/a/:b?", "/a", True),
        ("/a/:b*", "/a", True),
        ("/a/:b*", "/a/x/y", True),
        ("/a/:b+", "/a", False),
        ("/a/:id(\\d+)", "/a/12", True),
        ("/a/:id(\\d+)", "/a/x", False),
        ("/((?!api|_next).*)", "/settings", True),
        ("/((?!api|_next).*)", "/api/x", False),
        ("/(a|b)/c", "/b/c", True),
    ],
)
def test_a_pattern_matches_as_next_js_reads_it(pattern: str, path: str, wanted: bool) -> None:  # noqa: FBT001
    compiled = pattern_of(pattern)
    assert compiled is not None
    assert bool(compiled.match(path)) is wanted
