"""Mutations of how long sessions last, and how many there are: ASVS 7.1 and 7.3."""

from tests.mutations.mutation import Edit, Mutation

SIGN_IN = "daypass/web/sign_in.py"
LIFECYCLE = "daypass/sessions/lifecycle.py"
RENEWAL = "daypass/web/renewal.py"
CODEC = "daypass/tokens/codec.py"
FORWARD_AUTH = "daypass/web/forward_auth/common.py"
SIGN_IN_PAGE = "tests/web/pages/test_sign_in_page.py::"
OF_LIFECYCLE = "tests/sessions/test_lifecycle.py::"
OF_RENEWAL = "tests/web/test_renewal.py::"
VERDICTS = "tests/web/forward_auth/test_verdicts.py::"
LONGEST = "claims.expires_at - claims.issued_at > timedelta(seconds=purposes[claims.purpose])"
IS_DUE = "return due_at <= now < claims.until"
UNTIL_END = "    if claims.expires_at >= claims.until:\n        return False\n"

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
        edits=(Edit(LIFECYCLE, '.offset(bindparam("kept"))', ".limit(0)"),),
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
                "list(page.items()), list(data.items())",
                "list((page | {'Cache-Control': 'private'}).items()), list((data | {'Cache-Control': '*'}).items())",
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
                "            return identity_headers(visitor.claims.subject,",
                "            runtime.activity.note(visitor.claims, datetime.now(UTC))\n"
                "            return identity_headers(visitor.claims.subject,",
            ),
            Edit(
                FORWARD_AUTH,
                "from functools import lru_cache",
                "from datetime import UTC, datetime\nfrom functools import lru_cache",
            ),
        ),
        tests=(VERDICTS + "test_a_check_changes_nothing[nginx]",),
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
            Edit(RENEWAL, UNTIL_END, ""),
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
]
