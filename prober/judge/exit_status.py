"""The exit status and the verdict of a run: pure functions of its findings' verdicts, and nothing else decides them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import ExitStatus, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable


def exit_status(
    verdicts: Iterable[Verdict], *, tolerate_drift: bool = False, lacking: bool = False, uncovered: bool = False
) -> ExitStatus:
    """Give the status of a run: any leak or drift 1; else anything unproven or unreachable 2; else locked 0; nothing 2.

    `lacking` says that a probe which the user requires was skipped, `uncovered` that a route has none.
    """
    seen = frozenset(verdicts)
    if uncovered or Verdict.LEAK in seen or (Verdict.DRIFT in seen and not tolerate_drift):
        return ExitStatus.LEAK
    if lacking or seen & {Verdict.UNPROVEN, Verdict.UNREACHABLE}:
        return ExitStatus.NO_VERDICT
    return ExitStatus.LOCKED if Verdict.LOCKED in seen else ExitStatus.NO_VERDICT


def verdict_of_run(
    verdicts: Iterable[Verdict], *, tolerate_drift: bool = False, lacking: bool = False, uncovered: bool = False
) -> Verdict:
    """Give the worst verdict that counts; a run that proved nothing is unproven."""
    seen = frozenset(verdicts)
    if tolerate_drift:
        seen -= {Verdict.DRIFT}
    if lacking:
        seen |= {Verdict.UNPROVEN}
    if uncovered:
        seen |= {Verdict.DRIFT}
    order = (Verdict.LEAK, Verdict.DRIFT, Verdict.UNPROVEN, Verdict.UNREACHABLE, Verdict.LOCKED)
    return next((verdict for verdict in order if verdict in seen), Verdict.UNPROVEN)
