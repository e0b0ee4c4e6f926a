"""Fixtures of the judge's tests."""

from __future__ import annotations

from tests.support.one_service import odd, page, plan
from tests.support.service_controls import controls_plan, read, web
from tests.support.variant_probes import asked

__all__ = ["asked", "controls_plan", "odd", "page", "plan", "read", "web"]
