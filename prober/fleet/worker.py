"""Probes deployments in this process, as many at a time as it is given: definitions and TLS contexts are shared."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from prober.app.addresses import with_every_address
from prober.app.definition_cache import DefinitionCache
from prober.app.load import load_from
from prober.app.options import ProbeOptions
from prober.app.prepare import prepare
from prober.app.run import network_of, run_of, secrets_of
from prober.app.secrets import read_source
from prober.app.whole_file import write_whole
from prober.definitions.deployment import DeploymentFile
from prober.errors import ProberError, UsageError
from prober.fleet.redaction import Redaction
from prober.fleet.tasks import Cause, FleetVerdict, Result
from prober.judge.attribution import forget_answers
from prober.judge.fingerprint import fingerprint
from prober.model import ExitStatus, Verdict
from prober.report.record import record
from prober.report.summary import last_line

if TYPE_CHECKING:
    import ssl

    from prober.app.load import LoadedDeployment
    from prober.app.prepare import PreparedRun
    from prober.fleet.tasks import Task, WorkerSettings
    from prober.report.shape import Record
    from prober.transport.network import TlsSettings

MOST_CAUSES = 40  # of one deployment: one that is wide open needs no more
BUG = "a bug in the prober"


class Worker:
    """One process's way of probing deployments; safe to be asked for many at a time in one event loop."""

    def __init__(self, settings: WorkerSettings) -> None:
        """Read the secrets that are here; what is missing is reported by the deployments that need it."""
        self._settings = settings
        self._library = DefinitionCache()
        self._redaction = Redaction(filter(None, map(_value_of, settings.sources)))
        self._contexts: dict[tuple[TlsSettings, str], ssl.SSLContext] = {}

    async def probe(self, task: Task) -> Result:
        """Probe one deployment; whatever goes wrong with it is its own result and nobody else's."""
        try:
            result = await self._probed(task)
        except ProberError as error:
            result = no_verdict(task.name, error.what)
        except OSError as error:
            result = no_verdict(
                task.name, f"on the machine that probes: {(error.strerror or type(error).__name__).lower()}"
            )
        except Exception as error:  # noqa: BLE001 - a bug that one deployment provokes must not end the others
            result = no_verdict(task.name, f"{BUG}: {type(error).__name__}")
        finally:
            forget_answers()  # and the fingerprints: they hold on to the answers of deployments that are done
            fingerprint.cache_clear()
        hide = self._redaction.hide
        return replace(
            result, sentence=hide(result.sentence), why=hide(result.why),
            causes=tuple(replace(cause, route=hide(cause.route)) for cause in result.causes),
        )  # fmt: skip

    def plan(self, task: Task) -> PreparedRun:
        """Plan one deployment, and send nothing."""
        return prepare(self._load(task), self._settings.sending)

    def _load(self, task: Task) -> LoadedDeployment:
        """Load one deployment; without a prober.yaml, no other file of the current folder is taken for its own.

        A target of a list, or a URL of prober.yaml, gets no secret unless somebody allows it: only the services that
        the fleet's own file gives count as named.
        """
        loaded = replace(load_from(*self._options(task), library=self._library), named=frozenset(task.named))
        return loaded if task.deployment is not None else replace(loaded, inventory=None)

    def _options(self, task: Task) -> tuple[ProbeOptions, DeploymentFile, Path]:
        options = ProbeOptions(
            deployment=task.deployment,
            service=task.services,
            profile=task.profile,
            depth=task.depth,
            hold=task.hold,
            hold_for=self._settings.hold_for,
        )
        if task.deployment is None:
            return options, DeploymentFile(), Path()
        path = Path(task.deployment)
        return options, self._library.deployment(path), path.parent

    async def _probed(self, task: Task) -> Result:
        sending = replace(self._settings.sending, rate=task.rate)
        loaded = self._load(task)
        prepared = prepare(await asyncio.to_thread(with_every_address, loaded, sending), sending)
        if prepared.refusal is not None:
            cause = Cause(surface="", route="before the first request", verdict="leak", reason="mode")
            return Result(name=task.name, verdict=FleetVerdict.LEAK, sentence=prepared.refusal, causes=(cause,))
        network = replace(network_of(sending, prepared), context_for=self._context)
        secrets = secrets_of(prepared, network)
        run = run_of(sending, prepared, network)
        await run.send_all()
        made = record(run.report(), secrets=secrets)
        if self._settings.records is not None:
            self._write(self._settings.records, task.name, made)
        gap, pause = run.learned_pace
        return replace(result_from_record(task.name, made), gap=gap, pause=pause)

    def _context(self, tls: TlsSettings, protocol: str) -> ssl.SSLContext:
        """Give one context for all deployments that trust and present the same certificates."""
        if (tls, protocol) not in self._contexts:
            self._contexts[tls, protocol] = tls.context()
        return self._contexts[tls, protocol]

    def _write(self, folder: str, name: str, made: Record) -> None:
        """Write the full record of a deployment, whole or not at all."""
        path = Path(folder) / f"{name}.json.gz"
        text = self._redaction.hide(json.dumps(made))
        try:
            write_whole(path, gzip.compress(text.encode(), mtime=0))
        except OSError as error:
            raise UsageError(f"its record could not be written: {error.strerror}", fix="check --records") from None


