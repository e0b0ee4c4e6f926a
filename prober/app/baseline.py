"""Loads an earlier report from disk, for `--baseline` and for `prober diff`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from prober.bounded_read import read_bounded
from prober.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prober.app.options import OutputOptions
    from prober.model import EarlierReport, Service


def load_report(file: str) -> EarlierReport:
    """Load a report in JSON; whatever is no report, or is not of this schema, is a usage error."""
    from prober.report.load import FIX, MOST_BYTES, parse_report  # noqa: PLC0415 - few runs are compared

    try:
        raw = read_bounded(Path(file), MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}", fix=FIX) from None
    if len(raw) > MOST_BYTES:
        raise UsageError(f"{file} is larger than 64 MiB", fix=FIX)
    try:
        return parse_report(raw.decode("utf-8-sig"), file=file)
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not JSON", fix=FIX) from None


def baseline_file(options: OutputOptions) -> str | None:
    """Name the report that a run is compared with; no report of the run may take its place."""
    if options.baseline is None:
        if options.fail_on == "new":
            raise UsageError("--fail-on new has nothing to compare with", fix="give --baseline FILE, an earlier report")
        return None
    for report in options.report:
        if Path(report.partition("=")[2]).resolve() == Path(options.baseline).resolve():
            fix = "write the report elsewhere, and make it the baseline once what it says is accepted"
            raise UsageError(f"--report '{report}' would write over the baseline", fix=fix)
    return options.baseline


def check_baseline(earlier: EarlierReport, *, profile: str, services: Mapping[str, Service]) -> None:
    """Refuse a report of another profile, or of other URLs: what it knew says nothing of this deployment."""
    pairs = [("profile", earlier.profile, profile)]
    pairs += [(name, earlier.services[name], s.place) for name, s in services.items() if name in earlier.services]
    apart = "; ".join(f"{name} {was} then, {now} now" for name, was, now in pairs if was != now)
    if apart:
        what = f"the baseline {earlier.file} is of another deployment: {apart}"
        raise UsageError(what, fix="give a report of this deployment, in this profile")


def load_baseline(file: str) -> EarlierReport:
    """Load it; what an interrupted run did not see would seem to be new."""
    earlier = load_report(file)
    if earlier.interrupted:
        raise UsageError(f"{file} is of a run that was interrupted", fix="give the report of a run that ended")
    return earlier
