"""The keys page, and the JWK Set."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from daypass.database.models import AuthSession
from daypass.database.transactions import write_transaction
from daypass.keys import rotation, signing_key
from daypass.keys.algorithms import Algorithm
from daypass.sessions import dropped_keys
from daypass.web.context import current_db
from tests.conftest import PAGE, SECRET_KEY, Person

Events = Callable[[], list[dict[str, str]]]
JWKS = "/.well-known/jwks.json"
PUBLIC = {"RS256": {"n", "e"}, "PS256": {"n", "e"}, "ES256": {"crv", "x", "y"}, "EdDSA": {"crv", "x"}}
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def rotate(app: Flask, algorithm: Algorithm) -> str:
    key = signing_key.generate(algorithm)
    with app.app_context(), write_transaction(current_db()):
        rotation.rotate(current_db(), key, SECRET_KEY)
    return key.kid


def ring(app: Flask) -> list[tuple[str, str, bool]]:
    with app.app_context():
        return [(row.kid, row.algorithm, row.signs) for row in rotation.list_keys(current_db())]


@pytest.fixture
def admin(sign_in: Callable[..., Person]) -> Person:
    return sign_in("alice", ["admin"])


def stored(app: Flask, person: Person) -> AuthSession:
    with app.app_context():
        return current_db().get_one(AuthSession, person.claims.session_id)


def followed(person: Person, response: TestResponse) -> str:
    assert response.status_code == 303
    return person.client.get(response.headers["Location"], headers=PAGE).text


def post(person: Person, path: str, **form: str) -> TestResponse:
    return person.client.post(path, data=form, headers=PAGE)


class TestKeysPage:
    def test_it_lists_the_keys(self, app: Flask, admin: Person) -> None:
        rotate(app, Algorithm.ES256)
        page = admin.client.get("/admin/keys", headers=PAGE).text
        assert all(kid in page and algorithm in page for kid, algorithm, _ in ring(app))
        assert [page.count("Signs and verifies"), page.count("Verifies only")] == [1, 1]

    def test_a_new_key_signs_from_now_on_and_nobody_is_signed_out(
        self, app: Flask, admin: Person, sign_in: Callable[..., Person], events: Events
    ) -> None:
        bob = sign_in("bob")
        response = post(admin, "/admin/keys/rotate", algorithm="PS256")
        (kid, algorithm, signs), (_, _, before) = ring(app)
        assert f"Key {kid} signs all new passes" in followed(admin, response)
        assert (algorithm, signs, before) == ("PS256", True, False)
        assert [person.client.get("/members").status_code for person in (admin, bob)] == [200, 200]
        logged = {name: events()[-1][name] for name in ("event", "account", "key")}
        assert logged == {"event": "keys_rotated", "account": admin.claims.subject, "key": kid}

    @pytest.mark.parametrize("algorithm", ["", "none", "hs256", "RS512", "HS256\0"])
    def test_an_algorithm_that_is_none_of_ours_is_refused(self, app: Flask, admin: Person, algorithm: str) -> None:
        before = ring(app)
        assert post(admin, "/admin/keys/rotate", algorithm=algorithm).status_code == 400
        assert ring(app) == before

    def test_dropping_the_key_that_signs_signs_everybody_out_but_the_admin_who_does_it(
        self, app: Flask, admin: Person, sign_in: Callable[..., Person], events: Events
    ) -> None:
        bob, elsewhere = sign_in("bob"), sign_in("alice")
        ((kid, _, _),) = ring(app)
        response = post(admin, f"/admin/keys/{kid}/drop")
        assert response.status_code == 303
        assert [person.client.get("/members").status_code for person in (admin, bob)] == [200, 401]
        held = {"Authorization": f"Bearer {admin.token}"}
        assert app.test_client().get("/members", headers=held).status_code == 401
        ((successor, _, signs),) = ring(app)
        assert (successor != kid, signs) == (True, True)
        logged = [(line["key"], line["count"]) for line in events() if line["event"] == "key_dropped"]
        assert logged == [(kid, "2")]
        page = admin.client.get("/account/sessions", headers=PAGE).text
        assert [page.count("This browser"), page.count("because its signing key was dropped")] == [1, 1]
        assert [stored(app, person).end_reason for person in (admin, bob, elsewhere)] == [
            None,
            "key_dropped",
            "key_dropped",
        ]
        assert stored(app, admin).kid == successor

    def test_a_session_that_the_admin_kept_so_ends_with_its_next_key(self, app: Flask, admin: Person) -> None:
        ((first, _, _),) = ring(app)
        post(admin, f"/admin/keys/{first}/drop")
        ((second, _, _),) = ring(app)
        with app.app_context(), write_transaction(current_db()):
            assert dropped_keys.drop(current_db(), second) == 1
        assert admin.client.get("/members").status_code == 401
        assert stored(app, admin).end_reason == "key_dropped"

    def test_dropping_a_retired_key_ends_the_sessions_of_that_key_alone(
        self, app: Flask, admin: Person, sign_in: Callable[..., Person]
    ) -> None:
        ((retired, _, _),) = ring(app)
        signing = rotate(app, Algorithm.HS256)
        bob = sign_in("bob")
        assert post(admin, f"/admin/keys/{retired}/drop").status_code == 303
        assert [person.client.get("/members").status_code for person in (admin, bob)] == [200, 200]
        assert [(stored(app, person).end_reason, stored(app, person).kid) for person in (admin, bob)] == [
            (None, signing)
        ] * 2

    def test_a_program_that_drops_its_own_key_gets_no_cookie(self, app: Flask, admin: Person) -> None:
        ((kid, _, _),) = ring(app)
        held = {"Authorization": f"Bearer {admin.token}"}
        response = app.test_client().post(f"/admin/keys/{kid}/drop", headers=held)
        assert (response.status_code, "Set-Cookie" in response.headers) == (303, False)
        assert stored(app, admin).end_reason == "key_dropped"

    def test_the_page_before_the_act_counts_the_sessions_that_will_end(
        self, app: Flask, admin: Person, sign_in: Callable[..., Person]
    ) -> None:
        sign_in("bob"), sign_in("alice")
        ((kid, _, _),) = ring(app)
        page = admin.client.get(f"/admin/keys/{kid}/drop", headers=PAGE).text
        assert f"Drop key {kid}?" in page and "2 sessions end." in page and "a new key replaces it" in page
        assert f"Key {kid} was dropped: 2 sessions end." in followed(admin, post(admin, f"/admin/keys/{kid}/drop"))

    def test_the_page_before_the_act_changes_nothing(self, app: Flask, admin: Person) -> None:
        before = ring(app)
        assert admin.client.get(f"/admin/keys/{before[0][0]}/drop", headers=PAGE).status_code == 200
        assert admin.client.get("/admin/keys/0000/drop", headers=PAGE).status_code == 404
        assert ring(app) == before

    def test_a_key_that_is_not_there_is_not_found(self, app: Flask, admin: Person) -> None:
        before = ring(app)
        assert post(admin, "/admin/keys/0000/drop").status_code == 404
        assert ring(app) == before

    @pytest.mark.parametrize("act", ["rotate", "drop"])
    def test_a_password_typed_too_long_ago_is_asked_for_again(
        self, app: Flask, sign_in: Callable[..., Person], act: str
    ) -> None:
        admin = sign_in("alice", ["admin"], age=timedelta(minutes=11))
        before = ring(app)
        path = "/admin/keys/rotate" if act == "rotate" else f"/admin/keys/{before[0][0]}/drop"
        assert post(admin, path, algorithm="ES256").status_code == 401
        assert ring(app) == before

    def test_only_an_admin_can_change_the_key_ring(self, app: Flask, sign_in: Callable[..., Person]) -> None:
        bob = sign_in("bob")
        before = ring(app)
        for path in ("/admin/keys/rotate", f"/admin/keys/{before[0][0]}/drop"):
            assert post(bob, path, algorithm="ES256").status_code == 403
        assert ring(app) == before


class TestJwkSet:
    def test_a_secret_is_never_in_it(self, app: Flask, admin: Person) -> None:
        for algorithm in (Algorithm.HS384, Algorithm.HS512):
            rotate(app, algorithm)
        assert app.test_client().get(JWKS).get_json() == {"keys": []}

    def test_it_holds_the_public_half_of_every_key_that_verifies_and_nothing_more(
        self, app: Flask, admin: Person
    ) -> None:
        for algorithm in PUBLIC:
            rotate(app, Algorithm(algorithm))
        found = app.test_client().get(JWKS).get_json()["keys"]
        assert [(key["kid"], key["alg"]) for key in found] == [(kid, alg) for kid, alg, _ in ring(app) if alg in PUBLIC]
        assert all(set(key) == {"kty", "kid", "alg", "use"} | PUBLIC[key["alg"]] for key in found)
        assert {key["use"] for key in found} == {"sig"}
        assert not PRIVATE & {member for key in found for member in key}

    def test_a_dropped_key_is_no_longer_in_it(self, app: Flask, admin: Person) -> None:
        first, second = rotate(app, Algorithm.ES256), rotate(app, Algorithm.EDDSA)
        with app.app_context(), write_transaction(current_db()):
            rotation.drop(current_db(), first)
        assert [key["kid"] for key in app.test_client().get(JWKS).get_json()["keys"]] == [second]

    def test_it_is_cached_for_a_minute_and_sets_no_cookie(self, app: Flask, admin: Person) -> None:
        rotate(app, Algorithm.ES256)
        for client in (app.test_client(), admin.client):
            response = client.get(JWKS)
            assert (response.status_code, response.mimetype) == (200, "application/jwk-set+json")
            assert response.headers["Cache-Control"] == "public, max-age=60"
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert "Access-Control-Allow-Credentials" not in response.headers
            assert "Set-Cookie" not in response.headers

    def test_it_is_not_sent_again_while_it_is_the_same(self, app: Flask, admin: Person) -> None:
        rotate(app, Algorithm.ES256)
        client = app.test_client()
        known = {"If-None-Match": client.get(JWKS).headers["ETag"]}
        assert client.get(JWKS, headers=known).status_code == 304
        rotate(app, Algorithm.ES256)
        assert client.get(JWKS, headers=known).status_code == 200

    @pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
    def test_it_can_only_be_read(self, app: Flask, method: str) -> None:
        response = app.test_client().open(JWKS, method=method)
        assert (response.status_code, response.headers.get("Cache-Control")) == (405, "no-store")
