"""YAML as editors read it, and the parser of each kind of definition, to compare with its schema."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from prober.definitions.builtin import load_starter
from prober.definitions.deployment import parse_deployment
from prober.definitions.document import parse_document
from prober.definitions.fleet import parse_fleet
from prober.definitions.inventory import parse_inventory
from prober.definitions.profile import parse_profile
from prober.definitions.surface import parse_surface
from prober.definitions.waivers import parse_waivers
from prober.plan.credential_names import credential_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from prober.model import Profile

ROOT = Path(__file__).parents[2]
PROBER = Path(sys.executable).with_name("prober")
DEFINITIONS = ("surface", "profile", "deployment", "waivers", "inventory", "fleet")


# --- YAML as editors read it ------------------------------------------------------------------------------------------


class Editor(yaml.SafeLoader):
    """YAML 1.2's core words, as editors read them: no and on are text, a day and 12:30 too, 0401 is 401."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own shape


Editor.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Editor.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
Editor.add_implicit_resolver(
    "tag:core,int", re.compile(r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$"), list("-+0123456789")
)
Editor.add_implicit_resolver(
    "tag:core,float",
    re.compile(
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    list("-+.0123456789"),
)
Editor.add_constructor(
    "tag:core,int",
    lambda _, node: (
        int(node.value, 0 if node.value[:2] in {"0o", "0x"} else 10) if len(node.value) < 300 else float(node.value)
    ),
)
Editor.add_constructor("tag:core,float", yaml.SafeLoader.construct_yaml_float)  # type: ignore[type-var]  # the stubs want a method of Loader


def read(text: str) -> object:
    return yaml.load(text, Loader=Editor)


PARSERS: dict[str, Callable[[str], object]] = {
    "surface": lambda text: parse_surface(parse_document(text, file="x")),
    "profile": lambda text: parse_profile(
        parse_document(text, file="x"), base=base, starter=starter, credentials=credential_names()
    ),
    "deployment": lambda text: parse_deployment(parse_document(text, file="x")),
    "waivers": lambda text: parse_waivers(parse_document(text, file="x")),
    "fleet": lambda text: parse_fleet(parse_document(text, file="x")),
    "inventory": lambda text: parse_inventory(parse_document(text, file="x")),
}


def base(_: object) -> Any:
    return parse_profile(
        parse_document("{profile: b, about: b, guards: {a: 401}}", file="b"), base=base, starter=starter, credentials=()
    )


def starter() -> Profile:
    return load_starter(credentials=credential_names())
