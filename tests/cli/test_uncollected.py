"""Modules are imported without a search for garbage, which is on again afterwards."""

from __future__ import annotations

import gc

import pytest

from prober.cli.main import prober
from prober.cli.uncollected import uncollected


def test_nothing_is_collected_within_and_what_is_there_at_the_end_is_left_out_later() -> None:
    gc.unfreeze()
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_garbage_is_looked_for_again_after_an_import_that_failed() -> None:
    with pytest.raises(ImportError), uncollected():
        raise ImportError
    assert gc.isenabled()


def test_where_nothing_was_collected_before_nothing_is_after() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_command_is_imported_so() -> None:
    gc.unfreeze()
    assert prober.get_command(prober.make_context("prober", ["--help"], resilient_parsing=True), "run") is not None
    assert gc.get_freeze_count() > 0
