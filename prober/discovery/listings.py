"""Routes in what applications and frameworks print of themselves: robots.txt, sitemaps, pages, route lists. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from prober.audit.source.nextjs_routes import parameter
from prober.discovery.coverage import Discovered, route_without_guard
from prober.discovery.listing_json import routes_in_json
from prober.discovery.listing_trees import routes_in_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_LINKS = 40
MOST_SCRIPTS = 8
# With quotes or, as those who minify write it, without.
_LINK = re.compile(r"""(?:href|action|src)\s*=\s*["']?([^"'<>\s]{1,300})["'\s>]""", re.IGNORECASE)
_SCRIPT = re.compile(r"\.m?js(?:\?|$)", re.IGNORECASE)
# A string of a script that is a path of an API, whole: its end is the string's or a query's.
_CALLED = re.compile(
    r"""["'`](/(?:api|rest|rpc|graphql|v[0-9])(?:/(?:[A-Za-z0-9_.-]{1,60}|\$\{[A-Za-z0-9_.]{1,40}\})){0,8}/?)["'`?]"""
)
_SLOT = re.compile(r"\$\{[A-Za-z0-9_.]+\}")
_SOCKET = re.compile(
    r"""new\s+WebSocket\(\s*["'`](/[^"'`<>\s$]{1,300})["'`]|["'`](wss?://[^"'`<>\s$]{1,300})["'`]""", re.IGNORECASE
)
_SOCKET_IO = re.compile(r"""["']/socket\.io/socket\.io(?:\.min)?\.js["']""")
_TYPE = re.compile(r"<(?:int|uuid|slug|file)>")
_OWN_TYPE = re.compile(r":([A-Za-z_]\w*)<(int|uuid|slug|file)>")  # as a surface has it
_LOC = re.compile(r"<loc>\s*([^<\s]{1,500})\s*</loc>", re.IGNORECASE)
_RULE = re.compile(r"^(?:dis)?allow\s*:\s*(/[^\s#]{0,300})", re.IGNORECASE | re.MULTILINE)
_ASSET = re.compile(
    r"\.(?:css|m?js|map|png|jpe?g|gif|svg|ico|webp|avif|woff2?|ttf|txt|xml|webmanifest|pdf|mp4)$", re.IGNORECASE
)
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
_METHOD = re.compile(r"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|ANY|ALL)", re.IGNORECASE)
_PATH = re.compile(r"""(?:^|[\s"'`|{])(/[^\s"'`|]*)""")
# Laravel's route:list writes paths without their first slash.
_WITHOUT_SLASH = re.compile(r"^\s*((?:[A-Z]{3,7}\|?)+)\s+([^\s/.][^\s]*)(?:\s+\.{2,}|\s.*\u203a)")
_INSPECTED = re.compile(r"\bmethods: \[")  # express-list-endpoints, as Node prints objects: on several lines
# How frameworks write a parameter: Flask and Django <int:id>, FastAPI {id} and {rest:path}, Rails *rest, (.:format).
_FORMAT = re.compile(r"\(\.:format\)|\(/\)|\$$|\?(?=\})")
_ANGLE = re.compile(
    r"<(?:(int|uuid)(?:\([^)]*\))?:|[a-z]+:)?([A-Za-z_][A-Za-z0-9_]*)>|\{([A-Za-z_][A-Za-z0-9_]*)(?::[^}]*)?\}"
)
_STAR = re.compile(r"^\{?\*{1,2}([A-Za-z_]*)\}?$")  # *rest, and Spring's ** and {*rest}
_REGEXP = re.compile(r"[()\\\[\]?+^$]")


def paths_in_robots(text: str) -> list[str]:
    """Give the paths that robots.txt names, without those that have a wildcard."""
    return _unique(path for path in _RULE.findall(text) if path != "/" and not set(path) & {"*", "$", "?"})


def paths_in_sitemap(text: str, *, origin: str) -> list[str]:
    """Give the paths of a sitemap that are on this origin."""
    return _unique(_on_origin(_LOC.findall(text), origin=origin))


def paths_in_page(text: str, *, origin: str) -> list[str]:
    """Give the paths of a page's links and forms that are on this origin, without what only dresses the page."""
    return _unique(_on_origin(_LINK.findall(text), origin=origin))


def websockets_in_page(text: str, *, origin: str) -> list[str]:
    """Give the paths on this origin to which a page's scripts open WebSockets."""
    host = urlsplit(origin).netloc
    named = [match[1] or match[2] or "" for match in _SOCKET.finditer(text)]
    paths = [urlsplit(url).path for url in named if url.startswith("/") or urlsplit(url).netloc == host]
    paths += ["/socket.io/"] if _SOCKET_IO.search(text) else []
    return _unique(path for path in paths if path.startswith("/") and _REGEXP.search(path) is None)


