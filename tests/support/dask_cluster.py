"""A Dask cluster of two worker processes on this machine, until its standard input ends: python dask_cluster.py."""

from __future__ import annotations

import json
import sys

from distributed import LocalCluster

if __name__ == "__main__":
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1")
    sys.stdout.write(json.dumps({"address": cluster.scheduler_address}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()
    cluster.close()
