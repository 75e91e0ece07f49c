"""Mutations of the cookies: ASVS 3.3, and the attacks C1 to C11."""

from tests.mutations.mutation import Edit, Mutation

COOKIES = "daypass/web/cookies.py"
SETTINGS = "daypass/settings/definitions.py"
CREDENTIALS = "daypass/web/credentials.py"
SIGN_IN = "tests/web/pages/test_sign_in_page.py::"
HOST_BOUND = SIGN_IN + "TestUnderHttps::test_the_cookie_is_bound_to_the_host[sqlite]"
SHARED = "tests/web/test_cookies.py::test_signing_in_sets_the_shared_cookie_and_deletes_the_host_only_one[https]"
BROWSER = "tests/integration/browser/test_cookie_in_browser.py::"
IN_BROWSER = BROWSER + "test_under_https_the_cookie_is_secure_and_bound_to_the_host"
OF_TOKEN = "token, left.total_seconds(), settings.cookie_domain or None"
ATTRIBUTES = 'secure=settings.https,\n        httponly=True,\n        samesite="Lax",'

MUTATIONS = [
    Mutation(
        "scripts can read the cookie",
        rows=("3.3.4", "C4"),
        edits=(Edit(COOKIES, ATTRIBUTES, ATTRIBUTES.replace("httponly=True,", "")),),
        tests=(BROWSER + "test_the_cookie_is_for_this_site_for_its_time_and_hidden_from_scripts",),
    ),
    Mutation(
        "the cookies are sent over plain http too",
        rows=("3.3.1", "C5"),
        edits=(Edit(COOKIES, ATTRIBUTES, ATTRIBUTES.replace("secure=settings.https,", "")),),
        tests=(HOST_BOUND, SHARED, IN_BROWSER),
    ),
    Mutation(
        "the cookie is deleted with other attributes",
        rows=("3.3.1", "C6", "C7"),
        edits=(Edit(COOKIES, "domain=domain, secure=settings.https, httponly=True", "domain=domain, httponly=True"),),
        tests=(HOST_BOUND,),
    ),
    Mutation(
        "the cookie has no prefix",
        rows=("3.3.1", "3.3.3", "C9"),
        edits=(Edit(SETTINGS, 'return "__Host-daypass" if self.https else "daypass"', 'return "daypass"'),),
        tests=(HOST_BOUND, IN_BROWSER),
    ),
    Mutation(
        "the shared cookie has no prefix of its own",
        rows=("3.3.1",),
        edits=(
            Edit(
                SETTINGS,
                'return "__Secure-daypass" if self.https and self.cookie_domain else self.own_cookie_name',
                "return self.own_cookie_name",
            ),
        ),
        tests=(SHARED,),
    ),
    Mutation(
        "the cookie is sent with cross-site requests",
        rows=("3.3.2", "C9"),
        edits=(Edit(COOKIES, ATTRIBUTES, ATTRIBUTES.replace("Lax", "None")),),
        tests=(HOST_BOUND, IN_BROWSER),
    ),
    Mutation(
        "the cookie has a domain by default",
        rows=("3.3.3", "3.5.4"),
        edits=(Edit(COOKIES, OF_TOKEN, OF_TOKEN.replace("or None", 'or settings.authority.partition(":")[0]')),),
        tests=(HOST_BOUND,),
    ),
    Mutation(
        "hosts of strangers may share the cookie",
        rows=("3.3.3",),
        edits=(Edit("daypass/settings/parsers.py", "if _public_suffixes().is_public(name):", 'if "." not in name:'),),
        tests=(
            "tests/settings/test_settings.py::"
            "test_a_cookie_domain_under_which_strangers_have_hosts_is_refused[https://example.co.uk]",
        ),
    ),
    Mutation(
        "the account page contains the token",
        rows=("3.3.4",),
        edits=(
            Edit(
                "templates/daypass/pages/account.html",
                "{{ fragment(claims.own_claims, own) }}",
                "{{ fragment(claims.own_claims, own) }}<code>{{ request.cookies.daypass }}</code>",
            ),
        ),
        tests=("tests/web/pages/test_account_page.py::test_the_page_shows_the_claims_and_never_the_signature[sqlite]",),
    ),
    Mutation(
        "a program that signs in gets a cookie too",
        rows=("3.3.4",),
        edits=(
            Edit("daypass/web/pages/sign_in.py", "import clear_session, ", "import clear_session, set_token_cookie, "),
            Edit(
                "daypass/web/pages/sign_in.py",
                "return jsonify(token=sign_token(runtime, claims), expires_at=iso(claims.expires_at))",
                "body = jsonify(token=sign_token(runtime, claims), expires_at=iso(claims.expires_at))\n"
                "    return set_token_cookie(runtime, claims, body)",
            ),
        ),
        tests=(SIGN_IN + "test_a_program_gets_its_token_as_json_and_no_cookie[sqlite]",),
    ),
    Mutation(
        "a cookie with a similar name counts",
        rows=("C1", "C11"),
        edits=(Edit(CREDENTIALS, 'key.strip(" \\t") == name', 'key.strip(" \\t").endswith(name)'),),
        tests=("tests/security/test_token_locations.py::test_a_token_in_another_cookie_does_not_count",),
    ),
    Mutation(
        "the case of a cookie's name does not matter",
        rows=("C1", "C11", "token 61"),
        edits=(Edit(CREDENTIALS, 'key.strip(" \\t") == name', 'key.strip(" \\t").lower() == name.lower()'),),
        tests=("tests/security/test_token_locations.py::test_a_token_in_another_cookie_does_not_count",),
    ),
    Mutation(
        "the last cookie counts",
        rows=("C2", "C10", "token 61", "proxy 10"),
        edits=(Edit(CREDENTIALS, 'for pair in header.split(";"):', 'for pair in reversed(header.split(";")):'),),
        tests=(
            "tests/security/test_token_locations.py::test_of_two_cookies_the_first_counts",
            "tests/integration/proxies/test_proxy_attacks.py::test_10_the_first_of_two_cookies_counts_everywhere[nginx]",
        ),
    ),
    Mutation(
        "every cookie needs an equals sign",
        rows=("C2", "C10"),
        edits=(
            Edit(CREDENTIALS, 'key, equals, value = pair.partition("=")', 'key, value = pair.split("=", 1)'),
            Edit(CREDENTIALS, "if equals and key", "if key"),
        ),
        tests=(
            "tests/web/test_every_response.py::test_a_malformed_cookie_is_an_invalid_token_and_not_an_error[daypass]",
        ),
    ),
    Mutation(
        "http is served as well as https by the proxy",
        rows=("C5",),
        edits=(Edit("deploy/nginx.conf", "return 308 https://$host$request_uri;", "return 200;"),),
        tests=(
            "tests/integration/proxies/test_tls.py::"
            "test_http_is_redirected_to_the_same_page_over_https[nginx-GET-login.example.org]",
        ),
    ),
    Mutation(
        "the cookie outlives its token",
        rows=("C6", "C7"),
        edits=(Edit(COOKIES, "max(0, int(seconds))", "settings.absolute_lifetime"),),
        tests=(SIGN_IN + "test_the_right_password_sets_the_cookie_for_a_day_and_goes_on[sqlite]",),
    ),
    Mutation(
        "an invalid cookie stays in the browser",
        rows=("C6", "C7"),
        edits=(
            Edit(
                "daypass/web/sign_in_page.py",
                "    if forged and presented_bad_cookie(request.environ):\n"
                "        cookies.clear_token(response, runtime.settings)\n",
                "",
            ),
        ),
        tests=("tests/security/test_forgeries.py::test_a_forged_cookie_is_removed_from_the_browser[HS256]",),
    ),
    Mutation(
        "tokens of any length are issued",
        rows=("C8",),
        edits=(
            Edit(
                "daypass/tokens/codec.py",
                "    if len(text) > MAX_TOKEN_LENGTH:\n        raise ValueError",
                "    if not text:\n        raise ValueError",
            ),
        ),
        tests=("tests/tokens/test_codec.py::test_a_token_of_up_to_4096_characters_can_be_decoded",),
    ),
    Mutation(
        "an account may have a hundred roles",
        rows=("C8",),
        edits=(Edit("daypass/accounts/roles.py", "MAX_ROLES = 32", "MAX_ROLES = 100"),),
        tests=("tests/web/test_cookies.py::test_the_cookies_of_the_longest_name_fit_into_4096_bytes[https]",),
    ),
]
