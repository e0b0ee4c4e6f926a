"""The options of a plan. Frozen; decides nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prober.model import Depth

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.model import Profile, Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOptions:
    """The user's options for the plan of one run."""

    run: str
    user_agent: str
    identify_always: bool = False  # also where a request is sent as another client sends it
    depth: Depth = Depth.STANDARD
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    surfaces: frozenset[str] = frozenset()  # narrows the run to these; empty: all that are planned
    required: tuple[str, ...] = ()  # globs of probes that nothing narrows away
    required_by: Profile | None = None  # the profile of prober.yaml, by which a required probe must be refused
    allow_effects: tuple[str, ...] = ()
    samples: int = 1  # of the plain request, each over a connection of its own
    budget: int | None = None
    signed_at: int = 1_000_000_000  # seconds since 1970: when sessions that say when they were signed claim to be so
    held: Mapping[str, str] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()

    @property
    def common_headers(self) -> tuple[tuple[str, str], ...]:
        """The headers of every request: they identify the prober, and no cache stores the response."""
        return (
            ("User-Agent", self.user_agent),
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity"),
            ("Cache-Control", "no-cache"),
        )
