"""One route without its guard for each surface that verify-lockdown.sh never asked: 60 of its 65 API routes."""

from __future__ import annotations

from prober.demo.door import Door, unlocked
from prober.model import Depth, Reason, Verdict

_IN = (Verdict.LEAK, Reason.GRANTED)
_REACHED = (Verdict.DRIFT, Reason.HANDLER_REACHED)  # an inert request: the handler behind the open door rejects it

# Each with what an open handler makes of the request that is sent.
_OPEN: tuple[tuple[str, tuple[Verdict, Reason]], ...] = (
    ("admin: GET /api/admin/gdpr/export/:userId", _REACHED),
    ("admin: GET /api/admin/users", _IN),
    ("admin: POST /api/admin/vouchers", _REACHED),
    ("admin: POST /api/admin/knowledge/reset", _REACHED),
    ("admin: DELETE /api/admin/vouchers/:id", _REACHED),
    ("autoskill: GET /api/autoskill/proposals", _IN),
    ("dashboard: GET /api/dashboard", _IN),
    ("dashboard: GET /api/export/rules", _IN),
    ("dashboard: GET /api/graph", _IN),
    ("ingest: POST /api/ingest/kpi", _REACHED),
    ("invites: POST /api/invites/accept", _REACHED),
    ("knowledge: POST /api/knowledge/:id/promote", _REACHED),
    ("machines: GET /api/machines", _IN),
    ("me: POST /api/me/password", _REACHED),
    ("oracle: POST /api/oracle", _REACHED),
    ("orgs: GET /api/orgs", _IN),
    ("orgs: GET /api/orgs/:orgId/members", _REACHED),
    ("projects: GET /api/sessions", _IN),
    ("projects: POST /api/projects/:id/activate", (Verdict.DRIFT, Reason.WRONG_STATUS)),  # 403 for an unknown id
    ("settings: GET /api/settings", _IN),
    ("tokens: GET /api/tokens", _IN),
    ("tokens: POST /api/tokens", _REACHED),
)


def _door(route: str, verdict: Verdict, reason: Reason) -> Door:
    surface, _, request = route.partition(": ")
    method, _, path = request.partition(" ")
    words = [part for part in path.replace("/api/", "/").split("/") if part and not part.startswith(":")]
    return Door(
        name="-".join(("open", method.lower(), *words)),
        about=f"{request} has no guard, on the surface '{surface}' that was not probed.",
        at=(route,),
        opens=unlocked,
        caught_by=f"{route} [anonymous]",
        verdict=verdict,
        reason=reason,
        depth=Depth.STANDARD if surface == "oracle" else Depth.QUICK,  # the Oracle is left in peace by the canary
    )


DOORS: tuple[Door, ...] = tuple(_door(route, *meant) for route, meant in _OPEN)
