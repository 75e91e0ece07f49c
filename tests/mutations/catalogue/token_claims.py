"""Mutations of the verification of claims: ASVS 9.2, and the attacks on tokens 40 to 52 and 71."""

from tests.mutations.forgeries import refused, tokens
from tests.mutations.mutation import Edit, Mutation

CODEC = "daypass/tokens/codec.py"
CLAIMS = "daypass/tokens/claims.py"
CONFIRMATION = "daypass/sessions/confirmation.py"
CODEC_TESTS = "tests/tokens/test_codec.py::"
DECODE_ERRORS = "tests/security/test_decode_errors.py::"
HOSTS = "tests/security/test_api_token_hosts.py::"
REQUIRE = 'options={"require": list(REQUIRED_CLAIMS), '
NAMES_CHECK = "    if not REQUIRED_CLAIMS <= payload.keys() <= CLAIM_FIELDS.keys():"
FROM_PAYLOAD = "return Claims(**{CLAIM_FIELDS[name]: _from_json(name, value) for name, value in payload.items()})"
ANY_PURPOSE = (
    Edit(CODEC, "    if claims.purpose not in purposes:", "    if False:"),
    Edit(CODEC, "seconds=purposes[claims.purpose])", "seconds=purposes.get(claims.purpose, 86_400))"),
)
ANY_KIND = Edit(CONFIRMATION, " or PURPOSES[session.kind] != claims.purpose", "")
ANY_HOSTS = Edit(CONFIRMATION, "    if session_hosts(session.hosts) != claims.hosts:", "    if False:")
ANY_SESSION = Edit(CONFIRMATION, '        raise InvalidToken("no such session")', "        return")

