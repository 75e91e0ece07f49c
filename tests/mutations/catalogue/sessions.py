"""Mutations of the start of sessions and of their ids: ASVS 7.2 and 7.6.2, and the attack C3."""

from tests.mutations.mutation import Edit, Mutation

SIGN_IN = "daypass/web/sign_in.py"
MODELS = "daypass/database/models.py"
SIGN_IN_PAGE = "tests/web/pages/test_sign_in_page.py::"
OF_LIFECYCLE = "tests/sessions/test_lifecycle.py::"
GATED = "tests/web/test_gated_routes.py::"
RANDOM_IDS = OF_LIFECYCLE + "test_every_session_has_128_random_bits_of_its_own"
NEW_SESSION = '    if replaces is not None:\n        lifecycle.end(db, replaces, "signed_in_again")\n'
SET_UP_FORM = (
    '        return make_response(render_page("daypass/pages/setup.html", form=SetupForm(data={"code": code})))'
)

MUTATIONS = [
    Mutation(
        "a route has lost its decorator",
        rows=("7.2.1",),
        edits=(
            Edit(
                "daypass/web/pages/accounts.py",
                "@token_required(role=accounts.ADMIN)\ndef list_accounts",
                "def list_accounts",
            ),
        ),
        tests=(
            GATED + "test_no_gated_route_opens_without_a_token",
            GATED + "test_no_gated_route_opens_with_a_tampered_token",
        ),
    ),
    Mutation(
        "ids of sessions have 64 bits",
        rows=("7.2.2", "7.2.3", "11.5.1"),
        edits=(Edit(MODELS, "secrets.token_hex(16)", "secrets.token_hex(8)"),),
        tests=(RANDOM_IDS, "tests/test_gate.py::test_every_session_has_an_identifier_of_its_own[sqlite]"),
    ),
    Mutation(
        "ids of sessions are UUIDs",
        rows=("7.2.3",),
        edits=(
            Edit(MODELS, "secrets.token_hex(16)", "uuid.uuid4().hex"),
            Edit(MODELS, "import secrets\n", "import uuid\n"),
        ),
        tests=(RANDOM_IDS,),
    ),
    Mutation(
        "ids of sessions can be foreseen",
        rows=("7.2.3",),
        edits=(
            Edit(MODELS, "secrets.token_hex(16)", "random.randbytes(16).hex()"),
            Edit(MODELS, "import secrets\n", "import random\n"),
        ),
        tests=(OF_LIFECYCLE + "test_no_session_id_can_be_foreseen_from_a_seed",),
    ),
    Mutation(
        "a new sign-in leaves the session that the browser held",
        rows=("7.2.4", "C3"),
        edits=(Edit(SIGN_IN, NEW_SESSION, ""),),
        tests=(
            SIGN_IN_PAGE + "test_signing_in_again_ends_the_session_that_the_browser_held[sqlite]",
            "tests/web/pages/test_sign_up_page.py::"
            "TestSignup::test_signing_up_ends_the_session_that_the_browser_held[sqlite]",
            "tests/web/test_reauthentication.py::"
            "test_an_action_that_fails_after_the_password_keeps_the_browser_signed_in_with_a_new_session[sqlite]",
        ),
    ),
    Mutation(
        "a confirmed password starts no session",
        rows=("7.2.4",),
        edits=(
            Edit(
                "daypass/web/reauthentication.py",
                "start_session(db, account, runtime.settings, persistent=persistent, replaces=claims.session_id)",
                "claims",
            ),
        ),
        tests=(
            "tests/web/test_reauthentication.py::"
            "test_the_password_completes_the_same_form_and_starts_a_new_session[sqlite]",
        ),
    ),
    Mutation(
        "visitors get a cookie before they sign in",
        rows=("7.6.2",),
        edits=(
            Edit(
                "daypass/web/response_headers.py",
                '                headers.append(("X-Request-Id"',
                '                headers.append(("Set-Cookie", "visited=yes"))\n'
                '                headers.append(("X-Request-Id"',
            ),
        ),
        tests=(
            "tests/integration/browser/test_cookie_in_browser.py::test_visitors_who_have_not_signed_in_get_no_cookie",
        ),
    ),
    Mutation(
        "a visit of the set-up link starts a session",
        rows=("7.6.2",),
        edits=(
            Edit(
                "daypass/web/pages/sign_up.py",
                SET_UP_FORM,
                SET_UP_FORM.replace("return", "response =") + "\n"
                "        response.set_cookie(current_runtime().settings.cookie_name, code)\n        return response",
            ),
        ),
        tests=(
            "tests/web/pages/test_sign_up_page.py::"
            "test_the_link_makes_the_first_account_an_admin_and_signs_it_in[sqlite]",
        ),
    ),
]
