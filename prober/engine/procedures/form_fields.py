"""The hidden fields of the form on a sign-in page, which frameworks put a token against forged requests into. Pure."""

from __future__ import annotations

from html.parser import HTMLParser

_MOST_FIELDS = 40  # of one form: the page is the deployment's to choose


class _Forms(HTMLParser):
    """Collects, of each form, its hidden fields, and whether it asks for a password."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[tuple[dict[str, str], bool]] = []
        self._is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a form, or note a field of the one that is open."""
        if tag == "form":
            self.forms.append(({}, False))
            self._is_open = True
        elif tag == "input" and self._is_open:
            self._note(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        """End the form."""
        self._is_open = self._is_open and tag != "form"

    def _note(self, field: dict[str, str | None]) -> None:
        fields, _ = self.forms[-1]
        kind, name, value = (field.get("type") or "text").lower(), field.get("name"), field.get("value")
        if kind == "password":
            self.forms[-1] = (fields, True)
        elif kind == "hidden" and name and value and len(fields) < _MOST_FIELDS:
            fields[name] = value


def hidden_fields(page: str) -> dict[str, str]:
    """Give the hidden fields of the form that asks for a password, else of the first form with any; empty for none."""
    parser = _Forms()
    parser.feed(page)
    found = [fields for fields, asks in parser.forms if asks] or [fields for fields, _ in parser.forms if fields]
    return found[0] if found else {}
