"""The options that `run`, `plan` and `verify-lockdown` share, each also as PROBER_... in the environment."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from prober.cli import completers
from prober.cli.command import option, section
from prober.cli.duration import upto_a_day
from prober.model import Depth
from prober.report.formats import FORMATS

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
R = TypeVar("R")


class Lines(click.types.StringParamType):
    """Text whose environment variable holds one value a line: a header and a glob may have spaces in them."""

    envvar_list_splitter = "\n"


LINES = Lines()


class Number(click.FloatRange):
    """A finite number, more than none; click's own range lets nan through."""

    def __init__(self) -> None:
        """Take any such number."""
        super().__init__(min=0.0, min_open=True)

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the number."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value} is not a number", param, ctx)
        return number


_TIME = "DURATION"  # as in 5s, 2m or, in seconds, 300

_WHAT = (
    *section(
        "What to probe",
        option(
            "--deployment",
            metavar="FILE",
            help="The deployment's definition [default: ./prober.yaml, if there].",
            shell_complete=completers.files,
        ),
        option(
            "--profile",
            metavar="NAME|FILE",
            help="The auth mode the deployment should be running in.",
            shell_complete=completers.profiles,
        ),
        option(
            "--env-file",
            metavar="FILE",
            help="Read the mode and the default ports from this .env.",
            shell_complete=completers.files,
        ),
        option(
            "--base-url", metavar="URL", help="URL of the service 'web' (also BASE_URL, where prober.yaml names none)."
        ),
        option(
            "--mcp-url", metavar="URL", help="URL of the service 'mcp' (also MCP_URL, where prober.yaml names none)."
        ),
        option(
            "--service",
            metavar="NAME=URL",
            multiple=True,
            help="URL of another service. Repeatable.",
            shell_complete=completers.services,
        ),
        option(
            "--surface",
            metavar="NAME",
            multiple=True,
            help="Require this group of routes to be present ('all' for every group). Repeatable.",
            shell_complete=completers.surfaces,
        ),
        option(
            "--only",
            metavar="GLOB",
            multiple=True,
            type=LINES,
            help="Run only the matching probes (glob over id, route, path or surface). Repeatable.",
            shell_complete=completers.routes,
        ),
        option(
            "--skip",
            metavar="GLOB",
            multiple=True,
            type=LINES,
            help="Skip the matching probes (glob). Repeatable.",
            shell_complete=completers.routes,
        ),
        option(
            "--depth",
            type=click.Choice([depth.value for depth in Depth]),
            help="How many requests a run may cost [default: standard].",
        ),
        option(
            "--samples",
            metavar="N",
            type=click.IntRange(min=1, max=100),
            default=1,
            show_default=True,
            help="Ask a few routes of each guard N times, over a new connection each, to meet every replica.",
        ),
        option(
            "--source",
            metavar="DIR",
            shell_complete=completers.files,
            help="Also probe every route found in this Next.js source tree, assuming each is guarded.",
        ),
    ),
    *section(
        "What may be sent",
        option(
            "--allow-effects",
            metavar="GLOB",
            multiple=True,
            type=LINES,
            help="Send requests that could change data if the route turns out to be open.",
            shell_complete=completers.routes,
        ),
        option(
            "--hold",
            metavar="NAME=SOURCE",
            multiple=True,
            type=LINES,
            help="Provide a real secret, to check which routes must (not) accept it. SOURCE is env:NAME, file:PATH "
            "or -.",
            shell_complete=completers.held,
        ),
        option(
            "--hold-for",
            metavar="ORIGIN",
            multiple=True,
            type=LINES,
            help="This origin of prober.yaml may have the secrets of --hold and --header. Repeatable.",
        ),
        option(
            "--identify",
            type=click.Choice(["mostly", "always"]),
            default="mostly",
            show_default=True,
            help="Which requests name the prober in their User-Agent: all but those sent as a browser or curl would "
            "send them, or all.",
        ),
        option(
            "--budget", metavar="N", type=click.IntRange(min=1), help="Fail if the plan needs more than N requests."
        ),
    ),
    *section(
        "What fails the run",
        option(
            "--require",
            metavar="GLOB",
            multiple=True,
            type=LINES,
            help="Exit 2 if any of these probes is skipped. No drift of them is tolerated.",
            shell_complete=completers.routes,
        ),
        option(
            "--waivers",
            metavar="FILE",
            help="File of accepted findings, each with an owner and an expiry date.",
            shell_complete=completers.files,
        ),
    ),
)

