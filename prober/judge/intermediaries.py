"""The intermediaries that may answer in the application's place, in the order in which they are tried. Pure.

Each is recognised by what only it sends; its advice is for the operator, and its source says where the signs are from.
The first that matches wins: what a company runs stands before the proxies, whose pages others pass on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from prober.judge.hosted_intermediaries import HOSTED
from prober.judge.self_run_intermediaries import SELF_RUN

if TYPE_CHECKING:
    from prober.judge.intermediary import Intermediary

INTERMEDIARIES: tuple[Intermediary, ...] = (*HOSTED, *SELF_RUN)
