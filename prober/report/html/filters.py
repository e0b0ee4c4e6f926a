"""The filters of the page, without a script: form controls, and the CSS rules that depend on them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prober.report.html.entries import MARKS, by_surface, mark
from prober.report.html.markup import Markup, element, together

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from prober.report.html.entries import Entry

ALL = "all"


def filters(entries: Sequence[Entry]) -> Markup:
    """Offer each kind that occurs, and each surface; this also explains the signs."""
    counts = Counter(entry.kind for entry in entries)
    kinds = [_choice(ALL, len(entries)), *(_choice(kind, counts[kind]) for kind in MARKS if counts[kind])]
    options = [element("option", "every surface", class_=ALL, selected=True)]
    options += [element("option", surface.name, class_=" ".join(surface.kinds)) for surface in by_surface(entries)]
    select = element("select", *options, id="surface", autocomplete="off")
    unfold = element("input", type="checkbox", id="unfold", autocomplete="off")
    return element(
        "div",
        element("fieldset", element("legend", "show"), *kinds),
        element("label", element("span", "surface", class_="apart"), select),
        element("label", unfold, "every route"),
        class_="filters", role="group", aria_label="filters",
    )  # fmt: skip


def _choice(kind: str, number: int) -> Markup:
    box = element(
        "input", type="radio", name="kind", id=f"only-{kind}", checked=kind == ALL, autocomplete="off"
    )  # fmt: skip
    sign = None if kind == ALL else mark(kind)
    return element("label", box, sign, together([f"{kind} ", element("small", f"{number:,}")]), class_=kind)


def filter_rules(surface_classes: Mapping[str, str]) -> str:
    """Write the CSS rules; a browser without ':has' shows everything."""
    rules = [f"body:has(#only-{kind}:checked) .of:not(.{kind}){{display:none}}" for kind in MARKS]
    rules += [
        # If the surface has nothing of the kind, the page says so.
        f"body:has(#only-{kind}:checked):has(#surface option:checked:not(.{kind},.{ALL})) .nothing{{display:block}}"
        for kind in MARKS
    ]
    rules += [
        f"body:has(#surface option:nth-child({number}):checked) .of:not(.{class_name}){{display:none}}"
        for number, class_name in enumerate(surface_classes.values(), start=2)  # the first is 'every surface'
    ]
    return "\n".join(rules)
