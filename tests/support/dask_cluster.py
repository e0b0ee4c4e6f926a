"""A Dask cluster of two worker processes on this machine, until its standard input ends: python dask_cluster.py [tls].

With `tls`, Dask's own settings in the environment name the certificates. The scheduler's pages are served as well.
"""

from __future__ import annotations

import json
import sys

from distributed import LocalCluster, Security

if __name__ == "__main__":
    tls = {"protocol": "tls://", "security": Security(require_encryption=True)} if "tls" in sys.argv[1:] else {}
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", host="127.0.0.1", **tls
    )
    facts = {"address": cluster.scheduler_address, "pages": cluster.scheduler.services["dashboard"].port}
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    cluster.close()
