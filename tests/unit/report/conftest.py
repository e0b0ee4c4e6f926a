"""Fixtures that several tests of this folder share."""

from __future__ import annotations

from tests.support.hostile_reports import said

__all__ = ["said"]
