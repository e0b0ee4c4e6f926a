"""The request of a route with one credential, and the answer that the profile promises for it. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from prober.errors import DefinitionError
from prober.model import IMPOSSIBLE_ID, IMPOSSIBLE_IDS, Probe, Request
from prober.plan.body_keys import IMPOSSIBLE_TOKEN
from prober.plan.credential_values import signatures
from prober.plan.credentials import LADDER
from prober.plan.held_secrets import KNOWN_EMAIL, KNOWN_EMAIL_WORD
from prober.plan.selection import families_of
from prober.plan.shared import Shared

if TYPE_CHECKING:
    from prober.model import Credential, Payload, Profile, Promise, Route
    from prober.plan.credential_values import CredentialValues
    from prober.plan.options import PlanOptions
    from prober.plan.request_mutations import MutationContext

MCP_INITIALIZE = json.dumps({
    "jsonrpc": "2.0", "id": 0, "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "lockdown-probe", "version": "1"},
    },
}).encode()  # fmt: skip
_PARAMETERS = {"token": IMPOSSIBLE_TOKEN, "code": "!"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainProbes:
    """Makes the probes of a service's routes that no variant changes."""

    profile: Profile
    context: MutationContext
    made: CredentialValues
    options: PlanOptions
    shared: Shared = field(default_factory=Shared, compare=False)

    @property
    def base_path(self) -> str:
        """The path under which the service is served."""
        return self.context.service.base_path

    @property
    def anonymous(self) -> Credential:
        """The credential that is none."""
        return LADDER[0].make(self.made)

    def probe(self, route: Route, credential: Credential, promise: Promise) -> Probe:
        """Make the probe of a route with a credential, with the answer that is promised."""
        base_path = self.base_path
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
                headers=self.shared.one(self.headers(route.payload, credential)),
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
            target=self.base_path + route.path,
            headers=self.headers(payload, self.anonymous),
            content=MCP_INITIALIZE,
        )

    def headers(self, payload: Payload, credential: Credential) -> tuple[tuple[str, str], ...]:
        """Give all headers of the request: the run's, the body's and the credential's, with a signature of the body."""
        own_names = {name.lower() for name, _ in payload.headers}
        common = (pair for pair in self.options.common_headers if pair[0].lower() not in own_names)
        signed = () if credential.signing_key is None else signatures(credential.signing_key, payload.content or b"")
        return (*common, *payload.headers, *credential.headers, *signed)

    def promise(self, route: Route, credential: Credential) -> Promise:
        """Give what the profile promises for this credential; a guard without an answer is an error."""
        profile = self.profile
        promise = profile.promise(route.guard, credential)
        if promise is not None:
            return promise
        what = f"profile '{profile.name}' does not say how guard '{route.guard}' answers '{credential.name}'"
        fix = f"add '{credential.kind}' to '{route.guard}' under 'guards' in {profile.source.file}"
        raise DefinitionError(what, fix=fix, source=route.source)

    def filled(self, payload: Payload) -> Payload:
        """Put the known e-mail address into a payload, if it was given."""
        value = self.options.held.get(KNOWN_EMAIL, "")
        content = (payload.content or b"").replace(KNOWN_EMAIL_WORD.encode(), value.encode())
        content = content.replace(quote(KNOWN_EMAIL_WORD).encode(), quote(value, safe="").encode())
        return replace(payload, content=content)

    def beside(self, route: Route) -> str:
        """Give an unknown path beside the route's: its last part that is no parameter has another name."""
        parts = route.path.partition("?")[0].split("/")
        last = max((place for place, part in enumerate(parts) if part and not part.startswith(":")), default=None)
        if last is None:
            return self.context.missing_path
        parts[last] = f"lockdown-probe-{self.options.run}"
        filled = [IMPOSSIBLE_ID if part.startswith(":") else part for part in parts]
        return self.base_path + "/".join(filled)


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
