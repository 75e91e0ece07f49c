"""The form on the page of sessions that creates API tokens."""

import re

from werkzeug.test import TestResponse

from tests.conftest import PAGE, Person


def create_api_token(person: Person, **fields: str | list[str]) -> TestResponse:
    """Submit the form; fields that are not named have valid values."""
    return person.client.post("/account/tokens", headers=PAGE, data={"name": "nightly", "days": "30"} | fields)


def token_in(response: TestResponse) -> str:
    """The new token, which the page shows once."""
    (shown,) = re.findall(r'<p class="token"[^>]*>(.*?)</p>', response.text, re.DOTALL)
    return re.sub(r"<[^>]+>|\s", "", shown)
