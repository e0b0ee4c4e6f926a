"""`python -m prober` is `prober`."""

from prober.cli.main import main

main()
