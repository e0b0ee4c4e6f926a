"""All probes of one route: with each credential, each variant, each held secret and each procedure. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from prober.model import Depth, Kind, Probe, Reason, Request, RouteRequests, Skip
from prober.plan.body_keys import well_formed_bodies
from prober.plan.credentials import LADDER
from prober.plan.held_places import HeldPlaces
from prober.plan.held_secrets import success_promise
from prober.plan.job_routes import check_effect_is_stated
from prober.plan.presented import credentials_at
from prober.plan.required import as_required
from prober.plan.selection import carriers_of, families_of
from prober.plan.skips import no_held_secret, skip_of
from prober.plan.variants import fitting_variants

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from prober.model import Payload, Procedure, Promise, Route
    from prober.plan.plain_probes import PlainProbes
    from prober.plan.shares import Share
    from prober.plan.variant_template import VariantTemplate

Planned = tuple[Probe, Skip | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeBuilder:
    """Builds the probes of a service's routes."""

    plain: PlainProbes
    procedures: tuple[Procedure, ...] = ()
    few: frozenset[Route] = frozenset()  # of each guard, three routes that only read
    representatives: frozenset[Route] = frozenset()  # of each guard, a route that only reads
    first: frozenset[Route] = frozenset()  # of each guard, any route
    signed_representatives: frozenset[Route] = frozenset()  # of each guard, a route that takes a body
    often_seen: frozenset[str] = frozenset()  # variants that a representative gets at standard too
    shares: Mapping[Route, Share] = field(default_factory=dict)  # of the ladder, where guards of a kind are many

    def probes_of(self, route: Route, *, chosen: bool) -> Iterator[Planned]:
        """Pair a route with every credential that makes sense there, with the expected answer, or a reason to skip."""
        depth = self.plain.options.depth
        represents = route in self.representatives
        made = credentials_at(
            route, self.plain.profile, depth, self.plain.made, chosen=chosen, represents_guard=represents,
            signs=route in self.signed_representatives, is_first=route in self.first, share=self.shares.get(route),
        )  # fmt: skip
        anonymous = self.plain.promise(route, self.plain.anonymous)
        check_effect_is_stated(
            route, anonymous, families_of(route, self.plain.profile), carriers_of(route, self.plain.profile)
        )
        for credential in made:
            if credential.signing_key is not None and not route.payload.content:
                continue  # there is nothing to sign
            probe = self.plain.probe(route, credential, self.plain.promise(route, credential))
            yield self._planned(probe)
            if credential.kind is Kind.ANONYMOUS and (depth is not Depth.QUICK or route in self.few):
                yield from map(self._planned, self._variants_of(probe))
        yield from self._well_formed_probes_of(route)
        yield from self._held_probes_of(route)
        yield from self._procedures_of(route)

    def _planned(self, probe: Probe) -> Planned:
        probe = as_required(probe, self.plain.options)
        return probe, skip_of(probe, self.plain.options)

    def _well_formed_probes_of(self, route: Route) -> Iterator[Planned]:
        """Probe with a body that validates, and with what its token could be mistaken for."""
        for credential, payload in well_formed_bodies(route, self.plain.options):
            plain = self.plain.probe(route, credential, self.plain.promise(route, credential))
            request = replace(plain.request, content=payload.content, headers=self.plain.headers(payload, credential))
            yield self._planned(replace(plain, request=request, is_beyond_inert=True))

    def _variants_of(self, plain: Probe) -> Iterator[Probe]:
        templates = fitting_variants(
            plain.route, plain.promise, self.plain.options.depth,
            represents_guard=plain.route in self.representatives, also=self.often_seen,
        )  # fmt: skip
        if not templates:
            return
        unknown = replace(plain.request, target=self.plain.beside(plain.route))
        is_write = plain.request.method not in {"GET", "HEAD", "OPTIONS"}
        path = plain.request.target.partition("?")[0]
        for template in templates:
            request = self._varied(template, plain.request)
            if request is None:
                continue
            keeps_method = request.method == plain.request.method
            respells = request.target.partition("?")[0] != path
            is_alone = template.own_control or bool(template.is_known_by)
            has_counterpart = (is_write or respells) and keeps_method and not is_alone
            yield replace(
                plain, id=f"{plain.id} {template.name}", request=request, plain_target=plain.request.target,
                variant=self.plain.shared.one(template.variant(plain.request, request)),
                counterpart=self.plain.shared.one(self._varied(template, unknown)) if has_counterpart else None,
            )  # fmt: skip

    def _varied(self, template: VariantTemplate, plain: Request) -> Request | None:
        """Apply a variant; what it adds to the headers is often the same at each route."""
        request = template.apply(plain, self.plain.context)
        if request is None or request.headers is plain.headers:
            return request
        return replace(request, headers=self.plain.shared.one(request.headers))

    def _held_probes_of(self, route: Route) -> Iterator[Planned]:
        """Probe with the secrets that the route must refuse, and with those that it must accept, if they were given."""
        held_secrets, places = self.plain.options.held, self._places(route)
        for name in route.refuse:
            for held, is_known_there in places.refused(name, held_secrets.get(name)):
                promise = self.plain.promise(route, held).to_refused_secret()
                promise = promise if is_known_there else promise.or_as(self._to_strangers(route))
                yield self._if_held(self.plain.probe(route, held, promise), name)
        for name in route.admits:
            if name in held_secrets:  # an optional control: without its secret it is not a skipped probe
                probe = self.plain.probe(route, places.accepted(name, held_secrets[name]), success_promise(route))
                yield self._planned(probe) if self._opens_to_anybody(route) else (probe, _not_in_this_mode(probe))

    def _opens_to_anybody(self, route: Route) -> bool:
        """Say whether this mode answers the route with anything but 5xx; else it refuses every credential."""
        promise = self.plain.promise(route, self.plain.anonymous)
        return any(span.start < 500 for answer in promise.answers for span in answer.statuses)  # noqa: PLR2004

    def _to_strangers(self, route: Route) -> Iterator[Promise]:
        """Give the answers expected without a credential, and with one that no one ever issued."""
        for template in LADDER[:2]:
            promise = self.plain.profile.promise(route.guard, template.make(self.plain.made))
            if promise is not None:
                yield promise

    def _places(self, route: Route) -> HeldPlaces:
        plain = self.plain
        return HeldPlaces(route=route, profile=plain.profile, made=plain.made, base_path=plain.base_path)

    def _if_held(self, probe: Probe, *names: str) -> Planned:
        missing = next((name for name in names if name not in self.plain.options.held), None)
        if missing is None:
            return self._planned(probe)
        return probe, no_held_secret(probe, missing)

    # --- what one request cannot show ---------------------------------------------------------------------------------

    def _procedures_of(self, route: Route) -> Iterator[Planned]:
        anonymous = self.plain.anonymous
        plain = self.plain.probe(route, anonymous, self.plain.promise(route, anonymous))

        def with_secret(name: str) -> Request:
            held = self._places(route).accepted(name, self.plain.options.held.get(name))
            return self.plain.probe(route, held, plain.promise).request

        def with_payload(payload: Payload) -> Request:
            other = self.plain.filled(payload)
            return replace(plain.request, content=other.content, headers=self.plain.headers(other, anonymous))

        requests = RouteRequests(
            plain=plain, represents_guard=route in self.representatives, with_secret=with_secret,
            with_payload=with_payload, samples=self.plain.options.samples if route in self.few else 1,
        )  # fmt: skip
        for procedure in self.procedures:
            if not procedure.is_planned_at(self.plain.options.depth):
                continue
            for planned in procedure.plan_route(route, requests):
                name = f"{route.name} [{procedure.name}]"
                yield self._if_held(replace(planned.probe, id=name, procedure=procedure.name), *planned.needs)


def _not_in_this_mode(probe: Probe) -> Skip:
    return Skip(probe=probe, reason=Reason.NOT_IN_THIS_MODE, detail="this mode refuses every credential here")
