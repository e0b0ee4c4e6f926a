"""What a watch probes: the definitions as they were last read and were right, and the runs that are made of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from prober.app.load import choose_of, load_deployment, load_from
from prober.app.outputs import files_of, remove, write
from prober.app.run import network_of, run_of, secrets_of
from prober.canary.watch import Round
from prober.cli.run import wishes_of
from prober.errors import UsageError
from prober.judge.fingerprint import fingerprint
from prober.model import Depth
from prober.report.exchange import exchanges
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.app.load import Loaded
    from prober.definitions.canary import CanaryBlock
    from prober.report.formats import Exchanges
    from prober.report.shape import Record
    from prober.transport.network import Network

_OF_THE_PAGE = ("listen", "page_token", "behind_proxy")


def with_block(
    options: Mapping[str, object], block: CanaryBlock, *, is_default: Callable[[str], bool]
) -> dict[str, object]:
    """Take what prober.yaml says where neither a flag nor the environment does; one run alone shows no page."""
    said = {
        "every": block.every, "confirm": block.confirm, "remind": block.remind, "keep": block.keep,
        "listen": block.listen, "page_token": block.page_token, "behind_proxy": block.behind_proxy,
        "alert": block.alerts or None, "alert_secret": block.alert_secret, "ping": block.ping,
    }  # fmt: skip
    unwanted = _OF_THE_PAGE if options["once"] else ()
    taken = {k: v for k, v in said.items() if v is not None and k not in unwanted and is_default(k)}
    return {**options, **taken}


class Definitions:
    """What was read from disk last, and was right."""

    def __init__(self, options: Mapping[str, object], *, say: Callable[[str], None]) -> None:
        """Read it for the first time; what is wrong ends the command."""
        self._options, self._say = options, say
        self._files = files_of(options)
        remove(self._files)  # none may be taken for this watch's, whatever becomes of its first run
        self._read, self.refusal = self._load()

    def reload(self) -> None:
        """Read it while the watch goes on, all of it or nothing: what no run would be sent to is refused as well."""
        read, refusal = self._load()
        if refusal is not None:
            raise UsageError(refusal, fix="mend the environment")
        if read[0].file.canary != self._read[0].file.canary:
            self._say("what 'canary' says is read at the beginning only: start the watch anew for it")
        self._read = read

    def _load(self) -> tuple[tuple[Loaded, Network, tuple[str, ...]], str | None]:
        wishes = wishes_of({"depth": Depth.QUICK, **{name: v for name, v in self._options.items() if v is not None}})
        if wishes.depth == Depth.DEEP:
            what = "the canary never runs 'deep': it bursts, and leaves traces"
            raise UsageError(what, fix="use --depth quick or standard, and 'prober run --depth deep' by hand")
        loaded = load_from(wishes, *load_deployment(wishes.deployment))
        chosen = choose_of(loaded)
        network = network_of(self._options, chosen)
        return (loaded, network, secrets_of(chosen, network)), chosen.refusal

    def begin(self) -> Round:
        """Make a run."""
        loaded, network, secrets = self._read
        run = run_of(self._options, choose_of(loaded), network)

        def taken() -> Record:
            report = run.report()
            made = record(report, secrets=secrets)
            self._write(made, partial(exchanges, report, secrets=secrets))
            fingerprint.cache_clear()  # it holds on to the answers: some of this run's are of no use to the next
            return made

        return Round(id=run.id, send=run.send_all, record=taken, requests=lambda: run.requests)

    def _write(self, made: Record, evidence: Exchanges) -> None:
        """Write the reports; a full disk must not cost the run what it has found."""
        try:
            write(self._files, made, evidence)
        except OSError as error:
            self._say(f"a report could not be written: {(error.strerror or 'no').lower()}")

    @property
    def place(self) -> str:
        """Name the deployment."""
        return ", ".join(f"{service.name} {service.url}" for service in self._read[0].services.values())
