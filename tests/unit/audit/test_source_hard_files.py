"""Sources that are hard to read: broken, large, deep or circular."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.audit.source.analysis.project import MOST_BYTES
from prober.audit.source.audit import audit_source
from prober.errors import UsageError
from prober.model import ExitStatus
from tests.support.source_audit import DOES, GOOD, OK, UNGUARDED, UNKNOWN, audit, handler, locks

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        pytest.param(b"export const GET = '\xff';", "byte 0xff in line 1 is not UTF-8", id="latin-1"),
        pytest.param("export const GET = 1;".encode("utf-16"), "is not UTF-8", id="utf-16"),
        pytest.param(b"export const GET = 1;\0", "null bytes", id="null"),
        pytest.param(b"export const GET = (", "cannot be parsed", id="half"),
        pytest.param(b"", "none of its exports", id="empty"),
    ],
)
def test_a_route_that_cannot_be_read_is_unknown(raw: bytes, said: str, tmp_path: Path) -> None:
    found = audit(tmp_path, {"app/api/a/route.ts": raw})
    assert [(door.status, said in door.reason) for door in found.handlers] == [(UNKNOWN, True)]


def test_a_file_that_is_too_large_is_no_verdict(tmp_path: Path) -> None:
    found = audit(tmp_path, {"app/api/a/route.ts": GOOD, "app/api/b/route.ts": GOOD + " " * MOST_BYTES})
    assert [one.what for one in found.breaches] == ["is larger than 1 MiB"]
    assert found.status is ExitStatus.NO_VERDICT


def test_a_handler_that_is_nested_too_deep_is_unknown(tmp_path: Path) -> None:
    deep = "export const GET = () => " + "(" * 20_000 + "1" + ")" * 20_000 + ";"
    chain = "export const GET = (x) => x" + ".a(1)" * 20_000 + ";"
    found = audit(tmp_path, {"app/api/a/route.js": deep, "app/api/b/route.js": chain})
    assert OK not in locks(found).values()


def test_functions_that_call_each_other_end(tmp_path: Path) -> None:
    body = "const a = async () => { await b(); }; const b = async () => { await a(); };\nexport async function GET() { await a(); " + DOES + " }"  # fmt: skip
    assert locks(handler(tmp_path, body)) == {"GET /api/x": UNGUARDED}


@pytest.mark.slow
def test_many_calls_end_as_unknown(tmp_path: Path) -> None:
    functions = "".join(
        f"const f{n} = async () => {{ await f{n + 1}(); await f{n + 1}(); await f{n + 1}(); }};\n" for n in range(30)
    )
    body = (
        functions
        + "const f30 = async () => {};\nexport async function GET() { await f0(); await requireAdmin(); "
        + DOES
        + " }"
    )
    assert locks(handler(tmp_path, body)) == {"GET /api/x": UNKNOWN}


def test_links_that_lead_round_or_out_end(tmp_path: Path) -> None:
    folder = tmp_path / "source"
    audit(folder, {"app/api/a/route.ts": GOOD})
    (folder / "app" / "again").symlink_to(folder, target_is_directory=True)
    (tmp_path / "other").mkdir()
    (folder / "app" / "out").symlink_to(tmp_path / "other", target_is_directory=True)
    found = audit_source(folder)
    assert locks(found) == {"GET /api/a": OK}
    assert [(one.source.file, one.what) for one in found.breaches] == [("app/out", "is a link out of the folder")]
    assert found.status is ExitStatus.NO_VERDICT


def test_a_folder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        audit_source(tmp_path / "none")


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        pytest.param("// @flow", "line 2 cannot be parsed (it is written in Flow, which is not read)", id="flow"),
        pytest.param("// @flowers", "line 2 cannot be parsed", id="not-flow"),
    ],
)
def test_file_that_is_written_in_flow_is_unknown_and_says_so(comment: str, said: str, tmp_path: Path) -> None:
    source = f"{comment}\ntype Props = {{| +id: ?string |}};\nexport default async function handler(req, res) {{}}\n"
    found = audit(tmp_path, {"pages/api/a.js": source})
    assert [(str(one.status), one.reason) for one in found.handlers] == [
        ("unknown", f"the file cannot be read: {said}"),
    ]
