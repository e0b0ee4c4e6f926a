"""Every procedure, in the order in which they run: a burst uses an allowance up, so it comes after all that sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.engine.procedures.account_enumeration import ACCOUNT_ENUMERATION
from prober.engine.procedures.closed_port import CLOSED_PORT
from prober.engine.procedures.limit_burst import LIMIT_BURST
from prober.engine.procedures.oauth_metadata import OAUTH_METADATA
from prober.engine.procedures.refusal_cookie import REFUSAL_COOKIE
from prober.engine.procedures.replica_samples import REPLICA_SAMPLES
from prober.engine.procedures.session_binding import SESSION_BINDING

if TYPE_CHECKING:
    from prober.model import Procedure

PROCEDURES: tuple[Procedure, ...] = (
    REPLICA_SAMPLES,
    REFUSAL_COOKIE,
    ACCOUNT_ENUMERATION,
    SESSION_BINDING,
    OAUTH_METADATA,
    LIMIT_BURST,
    CLOSED_PORT,
)


def procedure_named(name: str) -> Procedure:
    """Give the procedure of this name; a plan has no other."""
    return next(procedure for procedure in PROCEDURES if procedure.name == name)
