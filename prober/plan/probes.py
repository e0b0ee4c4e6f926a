"""All probes of one route: with each credential, each variant, each held secret and each procedure. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from prober.errors import DefinitionError
from prober.model import IMPOSSIBLE_ID, IMPOSSIBLE_IDS, Depth, Kind, Probe, Reason, Request, RouteRequests, Skip
from prober.plan.body_keys import IMPOSSIBLE_TOKEN, well_formed_bodies
from prober.plan.credential_values import signatures
from prober.plan.credentials import LADDER
from prober.plan.held_secrets import KNOWN_EMAIL, KNOWN_EMAIL_WORD, held_credential, held_in, success_promise
from prober.plan.job_routes import check_effect_is_stated
from prober.plan.required import as_required
from prober.plan.selection import carriers_of, credentials_at, families_of
from prober.plan.shared import Shared
from prober.plan.skips import no_held_secret, skip_of
from prober.plan.variants import variants_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prober.model import Credential, Payload, Procedure, Profile, Promise, Route, Variant
    from prober.plan.credential_values import CredentialValues
    from prober.plan.options import PlanOptions
    from prober.plan.request_mutations import MutationContext

Planned = tuple[Probe, Skip | None]

MCP_INITIALIZE = json.dumps({
    "jsonrpc": "2.0", "id": 0, "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "lockdown-probe", "version": "1"},
    },
}).encode()  # fmt: skip
_PARAMETERS = {"token": IMPOSSIBLE_TOKEN, "code": "!"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeBuilder:
    """Builds the probes of a service's routes."""

    profile: Profile
    context: MutationContext
    made: CredentialValues
    options: PlanOptions
    procedures: tuple[Procedure, ...] = ()
    few: frozenset[Route] = frozenset()  # of each guard, three routes that only read
    representatives: frozenset[Route] = frozenset()  # of each guard, a route that only reads
    signed_representatives: frozenset[Route] = frozenset()  # of each guard, a route that takes a body
    writing_representatives: frozenset[Route] = frozenset()  # of each guard, another route, which writes
    often_seen: frozenset[str] = frozenset()  # variants that a representative gets at standard too
    often_at_writes: frozenset[str] = frozenset()  # the same of one that writes
    shared: Shared = field(default_factory=Shared, compare=False)

    def probes_of(self, route: Route, *, chosen: bool) -> Iterator[Planned]:
        """Pair a route with every credential that makes sense there, with the expected answer, or a reason to skip."""
        depth = self.options.depth
        represents = route in self.representatives
        made = credentials_at(
            route, self.profile, depth, self.made, chosen=chosen, represents_guard=represents,
            signs=route in self.signed_representatives,
        )  # fmt: skip
        anonymous = self._promise(route, LADDER[0].make(self.made))
        check_effect_is_stated(route, anonymous, families_of(route, self.profile), carriers_of(route, self.profile))
        for credential in made:
            if credential.signing_key is not None and not route.payload.content:
                continue  # there is nothing to sign
            probe = self._probe(route, credential, self._promise(route, credential))
            yield self._planned(probe)
            if credential.kind is Kind.ANONYMOUS and (depth is not Depth.QUICK or route in self.few):
                yield from map(self._planned, self._variants_of(probe))
        yield from self._well_formed_probes_of(route)
        yield from self._held_probes_of(route)
        yield from self._procedures_of(route)

    def _planned(self, probe: Probe) -> Planned:
        probe = as_required(probe, self.options)
        return probe, skip_of(probe, self.options)

    def _well_formed_probes_of(self, route: Route) -> Iterator[Planned]:
        """Probe with a body that validates, and with what its token could be mistaken for."""
        for credential, payload in well_formed_bodies(route, self.options):
            plain = self._probe(route, credential, self._promise(route, credential))
            request = replace(plain.request, content=payload.content, headers=self._headers(payload, credential))
            yield self._planned(replace(plain, request=request, is_beyond_inert=True))

    def _variants_of(self, plain: Probe) -> Iterator[Probe]:
        represents = plain.route in self.representatives
        writes = plain.route in self.writing_representatives
        also = self.often_seen if represents else self.often_at_writes if writes else frozenset[str]()

        def mutated(request: Request) -> Iterator[tuple[Variant, Request]]:
            return variants_of(
                plain.route, plain.promise, request, self.context, self.options.depth, represents_guard=represents,
                also=also,
            )  # fmt: skip

        unknown = replace(plain.request, target=self._beside(plain.route))
        counterparts = {variant.name: request for variant, request in mutated(unknown)}
        for variant, request in mutated(plain.request):
            is_write = plain.request.method not in {"GET", "HEAD", "OPTIONS"}
            respells = request.target.partition("?")[0] != plain.request.target.partition("?")[0]
            keeps_method = (is_write or respells) and request.method == plain.request.method
            is_alone = variant.own_control or bool(variant.is_known_by)
            yield replace(
                plain, id=f"{plain.id} {variant.name}", variant=self.shared.one(variant), request=request,
                plain_target=plain.request.target,
                counterpart=counterparts.get(variant.name) if keeps_method and not is_alone else None,
            )  # fmt: skip

    def _beside(self, route: Route) -> str:
        """Give an unknown path beside the route's: its last part that is no parameter has another name."""
        parts = route.path.partition("?")[0].split("/")
        last = max((place for place, part in enumerate(parts) if part and not part.startswith(":")), default=None)
        if last is None:
            return self.context.missing_path
        parts[last] = f"lockdown-probe-{self.options.run}"
        filled = [IMPOSSIBLE_ID if part.startswith(":") else part for part in parts]
        return self.context.service.base_path + "/".join(filled)

    def _held_probes_of(self, route: Route) -> Iterator[Planned]:
        """Probe with the secrets that the route must refuse, and with those that it must accept, if they were given."""
        for name in route.refuse:
            usual = held_credential(
                name, self.options.held.get(name), cookies=self.made.cookies, base_path=self.context.service.base_path
            )
            own = (
                held_in(carrier, name, self.options.held.get(name), base_path=self.context.service.base_path)
                for carrier in carriers_of(route, self.profile)
            )
            for held in (usual, *own):
                yield self._if_held(self._probe(route, held, self._promise(route, held).to_refused_secret()), name)
        for name in route.admits:
            if name in self.options.held:  # an optional control: without its secret it is not a skipped probe
                probe = self._probe(route, self._present(route, name), success_promise(route))
                yield self._planned(probe) if self._opens_to_anybody(route) else (probe, _not_in_this_mode(probe))

    def _opens_to_anybody(self, route: Route) -> bool:
        """Say whether this mode answers the route with anything but 5xx; else it refuses every credential."""
        promise = self._promise(route, LADDER[0].make(self.made))
        return any(span.start < 500 for answer in promise.answers for span in answer.statuses)  # noqa: PLR2004

    def _present(self, route: Route, name: str) -> Credential:
        """Carry a held secret where the route's guard looks for it; in the usual places too if it looks there."""
        return held_credential(
            name, self.options.held.get(name), cookies=self.made.cookies, base_path=self.context.service.base_path,
            carriers=carriers_of(route, self.profile), besides=bool(families_of(route, self.profile)),
        )  # fmt: skip

    def _if_held(self, probe: Probe, *names: str) -> Planned:
        missing = next((name for name in names if name not in self.options.held), None)
        if missing is None:
            return self._planned(probe)
        return probe, no_held_secret(probe, missing)

    # --- what one request cannot show ---------------------------------------------------------------------------------

    def _procedures_of(self, route: Route) -> Iterator[Planned]:
        anonymous = LADDER[0].make(self.made)
        plain = self._probe(route, anonymous, self._promise(route, anonymous))

        def with_secret(name: str) -> Request:
            return self._probe(route, self._present(route, name), plain.promise).request

        def with_payload(payload: Payload) -> Request:
            other = self._filled(payload)
            return replace(plain.request, content=other.content, headers=self._headers(other, anonymous))

        requests = RouteRequests(
            plain=plain, represents_guard=route in self.representatives, with_secret=with_secret,
            with_payload=with_payload, samples=self.options.samples if route in self.few else 1,
        )  # fmt: skip
        for procedure in self.procedures:
            if not procedure.is_planned_at(self.options.depth):
                continue
            for planned in procedure.plan_route(route, requests):
                name = f"{route.name} [{procedure.name}]"
                yield self._if_held(replace(planned.probe, id=name, procedure=procedure.name), *planned.needs)

    def _filled(self, payload: Payload) -> Payload:
        value = self.options.held.get(KNOWN_EMAIL, "")
        content = (payload.content or b"").replace(KNOWN_EMAIL_WORD.encode(), value.encode())
        content = content.replace(quote(KNOWN_EMAIL_WORD).encode(), quote(value, safe="").encode())
        return replace(payload, content=content)

    # --- one probe ----------------------------------------------------------------------------------------------------

    def _probe(self, route: Route, credential: Credential, promise: Promise) -> Probe:
        base_path = self.context.service.base_path
        return Probe(
            id=f"{route.name} [{credential.name}]",
            route=route,
            credential=credential,
            variant=None,
            families=families_of(route, self.profile),
            promise=promise,
            never=self.shared.one((*self.profile.never, *route.never)),
            request=Request(
                service=route.service,
                method=route.method,
                target=self.shared.one(base_path + _target(route, credential)),
                headers=self.shared.one(self._headers(route.payload, credential)),
                content=route.payload.content,
                csrf=base_path + route.csrf if route.csrf else None,
                digest=credential.digest,
                opening=self._opening(route) if route.mcp_session else None,
                reads_on=bool(self.profile.never or route.never) or any(a.needs_whole_body for a in promise.answers),
            ),
        )

    def _opening(self, route: Route) -> Request:
        """Open an MCP session at the route's path, as a client does that has no credential."""
        payload = replace(route.payload, content=MCP_INITIALIZE)
        return Request(
            service=route.service,
            method="POST",
            target=self.context.service.base_path + route.path,
            headers=self._headers(payload, LADDER[0].make(self.made)),
            content=MCP_INITIALIZE,
        )

    def _headers(self, payload: Payload, credential: Credential) -> tuple[tuple[str, str], ...]:
        own_names = {name.lower() for name, _ in payload.headers}
        common = (pair for pair in self.options.common_headers if pair[0].lower() not in own_names)
        signed = () if credential.signing_key is None else signatures(credential.signing_key, payload.content or b"")
        return (*common, *payload.headers, *credential.headers, *signed)

    def _promise(self, route: Route, credential: Credential) -> Promise:
        profile = self.profile
        promise = profile.promise(route.guard, credential)
        if promise is not None:
            return promise
        what = f"profile '{profile.name}' does not say how guard '{route.guard}' answers '{credential.name}'"
        fix = f"add '{credential.kind}' to '{route.guard}' under 'guards' in {profile.source.file}"
        raise DefinitionError(what, fix=fix, source=route.source)


def _not_in_this_mode(probe: Probe) -> Skip:
    return Skip(probe=probe, reason=Reason.NOT_IN_THIS_MODE, detail="this mode refuses every credential here")


def _target(route: Route, credential: Credential) -> str:
    typed = {name: IMPOSSIBLE_IDS[id_type] for name, id_type in route.id_types}
    parameters = _PARAMETERS | typed | dict(route.payload.parameters)
    path, mark, query = route.path.partition("?")
    filled = "/".join(
        quote(parameters.get(part[1:], IMPOSSIBLE_ID), safe="!~*'()") if part.startswith(":") else part
        for part in path.split("/")
    )
    separator = "&" if mark else "?"
    return filled + mark + query + (separator + credential.query if credential.query else "")
