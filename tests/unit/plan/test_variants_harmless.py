"""No variant does what its plain request could not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from prober.definitions.service import parse_service
from prober.model import Depth, Reason
from tests.support.variant_plans import AT_THE_ROOT, BODY, INERT, dressed

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Plan

PARTS = st.lists(st.text(alphabet="aZ09-_.~", min_size=1, max_size=5), min_size=0, max_size=4)
PATHS = st.builds(lambda parts, end: f"/{'/'.join(parts)}{end}", PARTS, st.sampled_from(["", "?a=b"]))
BASES = st.sampled_from(["http://h", "http://h/app", "https://h:8443/a/b"])
OVERRIDE = re.compile(r"method", re.IGNORECASE)
READS = {"GET", "HEAD", "OPTIONS"}


@given(path=PATHS, url=BASES)
def test_no_variant_of_a_read_is_anything_but_a_read(path: str, url: str, deep: Callable[..., Plan]) -> None:
    requests = {name: probe.request for name, probe in dressed(deep(f"GET {path}", url=url)).items()}
    assert requests.keys() >= AT_THE_ROOT
    assert {request.method for request in requests.values()} <= READS
    assert {request.content for request in requests.values()} == {None}
    headers = [pair for request in requests.values() for pair in request.headers]
    assert {value for name, value in headers if OVERRIDE.search(name)} == {"HEAD", "OPTIONS"}
    assert [request.target for request in requests.values() if "_method" in request.target] == []


@given(path=PATHS, url=BASES)
def test_every_variant_of_a_read_has_a_query_of_its_own_that_no_cache_knows(
    path: str, url: str, deep: Callable[..., Plan]
) -> None:
    targets = {name: probe.request.target for name, probe in dressed(deep(f"GET {path}", url=url)).items()}
    own = {name for name, target in targets.items() if f"lockdown-probe=0123abcd-{name}" in re.split("[?&]", target)}
    assert targets.keys() - own <= {"bare-question-mark"}


@given(path=PATHS, url=BASES, method=st.sampled_from(["PUT", "MKCOL", "MOVE"]))
def test_what_creates_at_the_path_it_names_is_sent_to_no_other(
    path: str, url: str, method: str, deep: Callable[..., Plan]
) -> None:
    assert dressed(deep(f"{method} {path}", "session", INERT, url=url, whole=True)) == {}


@given(path=PATHS, url=BASES, method=st.sampled_from(["POST", "PATCH", "DELETE"]))
def test_no_variant_of_what_acts_is_another_method_that_acts(
    path: str, url: str, method: str, deep: Callable[..., Plan]
) -> None:
    plan = deep(f"{method} {path}", "session", INERT, url=url)
    requests = {name: probe.request for name, probe in dressed(plan).items()}
    assert {name: request.method for name, request in requests.items() if request.method != method} == {
        "options": "OPTIONS"
    }
    assert {request.content for name, request in requests.items() if name != "options"} == {BODY}
    headers = [name for request in requests.values() for name, _ in request.headers]
    assert [name for name in headers if OVERRIDE.search(name)] == []
    unique = {name for name, request in requests.items() if "lockdown-probe=" in request.target}
    assert unique == {"options"}


@given(path=PATHS, url=BASES)
def test_every_variant_can_be_written_as_http_and_stays_below_the_base_path(
    path: str, url: str, deep: Callable[..., Plan]
) -> None:
    service = parse_service("web", url)
    requests = {name: probe.request for name, probe in dressed(deep(f"GET {path}", url=url)).items()}
    targets = {name: request.target for name, request in requests.items()}
    whole = targets.pop("absolute-form")
    assert whole.startswith(f"{service.scheme}://h:{service.port}{service.base_path}/")
    assert [target for target in targets.values() if not target.startswith(f"{service.base_path}/")] == []
    assert [target for target in targets.values() if not re.fullmatch(r"/[!-~]*", target)] == []
    said = [text for request in requests.values() for pair in request.headers for text in pair]
    assert [text for text in said if not (text.isascii() and text.isprintable())] == []


def test_what_a_mode_has_not_is_never_sent_dressed(plan_of: Callable[..., Plan]) -> None:
    plan = plan_of(profile="dev-shim", depth=Depth.DEEP)
    reasons = {skip.reason for skip in plan.skips if skip.probe.variant}
    assert reasons <= {Reason.NOT_IN_THIS_MODE, Reason.EFFECT}
    assert [probe.id for probe in plan.probes if probe.promise.skip] == []
