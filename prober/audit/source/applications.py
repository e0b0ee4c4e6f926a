"""Which applications a folder holds: those of Next.js, wherever they lie, and by name what else there is."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from prober.audit.source.analysis.project import json_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.audit.source.analysis.project import Project

_OPENAPI = "'prober discover openapi URL' reads its routes from the OpenAPI document that it serves"
_BY_HAND = "'prober discover openapi' reads its routes where it serves an OpenAPI document; else write them in 'probes'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Framework:
    """A framework that this audit does not read, by what its manifest says."""

    name: str
    manifest: re.Pattern[str]  # of the manifest's file name
    mark: re.Pattern[str]  # of what it depends on
    command: str = _BY_HAND
    serves: bool = True  # whoever depends on it has routes; False: a language, which may be that of a tool

    def is_in(self, project: Project, file: str, text: str) -> bool:
        """Say whether a manifest names it. What a package.json needs for development alone serves nobody."""
        name = PurePosixPath(file).name
        if not self.manifest.fullmatch(name):
            return False
        if name != "package.json":
            return self.mark.search(text) is not None
        needed = json_of(project, file).get("dependencies")
        return isinstance(needed, dict) and any(self.mark.fullmatch(package) for package in needed)


def _python(name: str, mark: str, command: str = _BY_HAND) -> Framework:
    manifest = re.compile(r"pyproject\.toml|requirements.*\.txt|Pipfile|setup\.(py|cfg)")
    return Framework(name=name, manifest=manifest, mark=re.compile(mark, re.IGNORECASE), command=command)


def _node(name: str, package: str, command: str = _BY_HAND) -> Framework:
    return Framework(name=name, manifest=re.compile(r"package\.json"), mark=re.compile(package), command=command)


def _other(name: str, manifest: str, mark: str, command: str = _BY_HAND) -> Framework:
    return Framework(name=name, manifest=re.compile(manifest), mark=re.compile(mark, re.IGNORECASE), command=command)


FRAMEWORKS = (
    _python("FastAPI", r"\bfastapi\b", _OPENAPI),
    _python("Django", r"\bdjango\b"),
    _python("Flask", r"\bflask\b"),
    _python("Starlette", r"\bstarlette\b"),
    _node("NestJS", "@nestjs/core", _OPENAPI),
    _node("Express", "express"),
    _node("Fastify", "fastify", _OPENAPI),
    _node("Hono", "hono"),
    _node("Koa", "koa"),
    _node("Remix", "@remix-run/[a-z]+"),
    _node("SvelteKit", "@sveltejs/kit"),
    _node("Nuxt", "nuxt"),
    _node("Astro", "astro"),
    _other("Rails", r"Gemfile", r"\brails\b"),
    _other("Sinatra", r"Gemfile", r"\bsinatra\b"),
    _other("Laravel", r"composer\.json", r"laravel/framework"),
    _other("Symfony", r"composer\.json", r"symfony/framework"),
    _other("Spring", r"pom\.xml|build\.gradle(\.kts)?", r"springframework", _OPENAPI),
    _other("ASP.NET", r".*\.csproj", r"Microsoft\.NET\.Sdk\.Web", _OPENAPI),
    _other("Phoenix", r"mix\.exs", r":phoenix\b"),
    _other("Go", r"go\.mod", r"\b(gin-gonic/gin|labstack/echo|gofiber/fiber|go-chi/chi|gorilla/mux|httprouter)\b"),
    replace(_other("Go", r"go\.mod", r"^module "), serves=False),
    _other("Rust", r"Cargo\.toml", r"\b(axum|actix-web|rocket|warp)\b"),
)


def homes_of(project: Project) -> tuple[str, ...]:
    """Give the folders of Next.js applications: a package.json there depends on next, or next.config is there."""
    homes = {_folder(file) for file in project.configurations}
    homes |= {_folder(file) for file in project.manifests if file.endswith("package.json") and _has_next(project, file)}
    return tuple(sorted(homes))


def _folder(file: str) -> str:
    home = str(PurePosixPath(file).parent)
    return "" if home == "." else home


def _has_next(project: Project, file: str) -> bool:
    said = json_of(project, file)
    return any(
        isinstance(held := said.get(key), dict) and "next" in held for key in ("dependencies", "devDependencies")
    )


def other_frameworks(project: Project) -> Iterator[tuple[Framework, str]]:
    """Give what else the folder holds, and the manifest that says so: each framework once for each manifest."""
    texts = [(file, raw.decode("utf-8", "replace")) for file in project.manifests if (raw := project.raw(file))]
    seen: set[tuple[str, str]] = set()
    for framework in FRAMEWORKS:
        for file, text in texts:
            if (framework.name, _folder(file)) not in seen and framework.is_in(project, file, text):
                seen.add((framework.name, _folder(file)))
                yield framework, file
