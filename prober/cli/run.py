"""`prober run`: probe a deployment, print the report, give the exit status."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from prober.cli.choose import Chosen, Wishes, choose
from prober.cli.held import SHORTEST_SECRET, read_headers
from prober.cli.options import how_to_probe, what_to_probe
from prober.errors import UsageError, did_you_mean
from prober.model import ExitStatus, Verdict
from prober.report.exchange import exchanges
from prober.report.formats import FORMATS
from prober.report.record import record
from prober.report.table import last_line, render_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prober.model import Report
    from prober.run import Run

_COLOURS = {
    Verdict.LEAK: "red", Verdict.DRIFT: "yellow", Verdict.UNPROVEN: "magenta", Verdict.UNREACHABLE: "magenta",
    Verdict.LOCKED: "green",
}  # fmt: skip


@click.command("run")
@what_to_probe
@how_to_probe
def command(**options: object) -> int:
    """Probe a deployment and say whether it is locked."""
    return run_with(options)


def run_with(options: dict[str, object], *, chooser: Callable[[Wishes], Chosen] = choose) -> int:
    """Do what `run` does with these options; verify-lockdown brings its own way to choose."""
    how = How(options)
    chosen = chooser(wishes_of(options))
    if chosen.refusal:
        click.echo(f"LEAK: {chosen.refusal}")
        click.echo("  fix: mend the environment, or name the --profile that is meant", err=True)
        return ExitStatus.LEAK
    run, secrets = how.prepare(chosen)
    interrupted = asyncio.run(_until_done(run))
    report = run.report(interrupted=interrupted)
    how.print(report, secrets)
    return ExitStatus.INTERRUPTED if interrupted else report.exit_status


def wishes_of(options: dict[str, object]) -> Wishes:
    """Take the options that make a plan."""
    names = Wishes.__dataclass_fields__
    return Wishes(**{name: value for name, value in options.items() if name in names})  # type: ignore[arg-type]


async def _until_done(run: Run) -> bool:
    """Send all there is to send; True when a signal ended it first."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(run.send_all())
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return True
    return False


class How:
    """The options that conduct a run and print its report, checked before anything is sent."""

    def __init__(self, options: Mapping[str, object]) -> None:
        """Check the reports' formats and that their folders are there."""
        self._options = options
        self._reports = tuple(_report_path(str(said)) for said in _many(options["report"]))

    def prepare(self, chosen: Chosen) -> tuple[Run, tuple[str, ...]]:
        """Make the run, and name the values that no report may repeat; an earlier run's reports go first."""
        from prober.run import Run, Terms  # noqa: PLC0415 - httpx and asyncio cost 150 ms, which a usage error need not pay
        from prober.send.pace import World, sleep  # noqa: PLC0415 - the same
        from prober.send.wire import ANY_IPV4, ANY_IPV6, Tls, Wire, check_proxy, check_resolve, check_tls  # noqa: PLC0415

        options = self._options
        headers = read_headers(tuple(map(str, _many(options["header"]))), chosen.services)
        if options["ipv4"] and options["ipv6"]:
            raise UsageError("--ipv4 and --ipv6 leave no way", fix="give one of them")
        files = {name: None if options[name] is None else str(options[name]) for name in ("cacert", "cert", "key")}
        wire = Wire(
            services=chosen.services,
            timeout=float(str(options["timeout"])),
            headers=headers,
            tls=check_tls(Tls(**files, insecure=bool(options["insecure"]))),
            proxy=None if options["proxy"] is None else check_proxy(str(options["proxy"])),
            resolve=check_resolve(tuple(map(str, _many(options["resolve"]))), chosen.services),
            send_from=ANY_IPV4 if options["ipv4"] else ANY_IPV6 if options["ipv6"] else None,
        )
        terms = Terms(
            run=chosen.run,
            started_at=chosen.started_at,
            deadline=float(str(options["deadline"])),
            wait=float(str(options["wait"])),
            attempts=int(str(options["attempts"])),
            concurrency=int(str(options["concurrency"])),
            rate=None if options["rate"] is None else float(str(options["rate"])),
            tolerate_drift=options["tolerate"] == "drift",
            require=chosen.require,
            insecure=wire.tls.insecure,
        )
        for _, path in self._reports:
            path.unlink(missing_ok=True)
        world = World(now=time.monotonic, wall=time.time, sleep=sleep)
        secrets = (*chosen.secrets, *(value for _, value in headers if len(value) >= SHORTEST_SECRET))
        return Run(chosen.plan, wire, terms, world=world, profiles=chosen.profiles), secrets

    def print(self, report: Report, secrets: tuple[str, ...]) -> None:
        """Print the report, and write those that were asked for."""
        kept = record(report, secrets=secrets)
        evidence = partial(exchanges, report, secrets=secrets)
        for name, path in self._reports:
            _write_whole(path, FORMATS[name](kept, evidence))
        format_ = str(self._options["format_"])
        if self._options["quiet"]:
            click.echo(last_line(kept))
        elif format_ != "table":
            click.echo(FORMATS[format_](kept, evidence), nl=False)
        else:
            width = shutil.get_terminal_size((80, 24)).columns
            click.echo(
                render_table(kept, width=width, verbose=bool(self._options["verbose"]), paint=self._paint), nl=False
            )

    def _paint(self, text: str, word: str) -> str:
        plain = self._options["no_color"] or os.environ.get("NO_COLOR") or not sys.stdout.isatty()
        return text if plain or word not in _COLOURS else click.style(text, fg=_COLOURS[Verdict(word)], bold=True)


def _many(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else ()


def _report_path(said: str) -> tuple[str, Path]:
    name, equals, where = said.partition("=")
    if not equals or not where:
        raise UsageError(f"--report '{said}' is no FORMAT=PATH", fix="write it as in --report json=report.json")
    if name not in FORMATS:
        fix = did_you_mean(name, FORMATS, otherwise=f"use one of: {', '.join(FORMATS)}")
        raise UsageError(f"--report knows no format '{name}'", fix=fix)
    path = Path(where)
    if not path.parent.is_dir() or path.is_dir():
        raise UsageError(f"--report cannot write '{where}'", fix="name a file in a folder that is there")
    return name, path


def _write_whole(path: Path, text: str) -> None:
    """Write a report so that it is there whole or not at all, readable by its owner's group as usual."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)
    Path(name).replace(path)
