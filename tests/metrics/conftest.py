"""Apps that serve metrics."""

import pytest

TOKEN = "b7c0e64d1f9a823e5d6c4b7f0a98e213"


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {"DAYPASS_METRICS_TOKEN": TOKEN}
