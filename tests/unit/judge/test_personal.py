"""Whose data it is: accounts, cards, addresses and details."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prober.judge.personal import accounts_in, are_details, is_of_a_person, people_in

if TYPE_CHECKING:
    from prober.model import JsonValue

ACCOUNT = "GB33BUKB20201555555555"


@pytest.mark.parametrize(
    "text", [ACCOUNT, "pay to GB33 BUKB 2020 1555 5555 55, please", "<dd>NL91ABNA0417164300</dd>", "card 5555 5555 5555 4444", "4012-8888-8888-1881"]
)  # fmt: skip
def test_the_number_of_an_account_or_a_card_is_seen(text: str) -> None:
    assert len(accounts_in(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("GB34BUKB20201555555555", id="check-digits-that-are-wrong"),
        pytest.param("XX33BUKB20201555555555", id="no-country"),
        pytest.param("GB33BUKB2020155555555", id="too-short"),
        pytest.param(f"trace={ACCOUNT}AF", id="a-part-of-a-longer-word"),
        pytest.param("5555 5555 5555 4445", id="a-card-that-is-none"),
        pytest.param("5555555555554444", id="digits-alone-may-be-any-id"),
        pytest.param("2026 1128 0917 0000", id="a-time"),
    ],
)
def test_what_resembles_an_account_is_none(text: str) -> None:
    assert accounts_in(text) == frozenset()


@pytest.mark.parametrize("address", ["ida.berg@quay.test", "iberg@quay.test", "Ida_Berg7@mail.quay.test"])
def test_an_address_of_a_person_is_one(address: str) -> None:
    assert is_of_a_person(address)
    assert people_in(f"owned by {address}, ask first") == {address.lower()}


@pytest.mark.parametrize(
    "address", ["help@quay.test", "it-support@quay.test", "no-reply@quay.test", "you@quay.test", "ida@example.com", "ida@quay.example", "jane.doe@quay.test", "admin@lockdown-probe.invalid"]
)  # fmt: skip
def test_an_office_and_a_placeholder_are_nobody(address: str) -> None:
    assert not is_of_a_person(address)


@pytest.mark.parametrize(
    "value",
    [
        {"firstName": "Ida", "email": "ida.berg@quay.test"},
        {"last_name": "Berg", "phone": "+47 22 334 455"},
        {"holder": "Ida Berg", "iban": ACCOUNT},
        {"salary": 71000, "birthDate": "1984-02-11"},
        {"@type": "Person", "name": "Ida Berg", "email": "ida.berg@quay.test"},
    ],
)
def test_an_object_of_somebodys_details_is_known(value: dict[str, JsonValue]) -> None:
    assert are_details(value)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"firstName": "First name", "email": "E-mail", "phone": "Phone"}, id="labels"),
        pytest.param({"firstName": {"type": "string"}, "email": {"type": "string"}}, id="a-schema"),
        pytest.param({"firstName": "Jane", "email": "jane@example.com"}, id="placeholders"),
        pytest.param({"lastName": "lastName", "email": "ida.berg@quay.test"}, id="a-name-of-itself"),
        pytest.param({"name": "Help desk", "email": "help@quay.test", "phone": "+47 22 334 455"}, id="an-office"),
        pytest.param({"@type": "Organization", "name": "Quay", "telephone": "+47 22 334 455"}, id="an-organisation"),
        pytest.param({"balance": 3}, id="one-matter-alone"),
    ],
)
def test_what_names_such_fields_and_holds_none_is_no_details(value: dict[str, JsonValue]) -> None:
    assert not are_details(value)
