"""No route that the facts name is lost: the project's own list of what its three systems serve, against the plan."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from prober.model import Depth

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan

# A route stands here as often as it is probed on purpose: POST /mcp opens a session by two revisions, lists tools and
# resources, calls a tool, and does without a session;
# GET /signin is there for everybody, and asks for a voucher.
WEB = """
GET /
GET /signin
GET /signin
GET /signout
GET /forgot-password
GET /reset-password
GET /welcome
GET /docs
GET /settings/tokens
GET /settings/org
GET /settings/password
GET /settings/projects
GET /settings/audit
GET /settings/reset-knowledge
GET /admin
GET /admin/vouchers
GET /admin/users
GET /admin/audit
GET /admin/cost-ledger

GET /api/healthz
GET /api/readyz
GET /api/auth/csrf
GET /api/auth/session
GET /api/auth/providers
GET /api/auth/signin
GET /api/auth/signout
POST /api/auth/signout
GET /api/auth/callback/github
POST /api/auth/callback/admin-credentials
POST /api/auth/forgot-password
POST /api/auth/register
POST /api/auth/reset-password
POST /api/invites/signup
GET /api/onboard.sh
GET /api/onboard.ps1
GET /api/onboard/agent.md

GET /api/me
POST /api/me/password
GET /api/knowledge
POST /api/knowledge
POST /api/knowledge/retrieve
GET /api/knowledge/:
POST /api/knowledge/:
PATCH /api/knowledge/:
DELETE /api/knowledge/:
POST /api/knowledge/:/fork-to-project
POST /api/knowledge/:/promote
GET /api/knowledge/:/related
GET /api/sessions
GET /api/sessions/:
POST /api/projects
GET /api/projects/:
PATCH /api/projects/:
DELETE /api/projects/:
POST /api/projects/:/activate
GET /api/orgs
POST /api/orgs
GET /api/orgs/:/audit-log
GET /api/orgs/:/invites
POST /api/orgs/:/invites
DELETE /api/orgs/:/invites/:
GET /api/orgs/:/members
PATCH /api/orgs/:/members/:
DELETE /api/orgs/:/members/:
POST /api/invites/accept
GET /api/tokens
POST /api/tokens
DELETE /api/tokens/:
POST /api/tokens/:/change
PATCH /api/tokens/:/scope
POST /api/tokens/test
GET /api/dashboard
GET /api/dashboard/connection-status
GET /api/dashboard/health
GET /api/dashboard/live
GET /api/dashboard/top-rules
GET /api/graph
POST /api/oracle
POST /api/oracle/feedback
POST /api/oracle/stream
POST /api/meetings/extract
GET /api/autoskill/proposals
GET /api/autoskill/proposals/:
POST /api/autoskill/proposals/:
PATCH /api/autoskill/proposals/:
GET /api/export/rules
GET /api/skills/brain
POST /api/onboard/claim

GET /api/admin/audit-log
GET /api/admin/backup-status
GET /api/admin/cost-ledger
GET /api/admin/queue-health
GET /api/admin/users
PATCH /api/admin/users/:/role
GET /api/admin/vouchers
POST /api/admin/vouchers
PATCH /api/admin/vouchers/:
DELETE /api/admin/vouchers/:
POST /api/admin/knowledge/reset
POST /api/admin/gdpr/erase/:
GET /api/admin/gdpr/export/:

POST /api/migrate

POST /api/login
POST /api/signup
GET /api/org/members
GET /api/machines
POST /api/machines/pair
GET /api/settings
GET /api/invites/:
POST /api/invites/:
POST /api/downtime/actions/reminders
POST /api/ingest/kpi
POST /api/ingest/event
POST /api/ingest/heartbeat
POST /api/ingest/reason
"""

MCP = """
POST /mcp
POST /mcp
POST /mcp
POST /mcp
POST /mcp
POST /mcp
GET /mcp
DELETE /mcp
GET /health
GET /
"""


def listed(text: str) -> Counter[str]:
    return Counter(line for line in text.splitlines() if line)


def shape(path: str) -> str:
    """A path without its query, and with its parameters unnamed."""
    segments = path.partition("?")[0].split("/")
    return "/".join(":" if segment.startswith(":") else segment for segment in segments)


def planned(plan: Plan, service: str) -> Counter[str]:
    """What a plan sends, or skips in sight."""
    probes = [*plan.probes, *(skip.probe for skip in plan.skips)]
    routes = {probe.route for probe in probes if probe.route.service == service}
    return Counter(f"{route.method} {shape(route.path)}" for route in routes)


def sent(plan: Plan, service: str) -> Counter[str]:
    routes = {probe.route for probe in plan.probes if probe.route.service == service}
    return Counter(f"{route.method} {shape(route.path)}" for route in routes)


@pytest.mark.parametrize("depth", list(Depth))
@pytest.mark.parametrize("profile", ["oauth", "credentials"])
@pytest.mark.parametrize(("service", "facts"), [("web", WEB), ("mcp", MCP)])
def test_no_route_of_the_facts_is_lost(
    service: str, facts: str, profile: str, depth: Depth, plan_of: Callable[..., Plan]
) -> None:
    missing = listed(facts) - planned(plan_of(profile=profile, depth=depth), service)
    assert missing == Counter()


def test_only_what_acts_without_an_inert_form_is_not_sent_where_every_sign_in_is_on(
    plan_of: Callable[..., Plan],
) -> None:
    unsent = listed(WEB) - sent(plan_of(profile="credentials+oauth"), "web")
    assert unsent == Counter({"POST /api/downtime/actions/reminders": 1})


def test_a_list_that_lost_a_route_would_be_noticed(plan_of: Callable[..., Plan]) -> None:
    """A surface without one of its routes: this file is worth something only if that is seen."""
    whole = plan_of(profile="credentials")
    less = plan_of(profile="credentials", skip=("GET /api/graph",))
    assert listed(WEB) - planned(whole, "web") == Counter()
    assert listed(WEB) - planned(less, "web") == Counter({"GET /api/graph": 1})