def result_from_record(name: str, made: Record) -> Result:
    """Sum up a deployment's own report: its verdict, and what is wrong at which route."""
    failing = [finding for finding in made["findings"] if Verdict(finding["verdict"]).fails]
    causes = dict.fromkeys(
        Cause(
            surface=finding["surface"], route=finding["route"].removeprefix(f"{finding['surface']}: "),
            verdict=finding["verdict"], reason=finding["reason"],
        )
        for finding in failing
    )  # fmt: skip
    verdict = _verdict_of(made)
    return Result(
        name=name,
        verdict=verdict,
        sentence=last_line(made),
        why=_why(made) if verdict is FleetVerdict.NO_VERDICT else "",
        causes=tuple(causes)[:MOST_CAUSES] if verdict in {FleetVerdict.LEAK, FleetVerdict.DRIFT} else (),
        run=made["run"],
        requests=made["requests"],
        elapsed_ms=made["elapsed_ms"],
    )


def _verdict_of(made: Record) -> FleetVerdict:
    """Take a deployment for locked only where its own report is; everything that is not known is no verdict."""
    if made["exit_status"] == ExitStatus.LOCKED and made["verdict"] == Verdict.LOCKED and not made["interrupted"]:
        return FleetVerdict.LOCKED
    if made["exit_status"] == ExitStatus.LEAK:
        return FleetVerdict.LEAK if made["verdict"] == Verdict.LEAK else FleetVerdict.DRIFT
    return FleetVerdict.NO_VERDICT


def _why(made: Record) -> str:
    """Give the cause of no verdict, worded alike for all deployments: the most frequent reason and its detail."""
    unknown = [finding for finding in made["findings"] if finding["verdict"] in {Verdict.UNPROVEN, Verdict.UNREACHABLE}]
    if not unknown:
        return "nothing was probed"
    answered = Counter((finding["reason"], finding["detail"]) for finding in unknown if finding["attempts"])
    reasons = answered or Counter((finding["reason"], finding["detail"]) for finding in unknown)
    reason, detail = reasons.most_common(1)[0][0]
    return f"{reason}: {detail}"


def no_verdict(name: str, why: str) -> Result:
    """Make the result of a deployment about which nothing is known."""
    return Result(name=name, verdict=FleetVerdict.NO_VERDICT, sentence=f"NO VERDICT: {why}", why=why)


def _value_of(source: str) -> str | None:
    try:
        return read_source(source, of="a secret of the fleet")
    except UsageError:
        return None
