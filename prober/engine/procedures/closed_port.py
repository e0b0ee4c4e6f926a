"""Does a port that must be closed take connections from here? One connection, closed at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.model import Category, Observed, Procedure, ProcedureResult
from prober.plan.ports import PROCEDURE

if TYPE_CHECKING:
    from prober.model import Outcome, Probe, ProcedureSession


async def _run(probe: Probe, session: ProcedureSession) -> Outcome:
    port, host = int(probe.route.path.removeprefix(":")), session.service.host
    connected = await session.connects(port)
    if not isinstance(connected, bool):
        return connected
    if connected:
        return ProcedureResult(
            observed=Observed.PORT_OPEN, detail=f"{host} takes connections at port {port}", requests=1
        )
    detail = f"nothing accepts connections at port {port}"
    return ProcedureResult(observed=Observed.PORT_CLOSED, detail=detail, requests=1)


CLOSED_PORT = Procedure(
    name=PROCEDURE,
    category=Category.PORT,
    # its probes come from `closed-ports` of a deployment (prober/plan/ports.py), and not from a route
    about="It opens one connection to the port, sends nothing, and closes it.",
    catches="a port that was meant for this machine alone, and takes connections from here",
    source="databases that container engines publish on every address",
    only_deep=False,
    run=_run,
    runs_without_service=True,
)
