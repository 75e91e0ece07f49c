"""Mutations of where a token may be: the attacks on tokens 60 to 62."""

from tests.mutations.forgeries import tokens
from tests.mutations.mutation import Edit, Mutation

CREDENTIALS = "daypass/web/credentials.py"
FILTER = "daypass/web/cookie_header.py"
TESTS = "tests/security/test_token_locations.py::"
BEARER = '    bearer = text.strip(" ") if scheme.lower() == "bearer" else None\n'
GUARD = "            admitted = admit(runtime, environ, role, api_tokens=api_tokens)\n"

MUTATIONS = [
    Mutation(
        "a token in the query counts",
        rows=tokens(60),
        edits=(
            Edit(
                CREDENTIALS,
                BEARER,
                f"{BEARER}    from urllib.parse import parse_qs\n\n"
                '    bearer = bearer or parse_qs(environ.get("QUERY_STRING", "")).get("access_token", [None])[0]\n',
            ),
        ),
        tests=(TESTS + "test_a_token_in_query_path_or_body_does_not_count[HS256]",),
    ),
    Mutation(
        "a token in a form counts",
        rows=tokens(60),
        edits=(
            Edit(
                CREDENTIALS,
                BEARER,
                f'{BEARER}    from flask import request\n\n    bearer = bearer or request.form.get("access_token")\n',
            ),
        ),
        tests=(TESTS + "test_a_token_in_query_path_or_body_does_not_count[HS256]",),
    ),
    Mutation(
        "another header counts",
        rows=tokens(61),
        edits=(
            Edit(
                CREDENTIALS,
                BEARER,
                f'{BEARER}    bearer = bearer or environ.get("HTTP_X_ACCESS_TOKEN")\n',
            ),
        ),
        tests=(TESTS + "test_a_token_in_another_header_does_not_count[HS256]",),
    ),
    Mutation(
        "any scheme counts",
        rows=tokens(61),
        edits=(Edit(CREDENTIALS, 'if scheme.lower() == "bearer" else None', "if text else None"),),
        tests=(TESTS + "test_a_token_under_another_scheme_does_not_count[HS256]",),
    ),
    Mutation(
        "a cookie takes precedence over a bearer token",
        rows=tokens(61),
        edits=(
            Edit(
                "daypass/gate.py",
                "        from_cookie = credentials.bearer is None\n",
                "        from_cookie = credentials.cookie is not None\n",
            ),
        ),
        tests=(TESTS + "test_the_bearer_token_takes_precedence_over_a_cookie[HS256]",),
    ),
    Mutation(
        "the first of two bearer tokens counts",
        rows=tokens(61),
        edits=(
            Edit(
                CREDENTIALS,
                BEARER,
                '    bearer = text.replace(",", " ").split(" ")[0] if scheme.lower() == "bearer" else None\n',
            ),
        ),
        tests=(TESTS + "test_two_bearer_tokens_are_refused[HS256]",),
    ),
    Mutation(
        "a header of a proxy overrides the method",
        rows=tokens(62),
        edits=(
            Edit(
                "daypass/web/gate.py",
                GUARD,
                f'            if request.headers.get("X-HTTP-Method-Override") == "OPTIONS":\n'
                f'                return make_response("")\n{GUARD}',
            ),
        ),
        tests=(TESTS + "test_headers_that_only_proxies_set_let_nobody_in[HS256]",),
    ),
    Mutation(
        "HEAD is not gated",
        rows=tokens(62),
        edits=(
            Edit(
                "daypass/web/gate.py",
                GUARD,
                f'            if request.method == "HEAD":\n                return make_response("")\n{GUARD}',
            ),
        ),
        tests=(TESTS + "test_odd_paths_and_methods_let_nobody_in[HS256]",),
    ),
]
