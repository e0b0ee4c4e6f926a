"""What a body lists, wherever it stands: in a page's state, in a text of JSON, in lines of a table, in figures. Pure.

Each of these may be anybody's to read: the links of a menu, the ways to sign in. So `refusal_content` counts only what
no refusal of another route lists.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from prober.judge.content import Content, content_of
from prober.judge.embedded import documents_in_page
from prober.judge.personal import accounts_in, people_in
from prober.judge.records import ERROR_KEYS, entries_without_words, folded, records_in
from prober.judge.single_records import holds_a_person, things_in
from prober.judge.text_pairs import unquoted_pairs_in

if TYPE_CHECKING:
    from prober.model import Answered, JsonValue

FEWEST_ENTRIES = 6  # of lists without records: a refusal may list three scopes, and four sentences
FEWEST_FIGURES_OF_A_REDIRECT = 5  # beside more letters than the stubs of frameworks have
_MOST_READ = 64 * 1024  # letters in which lines, figures and names that come again are counted
_MOST_COMPARED = 200  # records that tell one list from another
_FEWEST_LINES = 5  # of a text that may be a table; where the media type says so, two and the names
_FEWEST_BELOW = 2  # lines below the names of their columns
_MOST_NAMES = 20  # first lines, of which one may be the names
_FEWEST_REPEATED = 3  # elements side by side: two may be of an error
_TABLES = ("csv", "tab-separated")
_NAMES = re.compile(r"[^\W\d]\w{0,40}(?: {0,3}([,;\t|]) {0,3}[^\W\d]\w{0,40}){2,60}")  # of columns, in the first line
_RULE = re.compile(r"\|?(?: {0,3}:?-{2,200}:? {0,3}\|){1,60}(?: {0,3}:?-{2,200}:? {0,3})?")  # below names in Markdown
_CARD = re.compile(r"^BEGIN:(?:VCARD|VEVENT|VTODO|VJOURNAL)\r?$", re.MULTILINE)  # people, appointments (RFC 6350, 5545)
# What has digits and is no figure: addresses, ids, times, versions.
_NO_FIGURE = re.compile(
    r"https?://\S{1,2000}|[A-Za-z0-9_-]{16,}|\d{4}-\d\d-\d\d\S{0,30}|\d{1,2}:\d\d(?::\d\d)?|\d{1,9}(?:\.\d{1,9}){2,9}|/\S{1,200}"
)
_FIGURE = re.compile(r"(?<![\w.#])\d[\d.,]{0,30}(?![\w-])")


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What a body lists. Its parts are read when they are first asked for, and once."""

    content: Content

    @cached_property
    def records(self) -> tuple[JsonValue, ...]:
        """The records of the documents inside: of a page's scripts and attributes, of texts, of what is no JSON."""
        content = self.content
        inner = (*content.inner_documents, *self._in_page)
        found = [record for document in inner for record in records_in(document)]
        if not content.documents and not content.is_page and not content.is_binary:
            found += self._repeated()
        return tuple(found)

    @cached_property
    def entries(self) -> tuple[JsonValue, ...]:
        """The entries of its lists that are no records, and no words of an error."""
        documents = (*self.content.documents, *self.content.inner_documents)
        return tuple(entry for document in documents for entry in entries_without_words(document))

    @cached_property
    def lines(self) -> int:
        """How many lines of a table it has, in a text whose lines have equally many separators."""
        content = self.content
        if content.documents or content.is_page or content.is_binary:
            return 0
        lines = [line for line in content.text[:_MOST_READ].splitlines() if line.strip()]
        cells = _cells_below_names(lines)
        if cells:
            return cells
        fewest = 2 if any(kind in content.media_type for kind in _TABLES) else _FEWEST_LINES
        if len(lines) < fewest:
            return 0
        counts = ({line.count(separator) for line in lines} for separator in (",", ";", "\t", "|"))
        return len(lines) if any(len(seen) == 1 and seen != {0} for seen in counts) else 0

    @cached_property
    def has_cards(self) -> bool:
        """Whether it holds people or appointments, in the formats of address books and calendars."""
        return "BEGIN:V" in self.content.text and _CARD.search(self.content.text) is not None

    @cached_property
    def has_a_person(self) -> bool:
        """Whether it holds somebody's account."""
        content = self.content
        return holds_a_person((*content.documents, *content.inner_documents, *self._in_page))

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The numbers of bank accounts and cards in it."""
        return frozenset() if self.content.is_binary else accounts_in(self.content.text[:_MOST_READ])

    @cached_property
    def people(self) -> frozenset[str]:
        """The e-mail addresses in it that are people's own."""
        return frozenset() if self.content.is_binary else people_in(self.content.text[:_MOST_READ])

    @cached_property
    def _in_page(self) -> tuple[JsonValue, ...]:
        return tuple(documents_in_page(self.content.text)) if self.content.is_page else ()

    @cached_property
    def things(self) -> frozenset[str]:
        """The digests of the objects in it that are data, though each stands alone."""
        return frozenset(things_in((*self.content.documents, *self.content.inner_documents)))

    @cached_property
    def figures(self) -> int:
        """How many numbers a reader sees, besides those of addresses, ids, times and versions."""
        content = self.content
        text = content.visible_text[:_MOST_READ]
        if content.documents or content.is_binary or not _FIGURE.search(text):
            return 0
        return len(_FIGURE.findall(_NO_FIGURE.sub(" ", text)))

    @cached_property
    def digest(self) -> str | None:
        """By which one list is told from another, None where nothing is listed."""
        listed = [*self.records, *self.entries][:_MOST_COMPARED]
        if not listed:
            return None
        return hashlib.sha256(json.dumps(listed, sort_keys=True).encode()).hexdigest()

    def _repeated(self) -> list[JsonValue]:
        """Give the values of XML, JSON5 and the like whose names come again and again, two of them side by side."""
        text = self.content.text[:_MOST_READ]
        pairs = self.content.pairs if text.lstrip().startswith("<") else tuple(unquoted_pairs_in(text))
        most = Counter(folded(name) for name, _ in pairs).most_common(2)
        if len(most) < 2 or all(name in ERROR_KEYS for name, _ in most):  # noqa: PLR2004 - two make a record
            return []
        wanted = most[0][0] if most[0][0] not in ERROR_KEYS else most[1][0]
        times = most[1][1]
        return [value for name, value in pairs if folded(name) == wanted][:times] if times >= _FEWEST_REPEATED else []


def _cells_below_names(lines: list[str]) -> int:
    """Count the lines of a table that begins with the names of its columns, whatever stands around it."""
    for number, line in enumerate(lines[:_MOST_NAMES]):
        names, rows = _NAMES.fullmatch(line.strip()), lines[number + 1 :]
        ruled = "|" in line and bool(rows) and _RULE.fullmatch(rows[0].strip()) is not None
        if names is None and not ruled:
            continue
        separator = "|" if ruled or names is None else names[1]
        columns, rows = line.count(separator), rows[1:] if ruled else rows
        counts = takewhile(columns.__eq__, (row.count(separator) for row in rows))
        below = rows[: sum(1 for _ in counts)]
        if len(below) >= _FEWEST_BELOW and any(character.isdigit() for row in below for character in row):
            return 1 + len(below)
    return 0


@lru_cache(maxsize=1)  # as content_of
def listing_of(answered: Answered) -> Listing:
    """Read what an answer lists."""
    return Listing(content=content_of(answered))
