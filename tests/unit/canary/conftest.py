"""Fixtures of the canary's tests."""

from __future__ import annotations

from tests.support.history_places import history, place, postgres
from tests.support.status_visits import leaking
from tests.support.watch_scene import scene

__all__ = ["history", "leaking", "place", "postgres", "scene"]
