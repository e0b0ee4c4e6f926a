"""What is believed of libraries, one file each; the list below is the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.audit.source.packs import (
    auth0,
    authjs,
    better_auth,
    clerk,
    hono,
    iron_session,
    json_web_tokens,
    kinde,
    lucia,
    neverthrow,
    next_connect,
    next_safe_action,
    orpc,
    stack,
    supabase,
    trpc,
    ts_pattern,
    ts_rest,
    webhooks,
    workos,
    zsa,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from prober.audit.source.analysis.pack import Pack

PACKS: tuple[Pack, ...] = (
    auth0.PACK, authjs.PACK, better_auth.PACK, clerk.PACK, hono.PACK, iron_session.PACK, json_web_tokens.PACK,
    kinde.PACK, lucia.PACK, neverthrow.PACK, next_connect.PACK, next_safe_action.PACK, orpc.PACK, stack.PACK,
    supabase.PACK, trpc.PACK, ts_pattern.PACK, ts_rest.PACK, *webhooks.PACKS, workos.PACK, zsa.PACK,
)  # fmt: skip


def packs_for(dependencies: frozenset[str]) -> dict[str, Pack]:
    """Give the packs that are on, by package: those that a package.json names, or all where there is none."""
    return {
        package: pack
        for pack in PACKS
        for package in pack.packages
        if not dependencies or dependencies.intersection(pack.packages)
    }


def names_of(packs: Iterable[Pack]) -> tuple[str, ...]:
    """Give the names of packs, each once, sorted."""
    return tuple(sorted({pack.name for pack in packs}))