def scripts_in_page(text: str, *, origin: str) -> list[str]:
    """Give the scripts of a page that are on this origin, the first ones."""
    links = [url for url in _LINK.findall(text) if _SCRIPT.search(url)]
    return _unique(_on_origin(links, origin=origin, assets=True))[:MOST_SCRIPTS]


def paths_in_script(text: str) -> list[str]:
    """Give the paths of an API that a script's strings hold; what a template puts in is a parameter."""
    return list(dict.fromkeys(_SLOT.sub(":id", path).rstrip("/") for path in _CALLED.findall(text)))[:MOST_LINKS]


def discovered_in_listing(text: str, *, file: str) -> tuple[tuple[Discovered, ...], tuple[str, ...]]:
    """Give the routes of what a framework's own command lists, and a note for each line with a path that is unreadable.

    The text is JSON, or has a line for each path, with its methods before or after it: `flask routes`, `rails routes`,
    Django's `show_urls`, Hono's `showRoutes`, `GET /path` by hand. A line without a method is a GET.
    """
    found: dict[tuple[str, str], Discovered] = {}
    notes: list[str] = []
    for number, methods, written in _written_routes(text):
        path = _notation(written)
        if path is None:
            notes.append(f"{file}:{number}: '{written}' is not a path that can be probed")
            continue
        for method in _methods(methods):
            found.setdefault((method, path), route_without_guard(method, path, file=file, line=number))
    return tuple(found.values()), tuple(notes)


def _written_routes(text: str) -> Iterator[tuple[int, str, str]]:
    """Give the line, what holds the methods, and the path of each route, as they are written."""
    in_json = routes_in_json(text)
    if in_json is not None:
        yield from ((1, methods, path if path.startswith("/") else f"/{path}") for methods, path in in_json)
        return
    in_tree = routes_in_tree(text)
    if in_tree is not None:
        yield from in_tree
        return
    if _INSPECTED.search(text):
        lines = [(1, part.replace("\n", " ")) for part in text.split("}")]
    else:
        lines = list(enumerate(text.splitlines(), start=1))
    for number, line in lines:
        bare = _WITHOUT_SLASH.match(line)
        match = _PATH.search(line)
        if bare is not None:
            yield number, bare[1], f"/{bare[2]}"
        elif match is not None:
            yield number, f"{line[: match.start(1)]} {line[match.end(1) :]}", match[1].rstrip(",")


def _methods(text: str) -> list[str]:
    words = re.split(r"[\s,|\[\]{}'\":]+", text)
    named = [word.upper() for word in words if _METHOD.fullmatch(word) and word.isupper()]
    methods = [method for method in _METHODS if method in named and method not in {"HEAD", "OPTIONS"}]
    return methods or (["HEAD"] if "HEAD" in named else [] if named else ["GET"])


def _notation(path: str) -> str | None:
    """Write a path in the notation of definitions, None where it is a pattern of another kind."""
    parts = []
    for part in _FORMAT.sub("", path).partition("?")[0].split("/"):
        star, whole = _STAR.match(part), _ANGLE.fullmatch(part)
        if star is not None:
            parts.append(":" + (parameter(star[1]) if star[1] else "rest"))
        elif whole is not None:
            typed = f"<{whole[1]}>" if whole[1] else ""
            parts.append(f":{parameter(whole[2] or whole[3])}{typed}")
        elif (own := _OWN_TYPE.fullmatch(part)) is not None:
            parts.append(f":{parameter(own[1])}<{own[2]}>")
        elif part.startswith(":"):
            parts.append(":" + parameter(re.split(r"[{(]", part[1:])[0]))  # Hono and Express: :id{[0-9]+}
        else:
            parts.append(_ANGLE.sub("0", part))
    written = "/".join(parts)
    return None if _REGEXP.search(_TYPE.sub("", written)) or not written.isascii() else written


def _on_origin(urls: list[str], *, origin: str, assets: bool = False) -> Iterator[str]:
    home = urlsplit(origin)
    for url in urls:
        try:
            parts = urlsplit(urljoin(origin + "/", url.replace("&amp;", "&")))
        except ValueError:
            continue
        if (parts.scheme, parts.netloc) == (home.scheme, home.netloc) and (assets or not _ASSET.search(parts.path)):
            yield parts.path or "/"


def _unique(paths: Iterator[str]) -> list[str]:
    usable = (path for path in paths if path.isascii() and path.isprintable() and not set(path) & set(" :{}<>\"'"))
    return list(dict.fromkeys(usable))[:MOST_LINKS]
