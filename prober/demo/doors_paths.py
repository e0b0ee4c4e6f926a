"""One door for each spelling of a path that a prober can send.

The guard compares the path as it was sent, and the router behind it reads this one spelling as the guarded path. Each
normalises in its own way only, so that a spelling that were missing from the variants would leave its door uncaught.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from prober.demo.answers import BUILD
from prober.demo.door import Door, misread_by
from prober.model import Depth

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.datastructures import Headers

    from prober.demo.door import Reads

ME = "me: GET /api/me"
FIRST = "autoskill: GET /api/autoskill/proposals"  # the first route of its guard that only reads
PAGE = "admin-pages: GET /admin/users"
_DOWN_AND_UP = re.compile(r"/lockdown-probe/\.\.(?=/)")
_DOWN_AND_UP_ENCODED = re.compile(r"/lockdown-probe/%2e%2e(?=/)", re.IGNORECASE)
_OPEN_AND_BACK = re.compile(r"^/(?!lockdown-probe|static/|_next/)[^/.]+(?:/[^/.]+)*(?:/\.\.)+(?=/)")
_OPEN_AND_BACK_ENCODED = re.compile(
    r"^/(?!lockdown-probe|static/|_next/)[^/.%]+(?:/[^/.%]+)*(?:/%2e%2e)+(?=/)", re.IGNORECASE
)
_OPEN_AND_BACK_TWICE = re.compile(
    r"^/(?!lockdown-probe|static/|_next/)[^/.%]+(?:/[^/.%]+)*(?:/%252e%252e)+(?=/)", re.IGNORECASE
)
_OPEN_AND_BACK_SEMICOLON = re.compile(r"^/(?!lockdown-probe|static/|_next/)[^/.]+(?:/[^/.]+)*(?:/\.\.;)+(?=/)")
_OPEN_AND_BACK_SLASH = re.compile(
    r"^/(?!lockdown-probe|static/|_next/)[^/.%]+(?:/[^/.%]+)*/(?:\.\.%2f)+", re.IGNORECASE
)
_ENCODED_LETTER = re.compile(r"%(?:[46][1-9a-f]|[57][0-9a])", re.IGNORECASE)
_TWICE = re.compile(r"%25([46][1-9a-f]|[57][0-9a])", re.IGNORECASE)
_WHOLE_URL = re.compile(r"https?://[^/]+(/.*)", re.IGNORECASE)
_PAGE_DATA = re.compile(rf"/_next/data/{BUILD}(/.*)\.json")


def _path(change: Callable[[str], str]) -> Reads:
    """Change the path; what comes out as it went in was read as everybody reads it."""

    def reads(target: str, _headers: Headers) -> str | None:
        path = target.partition("?")[0]
        changed = change(path)
        return None if changed == path else changed

    return reads


def _inside(pattern: re.Pattern[str]) -> Reads:
    """Read what this pattern finds within the path."""
    return _path(lambda path: pattern.sub(r"\1", path))


def _without_end(end: str) -> Reads:
    """Drop this from the path's end; the root has nothing to lose."""
    return _path(lambda path: path.removesuffix(end) or "/")


def _without_question(target: str, _headers: Headers) -> str | None:
    path, mark, query = target.partition("?")
    return path if mark and not query else None


def _last_part_lower(path: str) -> str:
    before, slash, last = path.rpartition("/")
    return before + slash + last.lower()


def _decoded_letters(path: str) -> str:
    return _ENCODED_LETTER.sub(lambda found: chr(int(found.group()[1:], 16)), path)


def _door(variant: str, reads: Reads, about: str, at: str = ME) -> Door:
    name = f"opened-by-{variant}"
    return Door(
        name=name, about=about, at=(at,), reads=reads, opens=misread_by(name), depth=Depth.DEEP,
        caught_by=f"{at} [anonymous] {variant}",
    )  # fmt: skip


def write_opened_by_slash(at: str) -> Door:
    """Make the door of a route that writes: its handler is reached by a slash more, and rejects what is sent."""
    name = "write-opened-by-trailing-slash"
    return Door(
        name=name, about="A slash more passes the guard of a POST, and only the handler's check of the body refuses.",
        at=(at,), reads=_without_end("/"), opens=misread_by(name), depth=Depth.DEEP,
        caught_by=f"{at} [anonymous] trailing-slash",
    )  # fmt: skip