MUTATIONS = [
    Mutation(
        "any purpose is accepted",
        rows=("9.2.2", "9.2.3", "9.2.4", *tokens(40, 41, 48)),
        edits=(*ANY_PURPOSE, ANY_KIND),
        tests=(
            *refused(40, 48),
            DECODE_ERRORS + "test_a_token_for_one_purpose_is_refused_for_another",
            CODEC_TESTS + "test_a_token_for_another_site_or_purpose_is_refused",
        ),
    ),
    Mutation(
        "a purpose may be in a list",
        rows=("9.2.3",),
        edits=(
            Edit(
                CLAIMS,
                NAMES_CHECK,
                '    if isinstance(payload["aud"], list):\n'
                f'        payload = payload | {{"aud": payload["aud"][0]}}\n{NAMES_CHECK}',
            ),
        ),
        tests=(*refused(48), CODEC_TESTS + "test_a_signed_token_with_an_unexpected_claim_is_refused"),
    ),
    Mutation(
        "a reset link is a session",
        rows=("9.2.2", "proxy 14"),
        edits=(*ANY_PURPOSE, ANY_SESSION),
        tests=(
            "tests/web/pages/test_sign_up_page.py::test_a_reset_link_is_not_a_session",
            "tests/web/forward_auth/test_forged_requests.py::test_a_reset_link_is_not_a_pass",
        ),
    ),
    Mutation(
        "an API token in a cookie is accepted",
        rows=("9.2.2",),
        edits=(
            Edit(
                "daypass/gate.py",
                "if token.claims.purpose == purposes.API and from_cookie:",
                "if token.claims.purpose == purposes.RESET and from_cookie:",
            ),
        ),
        tests=("tests/web/pages/test_sessions_page.py::test_a_token_for_programs_works_as_bearer_and_not_as_cookie",),
    ),
    Mutation(
        "the issuer is not checked",
        rows=("9.2.4", *tokens(40, 49)),
        edits=(Edit(CODEC, "        issuer=issuer,\n        options", "        options"),),
        tests=(*refused(40, 49), CODEC_TESTS + "test_a_token_for_another_site_or_purpose_is_refused"),
    ),
    Mutation(
        "a missing exp is replaced",
        rows=("9.2.4", *tokens(42)),
        edits=(
            Edit(CODEC, REQUIRE, "options={"),
            Edit(CLAIMS, NAMES_CHECK, f'    payload = {{"exp": payload["iat"] + 86_400}} | payload\n{NAMES_CHECK}'),
        ),
        tests=(*refused(42), CODEC_TESTS + "test_no_claim_may_be_missing[exp]"),
    ),
    Mutation(
        "a time may be any number",
        rows=tokens(43, 44, 47),
        edits=(Edit(CLAIMS, "type(value) is not int or", "not isinstance(value, int | float) or"),),
        tests=refused(43, 44, 47),
    ),
    Mutation(
        "a token may be valid for longer",
        rows=tokens(44),
        edits=(
            Edit(CODEC, "timedelta(seconds=purposes[claims.purpose]):", "timedelta(days=9999):"),
            Edit(CONFIRMATION, "claims.expires_at > session.expires_at or ", ""),
        ),
        tests=refused(44),
    ),
    Mutation(
        "an expired token is accepted for another minute",
        rows=("9.2.1", *tokens(43, 67)),
        edits=(Edit(CODEC, "    if now >= claims.expires_at:", "    if now >= claims.expires_at + CLOCK_SKEW:"),),
        tests=(
            *refused(43),
            CODEC_TESTS + "test_a_token_expires_to_the_second",
            DECODE_ERRORS + "test_a_token_expires_to_the_second_and_clocks_may_differ_by_a_minute",
            "tests/security/test_replay.py::test_the_gate_allows_iat_a_minute_of_clock_difference_and_exp_none",
        ),
    ),
    Mutation(
        "a cached token never expires",
        rows=("9.2.1",),
        edits=(Edit("daypass/gate.py", "        codec.check_time(token.claims, now)\n", ""),),
        tests=("tests/test_gate.py::test_a_cached_token_still_expires[sqlite]",),
    ),
    Mutation(
        "a token may be from the future",
        rows=("9.2.1", *tokens(47, 67)),
        edits=(Edit(CODEC, "    if claims.issued_at > now + CLOCK_SKEW:", "    if False:"),),
        tests=(
            *refused(47),
            CODEC_TESTS + "test_a_token_expires_to_the_second",
            DECODE_ERRORS + "test_a_token_expires_to_the_second_and_clocks_may_differ_by_a_minute",
        ),
    ),
    Mutation(
        "unknown claims are ignored",
        rows=("9.2.3", *tokens(46, 52)),
        edits=(
            Edit(CLAIMS, NAMES_CHECK, "    if not REQUIRED_CLAIMS <= payload.keys():"),
            Edit(CLAIMS, FROM_PAYLOAD, FROM_PAYLOAD.replace("})", " if name in CLAIM_FIELDS})")),
        ),
        tests=(
            *refused(40, 46, 52),
            CODEC_TESTS + "test_a_signed_token_with_an_unexpected_claim_is_refused",
        ),
    ),
    Mutation(
        "identifiers may be any text",
        rows=tokens(50, 51),
        edits=(Edit(CLAIMS, "    if not all(map(IDENTIFIER.fullmatch, identifiers)):", "    if False:"),),
        tests=(DECODE_ERRORS + "test_malformed_text_claims_are_refused_before_any_database_query",),
    ),
    Mutation(
        "the account of a session is not compared",
        rows=tokens(50),
        edits=(Edit(CONFIRMATION, "session.account_id != claims.subject or ", ""),),
        tests=refused(50),
    ),
    Mutation(
        "a session that does not exist is accepted",
        rows=tokens(51),
        edits=(ANY_SESSION,),
        tests=refused(51),
    ),
    Mutation(
        "name and roles of a token are not compared",
        rows=tokens(52),
        edits=(
            Edit(
                CONFIRMATION,
                "    if (session.account_name, roles) != (claims.name, claims.roles):",
                "    if False:",
            ),
        ),
        tests=refused(52),
    ),
    Mutation(
        "the hosts of an API token are not compared",
        rows=tokens(71),
        edits=(ANY_HOSTS,),
        tests=(
            HOSTS + "test_the_hosts_of_an_api_token_are_those_of_its_session",
            HOSTS + "test_a_token_for_an_app_gets_no_more_hosts",
            HOSTS + "test_a_token_issued_before_scopes_existed_gets_none",
        ),
    ),
    Mutation(
        "the kind of a session is not compared",
        rows=tokens(71),
        edits=(
            ANY_KIND,
            ANY_HOSTS,
            Edit(
                CLAIMS,
                'if "hosts" in payload and not (payload["aud"] == API and _is_scope',
                'if "hosts" in payload and not (_is_scope',
            ),
        ),
        tests=(
            HOSTS + "test_a_session_token_has_no_hosts_and_does_not_pass_as_an_api_token",
            HOSTS + "test_an_api_token_does_not_pass_as_a_session_token",
        ),
    ),
    Mutation(
        "a token is for every host",
        rows=("9.2.4",),
        edits=(Edit("daypass/sessions/scopes.py", "return hosts is None or canonical in hosts", "return True"),),
        tests=("tests/web/forward_auth/test_api_tokens_at_checks.py::test_a_token_is_only_for_its_hosts",),
    ),
    Mutation(
        "a token names no site",
        rows=("9.2.4",),
        edits=(
            Edit(
                CLAIMS,
                "for name, value in members.items() if value is not None}",
                'for name, value in members.items() if value is not None and name != "iss"}',
            ),
        ),
        tests=(CODEC_TESTS + "test_a_payload_is_exactly_our_claims_with_moments_in_seconds",),
    ),
]