_HOW = (
    *section(
        "Time and load",
        option(
            "--timeout",
            type=upto_a_day(),
            metavar=_TIME,
            default="10s",
            show_default=True,
            help="How long to wait for a complete response.",
        ),
        option(
            "--deadline",
            type=upto_a_day(),
            metavar=_TIME,
            default="5m",
            show_default=True,
            help="When the whole run stops.",
        ),
        option(
            "--wait",
            type=upto_a_day(none_too=True),
            metavar=_TIME,
            default="0",
            show_default=True,
            help="How long to wait for the deployment to come up.",
        ),
        option(
            "--attempts",
            metavar="N",
            type=click.IntRange(1, 10),
            default=3,
            show_default=True,
            help="Attempts per request while the application does not respond.",
        ),
        option(
            "--concurrency",
            metavar="N",
            type=click.IntRange(1, 64),
            help="Maximum requests in flight [default: 8 on this machine, else 8 to 32 by the plan's size].",
        ),
        option(
            "--rate",
            metavar="N",
            type=Number(),
            help="Maximum requests per second [default: none; 10 in `prober watch`, but on this machine].",
        ),
    ),
    *section(
        "Network",
        option(
            "--header",
            metavar="'NAME: SOURCE'",
            multiple=True,
            type=LINES,
            help="Send this with every request, to pass a platform's wall; SOURCE is env:NAME, file:PATH or -.",
        ),
        option(
            "--cacert",
            metavar="FILE",
            help="Trust the certificate authorities in this file.",
            shell_complete=completers.files,
        ),
        option("--cert", metavar="FILE", help="Client certificate (mTLS).", shell_complete=completers.files),
        option(
            "--key",
            metavar="FILE",
            help="Private key for --cert, if it is in a separate file.",
            shell_complete=completers.files,
        ),
        option("--insecure", is_flag=True, help="Do not verify TLS. The report says so."),
        option("--proxy", metavar="URL", help="Use this proxy. HTTP(S)_PROXY is ignored."),
        option(
            "--resolve",
            metavar="HOST:PORT:ADDR",
            multiple=True,
            type=LINES,
            help="Connect to ADDR for HOST:PORT (like curl --resolve), e.g. to bypass a CDN.",
        ),
        option(
            "--address",
            type=click.Choice(["all", "first"]),
            default="all",
            show_default=True,
            help="Of a name with several addresses: ask all (at most 8) or the first.",
        ),
        option("--ipv4", is_flag=True, help="Use IPv4 only."),
        option("--ipv6", is_flag=True, help="Use IPv6 only."),
    ),
    *section(
        "What fails the run",
        option(
            "--tolerate",
            type=click.Choice(["drift"]),
            help="'drift': drift does not fail the run (a leak always does).",
        ),
        option("--require-coverage", is_flag=True, help="Exit 1 if --source has a route that no probe covers."),
        option("--release", metavar="TEXT", help="The deployed release [default: read from an open route]."),
    ),
)

_OF_ONE = frozenset({"rate", "resolve", "require_coverage", "release"})  # options that mean one deployment

_SAID = (
    *section(
        "What fails the run",
        option(
            "--baseline",
            metavar="FILE",
            help="An earlier JSON report to compare with.",
            shell_complete=completers.files,
        ),
        option(
            "--fail-on",
            type=click.Choice(["any", "new"]),
            default="any",
            show_default=True,
            help="'new': ignore leaks and drift that are already in --baseline.",
        ),
    ),
    *section(
        "Output",
        option(
            "--format",
            "format_",
            type=click.Choice(list(FORMATS)),
            default="table",
            show_default=True,
            help="What to print.",
        ),
        option(
            "--report",
            metavar="FORMAT=PATH",
            multiple=True,
            help="Also write this report, in any format.",
            shell_complete=completers.reports,
        ),
        option("--verbose", "-v", is_flag=True, help="Also show what is locked; show tracebacks."),
        option("--quiet", "-q", is_flag=True, help="Print the last line only."),
        option("--no-color", is_flag=True, help="Do not colour the output (also NO_COLOR)."),
    ),
)


def what_to_probe(function: Callable[P, R]) -> Callable[P, R]:
    """Add the options that make a plan."""
    return _with(_WHAT, function)


def how_to_probe(function: Callable[P, R]) -> Callable[P, R]:
    """Add the options that conduct one run, and say what becomes of its report."""
    return _with((*_HOW, *_SAID), function)


def how_to_send(function: Callable[P, R]) -> Callable[P, R]:
    """Add the options that conduct a run, and every one after it."""
    return _with(_HOW, function)


def how_to_send_many(function: Callable[P, R]) -> Callable[P, R]:
    """Add those of the options of a run that hold for each deployment of a fleet; it has a pace of its own."""
    decorated = _with(_HOW, function)
    parameters: list[click.Parameter] = getattr(decorated, "__click_params__")  # noqa: B009 - click's own attribute
    parameters[:] = [parameter for parameter in parameters if parameter.name not in _OF_ONE]
    return decorated


def and_these(
    *options: Callable[[Callable[P, R]], Callable[P, R]],
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Add a command's own options, each in the environment too."""
    return lambda function: _with(options, function)


def _with(options: tuple[Callable[[Callable[P, R]], Callable[P, R]], ...], function: Callable[P, R]) -> Callable[P, R]:
    for entry in reversed(options):
        function = entry(function)
    for parameter in getattr(function, "__click_params__", []):
        if parameter.envvar is None:
            name = parameter.opts[0].lstrip("-").replace("-", "_").upper()
            outside = {"BASE_URL": ["BASE_URL"], "MCP_URL": ["MCP_URL"]}.get(name, [])
            parameter.envvar = [f"PROBER_{name}", *outside]
    return function
