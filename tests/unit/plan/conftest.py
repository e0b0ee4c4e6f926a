"""Fixtures of the plan's tests."""

from __future__ import annotations

from tests.support.variant_plans import arrived, deep, posted

__all__ = ["arrived", "deep", "posted"]
