"""What a watch probes: the definitions as they were last read and were right, and the runs that are made of them."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from prober.app.addresses import with_every_address
from prober.app.load import load
from prober.app.outputs import files_of, remove, write
from prober.app.prepare import prepare
from prober.app.run import network_of, run_of, secrets_of
from prober.canary.watch import StartedRun
from prober.errors import UsageError
from prober.judge.attribution import forget_answers
from prober.judge.fingerprint import fingerprint
from prober.model import Depth
from prober.model.origin import is_loopback
from prober.report.exchange import exchanges
from prober.report.record import record

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.app.load import LoadedDeployment
    from prober.app.options import ProbeOptions, SendOptions, WatchOptions
    from prober.definitions.canary import CanaryBlock
    from prober.report.formats import Exchanges
    from prober.report.shape import Record
    from prober.transport.network import Network

T = TypeVar("T")
DEFAULT_RATE = 10.0  # requests a second: the canary's 200 take twenty seconds of every five minutes

_OF_THE_PAGE = frozenset({"listen", "page_token", "behind_proxy"})


def with_block(options: WatchOptions, block: CanaryBlock, *, is_default: Callable[[str], bool]) -> WatchOptions:
    """Take what prober.yaml says where neither a flag nor the environment does; one run alone shows no page."""

    def pick(name: str, of_file: T | None, given: T) -> T:
        unwanted = options.once and name in _OF_THE_PAGE
        return given if of_file is None or unwanted or not is_default(name) else of_file

    return replace(
        options,
        every=pick("every", block.every, options.every),
        confirm=pick("confirm", block.confirm, options.confirm),
        remind=pick("remind", block.remind, options.remind),
        keep=pick("keep", block.keep, options.keep),
        listen=pick("listen", block.listen, options.listen),
        page_token=pick("page_token", block.page_token, options.page_token),
        behind_proxy=pick("behind_proxy", block.behind_proxy, options.behind_proxy),
        alert=pick("alert", block.alerts or None, options.alert),
        alert_secret=pick("alert_secret", block.alert_secret, options.alert_secret),
        ping=pick("ping", block.ping, options.ping),
    )


def at_an_easy_pace(sending: SendOptions, network: Network) -> SendOptions:
    """Bound the rate where the user has not: what watches for ever must not be felt, except on the user's machine."""
    if sending.rate is not None or all(is_loopback(service.host) for service in network.services.values()):
        return sending
    return replace(sending, rate=DEFAULT_RATE)


class Definitions:
    """What was read from disk last, and was right."""

    def __init__(
        self, options: ProbeOptions, sending: SendOptions, reports: tuple[str, ...], *, log: Callable[[str], None]
    ) -> None:
        """Read it for the first time; what is wrong ends the command."""
        self._options = replace(options, depth=options.depth or Depth.QUICK)
        self._sending, self._log = sending, log
        self.newest: Callable[[], str | None] = lambda: None  # when the watch's last run ended, by its history
        self._files = files_of(reports)
        remove(self._files)  # none may be taken for this watch's, whatever becomes of its first run
        self._read, self.refusal = self._load()

    def reload(self) -> None:
        """Read it while the watch goes on, all of it or nothing: what no run would be sent to is refused as well."""
        read, refusal = self._load()
        if refusal is not None:
            raise UsageError(refusal, fix="correct the environment")
        if read[0].file.canary != self._read[0].file.canary:
            self._log("what 'canary' says is read at the beginning only: start the watch anew for it")
        self._read = read

    def _load(self) -> tuple[tuple[LoadedDeployment, Network, tuple[str, ...]], str | None]:
        if self._options.depth == Depth.DEEP:
            what = "the canary never runs 'deep': it bursts, and leaves traces"
            raise UsageError(what, fix="use --depth quick or standard, and 'prober run --depth deep' by hand")
        loaded = load(self._options)
        prepared = prepare(loaded, self._sending)
        network = network_of(self._sending, prepared)
        return (loaded, network, secrets_of(prepared, network)), prepared.refusal

    def begin(self) -> StartedRun:
        """Make a run."""
        loaded, network, secrets = self._read
        prepared = prepare(with_every_address(loaded, self._sending), self._sending)
        network = replace(network, services=prepared.services)
        run = run_of(at_an_easy_pace(self._sending, network), prepared, network, not_before=self.newest())

        def taken() -> Record:
            report = run.report()
            made = record(report, secrets=secrets)
            self._write(made, partial(exchanges, report, secrets=secrets))
            forget_answers()
            fingerprint.cache_clear()  # it holds on to the answers: some of this run's are of no use to the next
            return made

        return StartedRun(id=run.id, send=run.send_all, record=taken, requests=lambda: run.requests)

    def _write(self, made: Record, evidence: Exchanges) -> None:
        """Write the reports; a full disk must not cost the run what it has found."""
        try:
            write(self._files, made, evidence)
        except OSError as error:
            self._log(f"a report could not be written: {(error.strerror or 'no').lower()}")

    @property
    def place(self) -> str:
        """Name the deployment."""
        return ", ".join(f"{service.name} {service.url}" for service in self._read[0].services.values())
