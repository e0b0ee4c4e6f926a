"""The report of a fleet as one HTML page: causes, then every deployment, with filters; no script."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prober.fleet.record import last_line
from prober.fleet.tasks import FleetVerdict
from prober.report.html.markup import Markup, element, lines, together
from prober.report.html.shell import document, policy_of, style_sheet
from prober.report.wording import count

if TYPE_CHECKING:
    from prober.fleet.record import DeploymentRecord, FleetRecord

MOST_LABELS = 50  # that the page can be filtered by
_CLASSES = {
    FleetVerdict.LEAK: "leak", FleetVerdict.DRIFT: "drift", FleetVerdict.NO_VERDICT: "unproven",
    FleetVerdict.LOCKED: "locked",
}  # fmt: skip
_NAMED = 20  # deployments of a cause

Pair = tuple[str, str]


def render_html(record: FleetRecord) -> str:
    """Write the page."""
    labels = _shared_labels(record)
    style = style_sheet() + _rules(labels)
    body = [
        _head(record),
        element("main", lines([
            *([element("h2", "Causes"), _causes(record)] if record["causes"] else []),
            *([element("h2", "Without a verdict"), _unknown(record)] if record["no_verdicts"] else []),
            element("h2", "Deployments"),
            _filters(record, labels),
            _deployments(record, labels),
        ])),
    ]  # fmt: skip
    return document(last_line(record), style, body, policy=policy_of(style))


def _head(record: FleetRecord) -> Markup:
    word, colon, sentence = last_line(record).partition(":")
    class_ = _CLASSES[FleetVerdict(record["verdict"])]
    facts = [
        f"fleet {record['fleet']}", *([f"shard {record['shard']}"] if record["shard"] else []),
        f"{count(record['requests'], 'request')} in {record['elapsed_ms'] / 1000:.1f} s", record["started_at"],
        f"run {record['run']}",
    ]  # fmt: skip
    title = element("h1", element("span", word + colon, class_=f"word {class_}"), sentence)
    return element(
        "header", title, element("p", *(element("span", fact) for fact in facts), class_="run"), class_=class_
    )


def _causes(record: FleetRecord) -> Markup:
    return lines(
        _group(
            _CLASSES[FleetVerdict(cause["verdict"])],
            f"{cause['surface']}: {cause['route']}" if cause["surface"] else cause["route"],
            cause["reason"] + (f", {cause['apart']}" if cause["apart"] else ""), cause["deployments"], cause["names"],
        )
        for cause in record["causes"]
    )  # fmt: skip


def _unknown(record: FleetRecord) -> Markup:
    return lines(
        _group("unproven", group["why"], "", group["deployments"], group["names"]) for group in record["no_verdicts"]
    )


def _group(class_: str, what: str, more: str, number: int, names: list[str]) -> Markup:
    """Show a cause, and who has it."""
    rest = f" and {number - _NAMED:,} more" if number > _NAMED else ""
    title = element(
        "h3", element("span", what, class_=f"word {class_}"), f" {more} ", element("small", count(number, "deployment"))
    )
    return element("article", title, element("p", ", ".join(names[:_NAMED]) + rest))


def _shared_labels(record: FleetRecord) -> dict[Pair, str]:
    """Give the labels that several deployments share, and a class for each."""
    counts = Counter(pair for deployment in record["deployments"] for pair in deployment["labels"].items())
    shared = [pair for pair, number in counts.most_common(MOST_LABELS) if number > 1]
    return {pair: f"label{number}" for number, pair in enumerate(sorted(shared))}


def _filters(record: FleetRecord, labels: dict[Pair, str]) -> Markup:
    """Offer each verdict that occurs, and each label that several share."""
    kinds = [_choice("all", "all", sum(record["counts"].values()))]
    kinds += [_choice(_CLASSES[v], v, record["counts"][v]) for v in FleetVerdict if record["counts"][v]]
    options = [element("option", "every label", selected=True)]
    options += [element("option", f"{key}={value}") for key, value in labels]
    select = element("select", *options, id="label", autocomplete="off")
    shown = element("label", element("span", "label", class_="apart"), select)
    fieldset = element("fieldset", element("legend", "show"), *kinds)
    return element("div", fieldset, shown if labels else None, class_="filters", role="group", aria_label="filters")


def _choice(class_: str, word: str, number: int) -> Markup:
    box = element(
        "input", type="radio", name="kind", id=f"only-{class_}", checked=class_ == "all", autocomplete="off"
    )  # fmt: skip
    return element("label", box, together([f"{word} ", element("small", f"{number:,}")]))


def _rules(labels: dict[Pair, str]) -> str:
    """Write the filters as rules of the style sheet; a browser without ':has' shows everything."""
    rules = [f"body:has(#only-{name}:checked) .of:not(.{name}){{display:none}}" for name in _CLASSES.values()]
    rules += [
        f"body:has(#label option:nth-child({number}):checked) .of:not(.{class_}){{display:none}}"
        for number, class_ in enumerate(labels.values(), start=2)  # the first is 'every label'
    ]
    return "\n".join(rules)


def _deployments(record: FleetRecord, labels: dict[Pair, str]) -> Markup:
    order = list(FleetVerdict)
    worst_first = sorted(record["deployments"], key=lambda deployment: order.index(FleetVerdict(deployment["verdict"])))
    return lines(_deployment(deployment, labels) for deployment in worst_first)


def _deployment(deployment: DeploymentRecord, labels: dict[Pair, str]) -> Markup:
    class_ = _CLASSES[FleetVerdict(deployment["verdict"])]
    classes = [labels[pair] for pair in deployment["labels"].items() if pair in labels]
    pairs = " ".join(f"{key}={value}" for key, value in deployment["labels"].items())
    word = element("span", deployment["verdict"], class_=f"word {class_}")
    shown = element("small", pairs) if pairs else None
    said = element("small", f" {deployment['sentence']}") if deployment["sentence"] else None
    return element("div", word, f" {deployment['name']} ", shown, said, class_=" ".join(["of", class_, *classes]))
