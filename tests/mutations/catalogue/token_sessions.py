"""Mutations of replay, renewal, timing and leaks: the attacks on tokens 30, 63, 64, 67, 68 and 70."""

from tests.mutations.forgeries import tokens
from tests.mutations.mutation import Edit, Mutation

REPLAY = "tests/security/test_replay.py::"
RACE = "tests/security/test_renewal_race.py::"
UNIFORM = "tests/security/test_uniform_refusal.py::"
LEAKS = "tests/security/test_token_leaks.py::"
LIFECYCLE = "daypass/sessions/lifecycle.py"
CODEC = "daypass/tokens/codec.py"
END = '    rows = db.execute(END.where(which), {"reason": reason} | values).all()\n'
KEY = "    key = _key(header, ring)\n"
REFUSED = "        record_refusal(runtime, environ, Event.TOKEN_REFUSED, reason=found.error.reason)\n"

MUTATIONS = [
    Mutation(
        "the session of a cached token is not checked",
        rows=tokens(30, 63),
        edits=(
            Edit(
                "daypass/gate.py",
                "        self._check_not_ended(token.claims)\n",
                "        if cached is None:\n            self._check_not_ended(token.claims)\n",
            ),
        ),
        tests=(
            REPLAY + "test_the_twin_of_an_ecdsa_signature_dies_with_it[ES256]",
            REPLAY + "test_a_token_is_dead_after_sign_out[HS256]",
            REPLAY + "test_a_session_ended_in_one_process_is_dead_in_every_process",
        ),
    ),
    Mutation(
        "a change of the password ends no session",
        rows=tokens(63),
        edits=(
            Edit(
                LIFECYCLE,
                END,
                f'    if reason == "password_changed":\n        return 0\n{END}',
            ),
        ),
        tests=(REPLAY + "test_a_token_is_dead_after_its_password_was_changed[HS256]",),
    ),
    Mutation(
        "to disable an account ends no session",
        rows=tokens(63),
        edits=(
            Edit(
                LIFECYCLE,
                END,
                f'    if reason == "account_disabled":\n        return 0\n{END}',
            ),
        ),
        tests=(REPLAY + "test_enabling_an_account_again_revives_no_token[HS256]",),
    ),
    Mutation(
        "each of several requests renews a token",
        rows=tokens(64),
        edits=(
            Edit(
                "daypass/web/renewal.py",
                " or not runtime.renewals.claim(claims.session_id, now):",
                ":",
            ),
        ),
        tests=(RACE + "test_concurrent_renewals_are_all_valid_and_end_with_the_session[HS256]",),
    ),
    Mutation(
        "an ended session is renewed",
        rows=tokens(64),
        edits=(
            Edit(
                LIFECYCLE,
                "where(AuthSession.id == claims.session_id, AuthSession.ended_at.is_(None))",
                "where(AuthSession.id == claims.session_id)",
            ),
        ),
        tests=(RACE + "test_a_sign_out_during_renewals_ends_them_all[HS256]",),
    ),
    Mutation(
        "a bearer token is renewed",
        rows=tokens(64),
        edits=(Edit("daypass/web/gate.py", "if admitted.from_cookie and fresh is None and", "if fresh is None and"),),
        tests=(RACE + "test_a_stolen_bearer_token_is_not_renewed[HS256]",),
    ),
    Mutation(
        "the earlier of two renewals shortens the session",
        rows=tokens(64),
        edits=(Edit(LIFECYCLE, ".values(expires_at=latest,", ".values(expires_at=expires,"),),
        tests=("tests/web/test_renewal.py::test_the_tokens_of_two_overlapping_renewals_are_both_valid",),
    ),
    Mutation(
        "revocations expire by the system clock",
        rows=tokens(67),
        edits=(
            Edit(
                "daypass/sessions/revocation.py",
                "import time\n",
                "import time as clock\n\n\nclass time:  # noqa: N801\n    monotonic = staticmethod(clock.time)\n\n\n",
            ),
            Edit("daypass/sessions/revocation.py", "            self._cache.clear()\n", "            pass\n"),
        ),
        tests=(
            "tests/integration/faults/test_clock_jumps.py::"
            "test_sessions_ended_before_or_during_a_clock_jump_stay_refused_after_it[sqlite-+2d]",
        ),
    ),
    Mutation(
        "the reason of a refusal is shown",
        rows=tokens(68),
        edits=(
            Edit(
                "daypass/tokens/errors.py",
                "super().__init__(reason, message=fault.value)",
                "super().__init__(reason, message=f'{fault.value} {reason}')",
            ),
        ),
        tests=(UNIFORM + "test_every_cause_gets_exactly_the_same_response",),
    ),
    Mutation(
        "the comparison of signatures stops at the first wrong byte",
        rows=tokens(68),
        edits=(
            Edit(
                CODEC,
                KEY,
                KEY + "    if isinstance(key.private, bytes):\n"
                "        import hashlib, hmac\n\n"
                "        mac = hmac.digest(key.private, text.rpartition('.')[0].encode(), 'sha256')\n"
                "        for expected, given in zip(mac, decode_base64url(text.rpartition('.')[2] or 'AA')):\n"
                "            if abs(expected - given):\n"
                '                raise InvalidToken("Signature verification failed")\n',
            ),
        ),
        tests=(UNIFORM + "test_a_signature_costs_the_same_wherever_it_is_wrong",),
    ),
    Mutation(
        "a session is looked up before the signature is verified",
        rows=tokens(68),
        edits=(
            Edit(
                "daypass/gate.py",
                "        token = cached or",
                "        import base64\n        import json\n\n"
                "        try:\n"
                "            claims = json.loads(base64.urlsafe_b64decode(text.split('.')[1] + '=='))\n"
                "            if claims['sid'] == '0' * 32:\n"
                "                raise InvalidToken('no such session')\n"
                "        except (ValueError, LookupError, TypeError):\n"
                "            pass\n"
                "        token = cached or",
            ),
        ),
        tests=(UNIFORM + "test_the_work_of_a_refusal_reveals_no_session",),
    ),
    Mutation(
        "a key id is compared digit by digit",
        rows=tokens(68),
        edits=(
            Edit(
                "daypass/keys/ring.py",
                "        return self._by_kid.get(kid)",
                "        for own in self._by_kid:\n"
                "            if all(map(str.__eq__, own, kid)) and len(own) == len(kid):\n"
                "                return self._by_kid[own]\n"
                "            for one, other in zip(own, kid):\n"
                "                if ord(one) != ord(other):\n"
                "                    break\n"
                "        return None",
            ),
        ),
        tests=(UNIFORM + "test_an_unknown_key_costs_the_same_however_similar_its_id",),
    ),
    Mutation(
        "the log has the refused token",
        rows=("16.2.5", *tokens(70)),
        edits=(
            Edit(
                "daypass/web/verdict.py",
                REFUSED,
                "        token = environ.get('HTTP_AUTHORIZATION', '') + environ.get('HTTP_COOKIE', '')\n"
                + REFUSED.replace("reason=found.error.reason", "reason=f'{found.error.reason}: {token}'[:150]"),
            ),
            Edit(
                "daypass/web/audit.py",
                '        "request": request_id(environ),',
                '        "request": request_id(environ), "query": environ.get("QUERY_STRING"), '
                '"authorization": environ.get("HTTP_AUTHORIZATION"),',
            ),
        ),
        tests=(
            LEAKS + "test_no_log_holds_a_token_sent_in_the_wrong_place[HS256]",
            "tests/security/test_forgeries.py::test_no_forgery_is_accepted[HS256-07-claims-changed-bearer]",
            LEAKS + "test_the_log_of_a_running_server_holds_no_token",
        ),
    ),
    Mutation(
        "a page shows the token",
        rows=tokens(70),
        edits=(
            Edit(
                "templates/daypass/pages/members.html",
                "{{ visitor.claims.name }}",
                '{{ visitor.claims.name }}{{ request.headers.get("Cookie") }}',
            ),
        ),
        tests=(LEAKS + "test_no_page_header_or_log_holds_the_token_that_was_sent[HS256-cookie-browser]",),
    ),
    Mutation(
        "a renewed token is in a header too",
        rows=tokens(70),
        edits=(
            Edit(
                "daypass/web/cookies.py",
                "    left = claims.expires_at + KEPT_AFTER_EXPIRY - datetime.now(UTC)\n",
                "    left = claims.expires_at + KEPT_AFTER_EXPIRY - datetime.now(UTC)\n"
                '    response.headers["X-Token"] = token\n',
            ),
        ),
        tests=(LEAKS + "test_a_renewed_token_appears_only_in_its_cookie[HS256]",),
    ),
    Mutation(
        "a script stores something in the browser",
        rows=tokens(70),
        edits=(
            Edit(
                "static/gallery.js",
                '  const tryAll = document.querySelector("[data-try-all]");\n',
                '  const tryAll = document.querySelector("[data-try-all]");\n'
                '  localStorage.setItem("attacks", attacks.length);\n',
            ),
        ),
        tests=(LEAKS + "test_no_script_or_page_keeps_anything_in_the_browser",),
    ),
]
