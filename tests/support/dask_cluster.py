"""A Dask cluster of two worker processes on this machine, until its standard input ends: python dask_cluster.py [tls].

Each worker is a session of its own, as a worker process of this machine is: Linux gives each session its share of the
CPU (autogroup), and with all of them in one a cluster looked half as fast as it is. With `tls`, Dask's own settings in the environment name the certificates. The scheduler's pages are served as well.
"""

from __future__ import annotations

import json
import os
import sys

from distributed import Client, LocalCluster, Security

if __name__ == "__main__":
    tls = {"protocol": "tls://", "security": Security(require_encryption=True)} if "tls" in sys.argv[1:] else {}
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0", host="127.0.0.1", **tls
    )
    with Client(cluster, set_as_default=False) as client:
        client.run(os.setsid)
    facts = {"address": cluster.scheduler_address, "pages": cluster.scheduler.services["dashboard"].port}
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    cluster.close()
