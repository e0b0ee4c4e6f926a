"""The lockdown prober checks that a live deployment refuses unauthenticated requests on every route.

    import prober
    report = prober.run(prober.load("prober.yaml"))

Names of the API are imported when they are first used: `prober --version` must not pay for httpx and asyncio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prober.app.api import cases, load, make_plan, run, run_async
    from prober.app.load import LoadedDeployment
    from prober.app.options import SendOptions
    from prober.errors import DefinitionError, ProberError, RefusedError, UsageError
    from prober.model import Depth, ExitStatus, Finding, Plan, Reason, Report, Verdict
    from prober.report.cases import Case, CaseOutcome

__version__ = "0.1.0"

_HOMES = {
    "cases": "prober.app.api", "load": "prober.app.api", "make_plan": "prober.app.api", "run": "prober.app.api",
    "run_async": "prober.app.api",
    "LoadedDeployment": "prober.app.load", "SendOptions": "prober.app.options",
    "DefinitionError": "prober.errors", "ProberError": "prober.errors", "RefusedError": "prober.errors",
    "UsageError": "prober.errors",
    "Depth": "prober.model", "ExitStatus": "prober.model", "Finding": "prober.model", "Plan": "prober.model",
    "Reason": "prober.model", "Report": "prober.model", "Verdict": "prober.model",
    "Case": "prober.report.cases", "CaseOutcome": "prober.report.cases",
}  # fmt: skip

__all__ = [
    "Case", "CaseOutcome", "DefinitionError", "Depth", "ExitStatus", "Finding", "LoadedDeployment", "Plan",
    "ProberError", "Reason", "RefusedError", "Report", "SendOptions", "UsageError", "Verdict", "__version__", "cases",
    "load", "make_plan", "run", "run_async",
]  # fmt: skip


def __getattr__(name: str) -> object:
    """Import a name of the API when it is first asked for (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'prober' has no attribute '{name}'")
    import importlib  # noqa: PLC0415 - see above

    return getattr(importlib.import_module(home), name)