DOORS: tuple[Door, ...] = (
    _door("trailing-slash", _without_end("/"), "The guard names the path exactly, the router forgives a slash more."),
    _door(
        "leading-double-slash", _path(lambda path: re.sub("^//+", "/", path)),
        "The guard looks how the path begins, the router drops empty parts at its front (CVE-2026-29087).",
    ),
    _door(
        "inner-double-slash", _path(lambda path: re.sub("(?<=[^/])//+", "/", path)),
        "The guard compares parts, the router drops the empty ones among them (CVE-2026-33808).",
    ),
    _door(
        "dot-segment", _path(lambda path: path.replace("/./", "/")),
        "The guard compares the path before the router drops its dots.",
    ),
    _door(
        "dot-dot-segment", _path(lambda path: _DOWN_AND_UP.sub("", path)),
        "The guard compares the path before the router walks it up again.",
    ),
    _door(
        "encoded-dot-dot-segment", _path(lambda path: _DOWN_AND_UP_ENCODED.sub("", path)),
        "The proxy resolves dots and then guards, the router resolves those that were encoded.",
    ),
    _door(
        "open-folder-and-back", _path(lambda path: _OPEN_AND_BACK.sub("", path)),
        "The guard exempts what begins like a public path, before the router resolves its dots.",
    ),
    *(
        _door(f"{name}-and-back{more}", _path(partial(re.compile(f"^{way}(?=/)").sub, "")), about, FIRST)
        for name, more, way, about in (
            ("static-folder", "", r"/static/\.\.", "The guard exempts what begins like a static file."),
            ("next-static-folder", "", r"/_next/static/\.\./\.\.", "The same, of what Next.js has built."),
            ("static-folder", "-semicolon", r"/static/\.\.;", "The same, and the router cuts the semicolon first."),
        )
    ),
    _door(
        "open-folder-and-back-encoded", _path(lambda path: _OPEN_AND_BACK_ENCODED.sub("", path)),
        "The same, and only the router decodes the dots.",
    ),
    _door(
        "open-folder-and-back-encoded-twice", _path(lambda path: _OPEN_AND_BACK_TWICE.sub("", path)),
        "The same, and both a proxy and the application decode the dots.", FIRST,
    ),
    _door(
        "open-folder-and-back-encoded-slash", _path(lambda path: _OPEN_AND_BACK_SLASH.sub("/", path)),
        "The same, and only the application decodes the slash behind the dots.", FIRST,
    ),
    _door(
        "static-suffix", _path(lambda path: re.sub(r"(?<!/lockdown-probe)(?<!;lockdown-probe)\.css$", "", path)),
        "The guard leaves out what ends like a style sheet, the router forgives the ending.", FIRST,
    ),
    _door("static-file-below", _without_end("/lockdown-probe.css"), "The same, and the router drops the rest.", FIRST),
    _door("static-parameter", _without_end(";lockdown-probe.css"), "The same, and the router cuts it off.", FIRST),
    _door(
        "version-prefix", _path(lambda path: re.sub("^/api/v1(?=/)", "/api", path)),
        "The API is served below the number of a version too, where no guard was put.", FIRST,
    ),
    _door(
        "version-first", _path(lambda path: re.sub("^/v1(?=/api/)", "", path)),
        "The same, and the version stands before the folder of the API.", FIRST,
    ),
    _door(
        "open-folder-and-back-semicolon", _path(lambda path: _OPEN_AND_BACK_SEMICOLON.sub("", path)),
        "The same, and the router cuts the semicolon first.",
    ),
    _door(
        "letter-encoded-twice", _path(lambda path: _TWICE.sub(lambda found: chr(int(found[1], 16)), path)),
        "The front end decodes once and guards, the application decodes again.",
    ),
    _door(
        "encoded-slash", _path(lambda path: re.sub("%2f", "/", path, flags=re.IGNORECASE)),
        "The guard sees one part where the router, decoding %2f, sees two (CVE-2026-39406).",
    ),
    _door("encoded-letter", _path(_decoded_letters), "The guard compares the path before its letters are decoded."),
    _door("upper-case", _path(_last_part_lower), "The guard minds the case of letters, and the router does not."),
    _door("semicolon", _without_end(";"), "The router drops a semicolon and the nothing behind it."),
    _door(
        "semicolon-parameter", _path(lambda path: re.sub(";[^/;=]+=[^/;]*", "", path)),
        "The router takes ;name=value for a parameter of the part before it, as servlets do.",
    ),
    _door("json-suffix", _without_end(".json"), "The router takes .json for the wanted format, the guard for a name."),
    _door("encoded-space", _without_end("%20"), "The router trims blanks from the path that the guard compares."),
    _door("encoded-tab", _without_end("%09"), "The router trims tabs, and the guard only blanks."),
    _door("encoded-null", _path(lambda path: path.partition("%00")[0]), "The router's path ends at a null byte."),
    _door("encoded-newline", _without_end("%0a"), "The pattern of the guard ends before a newline.", FIRST),
    _door("encoded-return", _without_end("%0d"), "The router trims a carriage return.", FIRST),
    _door("encoded-hash", _without_end("%23"), "The router decodes the path and cuts it at the #.", FIRST),
    _door("encoded-question-mark", _without_end("%3f"), "The same, at a question mark.", FIRST),
    _door("trailing-dot", _without_end("."), "The router drops a dot at the end of the path.", FIRST),
    _door("html-suffix", _without_end(".html"), "The router takes .html for the wanted format.", FIRST),
    _door(
        "folder-upper-case", _path(lambda path: path.replace("/API/", "/api/")),
        "The guard minds the case of the folder that it is for, and the router does not.", FIRST,
    ),
    _door("backslash", _path(lambda path: path.replace("\\", "/")), "The router takes a backslash for a slash."),
    _door("bare-question-mark", _without_question, "The guard compares the whole target, with the ? at its end."),
    _door("absolute-form", _inside(_WHOLE_URL), "The guard looks how the target begins, which may be a whole URL."),
    _door(
        "locale-prefix", _inside(re.compile("^/[a-z]{2}(/.+)")),
        "The router takes the language off the path, the guard does not.", PAGE,
    ),
    # --- what Next.js serves of a page besides the page ---------------------------------------------------------------
    _door(
        "rsc-suffix", _path(lambda path: re.sub(r"^([^.]+)\.rsc$", r"\1", path)),
        "The page's data for the client's router has an address that the guard does not cover.", PAGE,
    ),
    _door(
        "segment-suffix", _path(lambda path: re.sub(r"\.segments/[\w/]+\.segment\.rsc$", "", path)),
        "The page's segments are served past the middleware (CVE-2026-44575, Next before 15.5.18 and 16.2.6).", PAGE,
    ),
    _door(
        "next-data", _inside(_PAGE_DATA),
        "The page's data is served past the middleware (CVE-2026-44573, Next before 15.5.16 and 16.2.5).", PAGE,
    ),
)  # fmt: skip
