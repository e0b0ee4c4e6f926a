"""A resolver that hangs does not hold up the end of a run."""

from __future__ import annotations

import subprocess
import sys

import pytest

from prober.transport.daemon_threads import DaemonThreadPool

HANGS = """
import socket, sys, time
real = socket.getaddrinfo
def hanging(host, *rest, **more):
    if "hangs" in str(host):
        time.sleep(60)
    return real(host, *rest, **more)
socket.getaddrinfo = hanging
sys.argv = ["prober", "run", "--profile", "oauth", "--base-url", "http://hangs.invalid", "--surface", "me", "--deadline", "1", "-q"]
from prober.cli.main import main
main()
"""


@pytest.mark.integration
def test_a_name_that_is_never_resolved_ends_with_the_deadline() -> None:
    done = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 2, done.stderr
    assert done.stdout.startswith("NO VERDICT")


def test_what_a_call_gives_or_raises_is_the_callers() -> None:
    pool = DaemonThreadPool()
    assert pool.submit(divmod, 7, 2).result(timeout=5) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        pool.submit(divmod, 7, 0).result(timeout=5)
