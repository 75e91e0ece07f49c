"""JSON objects in the form, and those that it starts with."""

from typing import Any

from daypass.lab.playground.errors import Field, LabError
from daypass.tokens.strict_json import InvalidJson, parse_object

MAX_JSON_LENGTH = 8192  # characters of JSON
EXAMPLE_HEADER = '{"typ": "JWT"}'
EXAMPLE_CLAIMS = '{\n  "sender": "alice",\n  "message": "Lunch at noon, bob?",\n  "date": "2026-11-23"\n}'


def read_object(text: str, field: Field) -> dict[str, Any]:
    """Parse the JSON object in a form field. Raises LabError, which names the field."""
    if len(text) > MAX_JSON_LENGTH:
        raise LabError(f"It is longer than {MAX_JSON_LENGTH} characters.", field)
    try:
        return parse_object(text)
    except InvalidJson as error:
        raise LabError(str(error), field) from None
