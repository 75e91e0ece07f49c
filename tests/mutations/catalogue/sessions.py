"""Mutations of sessions, from their start to their natural end: ASVS 7.1 to 7.3, 7.6.2, and the attack C3."""

from tests.mutations.mutation import Edit, Mutation

SIGN_IN = "daypass/web/sign_in.py"
LIFECYCLE = "daypass/sessions/lifecycle.py"
RENEWAL = "daypass/web/renewal.py"
CODEC = "daypass/tokens/codec.py"
FORWARD_AUTH = "daypass/web/forward_auth/common.py"
MODELS = "daypass/database/models.py"
SIGN_IN_PAGE = "tests/web/pages/test_sign_in_page.py::"
OF_LIFECYCLE = "tests/sessions/test_lifecycle.py::"
OF_RENEWAL = "tests/web/test_renewal.py::"
VERDICTS = "tests/web/forward_auth/test_verdicts.py::"
GATED = "tests/web/test_gated_routes.py::"
RANDOM_IDS = OF_LIFECYCLE + "test_every_session_has_128_random_bits_of_its_own"
NEW_SESSION = '    if replaces is not None:\n        lifecycle.end(db, replaces, "signed_in_again")\n'
LONGEST = "claims.expires_at - claims.issued_at > timedelta(seconds=purposes[claims.purpose])"
IS_DUE = "return due_at <= now < claims.until and claims.expires_at < claims.until"
SET_UP_FORM = (
    '        return make_response(render_template("daypass/pages/setup.html", form=SetupForm(data={"token": token})))'
)

MUTATIONS = [
    Mutation(
        "a plain token is valid for two days",
        rows=("7.1.1",),
        edits=(
            Edit(
                "daypass/settings/definitions.py",
                '"Lifetime of a pass, in seconds.")] = 86_400',
                '"Lifetime of a pass, in seconds.")] = 2 * 86_400',
            ),
        ),
        tests=(SIGN_IN_PAGE + "test_a_token_is_valid_for_86400_seconds[sqlite]",),
    ),
    Mutation(
        "an account has any number of sessions",
        rows=("7.1.2",),
        edits=(Edit(LIFECYCLE, '        end(db, oldest.id, "too_many")\n', "        pass\n"),),
        tests=(
            OF_LIFECYCLE + "test_one_session_more_than_twenty_ends_the_oldest",
            "tests/security/test_replay.py::test_the_oldest_session_makes_room_and_its_token_is_dead[HS256]",
        ),
    ),
    Mutation(
        "an account has 200 sessions",
        rows=("7.1.2",),
        edits=(Edit(LIFECYCLE, "MAX_LIVE_SESSIONS = 20", "MAX_LIVE_SESSIONS = 200"),),
        tests=(OF_LIFECYCLE + "test_one_session_more_than_twenty_ends_the_oldest",),
    ),
    Mutation(
        "browsers and proxies may cache a check",
        rows=("7.1.3",),
        edits=(
            Edit(
                "daypass/web/security_headers.py",
                "    if response.cache_control.public:",
                "    if response.cache_control.public or is_relayed():",
            ),
        ),
        tests=(VERDICTS + "test_no_response_to_a_check_is_cached_or_sets_a_cookie[nginx]",),
    ),
    Mutation(
        "a visit to an app counts as activity",
        rows=("7.1.3",),
        edits=(
            Edit(
                FORWARD_AUTH,
                "            return _identity(visitor)\n",
                "            if visitor is not None:\n"
                "                record_activity(current_runtime(), visitor.claims)\n"
                "            return _identity(visitor)\n",
            ),
            Edit(
                FORWARD_AUTH,
                "from daypass.web.request_errors",
                "from daypass.web.renewal import record_activity\nfrom daypass.web.request_errors",
            ),
        ),
        tests=(VERDICTS + "test_a_check_changes_nothing[nginx]",),
    ),
    Mutation(
        "a route has lost its decorator",
        rows=("7.2.1",),
        edits=(
            Edit(
                "daypass/web/pages/administration.py",
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
        rows=("7.2.2", "7.2.3"),
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
        "a kept session lasts a month without a visit",
        rows=("7.3.1",),
        edits=(Edit(SIGN_IN, "token, until = settings.idle_lifetime,", "token, until = settings.absolute_lifetime,"),),
        tests=(OF_RENEWAL + "test_a_checkbox_asks_for_a_kept_session[sqlite]",),
    ),
    Mutation(
        "tokens do not expire",
        rows=("7.3.1", "7.3.2"),
        edits=(Edit(CODEC, "if now >= claims.expires_at:", "if now >= claims.expires_at.replace(year=9999):"),),
        tests=(
            OF_RENEWAL + "test_a_week_without_a_visit_ends_a_kept_session[sqlite]",
            OF_RENEWAL + "test_nothing_is_renewed_after_the_end_of_the_month[sqlite]",
            "tests/test_gate.py::test_an_expired_token_is_told_so[sqlite]",
        ),
    ),
    Mutation(
        "a plain session is renewed",
        rows=("7.3.2",),
        edits=(
            Edit(RENEWAL, "timedelta(seconds=settings.token_lifetime)", "timedelta(hours=1)"),
            Edit(RENEWAL, IS_DUE, "return due_at <= now"),
        ),
        tests=(OF_RENEWAL + "test_a_plain_session_is_never_renewed[sqlite]",),
    ),
    Mutation(
        "renewals do not end",
        rows=("7.3.2",),
        edits=(
            Edit(LIFECYCLE, "min(whole + timedelta(seconds=idle), claims.until)", "whole + timedelta(seconds=idle)"),
        ),
        tests=(OF_RENEWAL + "test_the_last_token_ends_with_the_month[sqlite]",),
    ),
    Mutation(
        "a token of any lifetime is accepted",
        rows=("7.3.2",),
        edits=(Edit(CODEC, LONGEST, "claims.expires_at < claims.issued_at"),),
        tests=("tests/tokens/test_codec.py::test_a_token_with_a_lifetime_above_the_maximum_is_refused",),
    ),
    Mutation(
        "visitors get a cookie before they sign in",
        rows=("7.6.2",),
        edits=(
            Edit(
                "daypass/web/security_headers.py",
                "    for name, value in headers.items():",
                '    response.set_cookie("visited", "yes")\n    for name, value in headers.items():',
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
                "        response.set_cookie(current_runtime().settings.cookie_name, token)\n        return response",
            ),
        ),
        tests=(
            "tests/web/pages/test_sign_up_page.py::"
            "test_the_link_makes_the_first_account_an_admin_and_signs_it_in[sqlite]",
        ),
    ),
]
