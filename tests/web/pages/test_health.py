"""The health checks for supervisors."""

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.each_database


def test_a_process_that_is_up_says_so_and_nothing_else(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "up"}


def test_a_process_that_can_let_people_in_is_ready(client: FlaskClient) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json == {"status": "ready", "database": True, "revocation": True, "keys": True}
