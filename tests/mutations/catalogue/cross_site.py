"""Mutations of the protection from cross-site requests: ASVS 3.5, and the attacks X1 to X10."""

from tests.mutations.mutation import Edit, Mutation

CSRF = "daypass/web/csrf.py"
SIGN_IN = "daypass/web/pages/sign_in.py"
RESPONSES = "tests/web/test_every_response.py::"
REFUSED = RESPONSES + "test_no_unsafe_request_from_another_site_has_an_effect"
WITHOUT_ORIGIN = RESPONSES + "test_an_unsafe_request_with_a_cookie_and_without_an_origin_is_refused"
SAFE = """if environ["REQUEST_METHOD"] in SAFE_METHODS or """

MUTATIONS = [
    Mutation(
        "requests from other sites are not refused",
        rows=("3.5.1", "X1", "X4", "X5", "X6"),
        edits=(Edit("daypass/web/request_checks.py", "    refuse_cross_site(environ)\n", ""),),
        tests=(REFUSED + "[{'Sec-Fetch-Site': 'cross-site'}]", WITHOUT_ORIGIN),
    ),
    Mutation(
        "protected views of an app do not refuse requests from other sites",
        rows=("X1",),
        edits=(Edit("daypass/web/gate.py", "                refuse_cross_site(environ)\n", "                pass\n"),),
        tests=(
            "tests/extension/test_the_host_is_left_alone.py::"
            "test_a_gated_page_refuses_requests_that_another_site_makes_with_the_cookie",
        ),
    ),
    Mutation(
        "another site signs a visitor in or out through a view of the app",
        rows=("X1",),
        edits=(Edit("daypass/web/own_views.py", "        refuse_cross_site(request.environ)\n", ""),),
        tests=("tests/extension/test_own_views.py::test_another_site_cannot_sign_a_visitor_in",),
    ),
    Mutation(
        "other hosts of the domain count as the same site",
        rows=("3.5.1", "X5"),
        edits=(Edit(CSRF, 'return site in ("same-origin", "none")', 'return site != "cross-site"'),),
        tests=(REFUSED + "[{'Sec-Fetch-Site': 'same-site'}]",),
    ),
    Mutation(
        "an origin that begins like ours is ours",
        rows=("3.5.1", "X4"),
        edits=(
            Edit(
                CSRF,
                "return origin in current_settings().origins",
                "return origin.startswith(tuple(current_settings().origins))",
            ),
        ),
        tests=(REFUSED + "[{'Origin': 'http://127.0.0.1:8000.evil.example'}]",),
    ),
    Mutation(
        "the port and scheme of an origin do not matter",
        rows=("3.5.1", "X4"),
        edits=(
            Edit(
                CSRF,
                "return origin in current_settings().origins",
                "return urlsplit(origin).hostname in current_settings().trusted_hosts",
            ),
            Edit(CSRF, "from typing import", "from urllib.parse import urlsplit\nfrom typing import"),
        ),
        tests=(REFUSED + "[{'Origin': 'http://127.0.0.1:8001'}]",),
    ),
    Mutation(
        "the origin null is accepted",
        rows=("3.5.1", "X4"),
        edits=(Edit(CSRF, "current_settings().origins", 'current_settings().origins | {"null"}'),),
        tests=(REFUSED + "[{'Origin': 'null'}]",),
    ),
    Mutation(
        "a request that does not say where it comes from is accepted with a cookie",
        rows=("3.5.1", "X1", "X4"),
        edits=(Edit(CSRF, 'return "HTTP_COOKIE" not in environ', "return True"),),
        tests=(REFUSED + "[{'Referer': 'https://evil.example/'}]", WITHOUT_ORIGIN),
    ),
    Mutation(
        "signing in is open to other sites",
        rows=("3.5.1", "X6"),
        edits=(Edit(CSRF, SAFE, SAFE + 'environ["PATH_INFO"] == "/login" or '),),
        tests=(REFUSED + "[{'Origin': 'https://evil.example'}]",),
    ),
    Mutation(
        "any type of body is read as JSON",
        rows=("3.5.2", "X7", "X8"),
        edits=(
            Edit(SIGN_IN, 'case "application/json":', 'case "application/json" | "text/plain":'),
            Edit(SIGN_IN, "request.get_json(silent=True)", "request.get_json(force=True, silent=True)"),
        ),
        tests=("tests/web/pages/test_sign_in_page.py::test_a_body_of_another_type_is_not_read[sqlite-text/plain]",),
    ),
    Mutation(
        "a link signs out",
        rows=("3.5.3", "X7", "X8"),
        edits=(Edit(SIGN_IN, '@pages.post("/logout")', '@pages.route("/logout", methods=["GET", "POST"])'),),
        tests=(RESPONSES + "test_only_a_post_signs_out[GET]",),
    ),
    Mutation(
        "a header changes the method",
        rows=("3.5.3", "X7", "X8"),
        edits=(
            Edit(
                "daypass/web/cookie_header.py",
                '        header = environ.get("HTTP_COOKIE")\n',
                '        if "HTTP_X_HTTP_METHOD_OVERRIDE" in environ:\n'
                '            environ["REQUEST_METHOD"] = environ["HTTP_X_HTTP_METHOD_OVERRIDE"]\n'
                '        header = environ.get("HTTP_COOKIE")\n',
            ),
        ),
        tests=(RESPONSES + "test_only_a_post_signs_out[GET]",),
    ),
    Mutation(
        "a visit of the set-up link uses it up",
        rows=("3.5.3",),
        edits=(
            Edit(
                "daypass/web/pages/sign_up.py",
                "        check_link(current_db(), code, datetime.now(UTC))\n        return",
                "        check_link(current_db(), code, datetime.now(UTC))\n        finish(current_db())\n"
                "        current_db().commit()\n        return",
            ),
            Edit("daypass/web/pages/sign_up.py", "import check_link\n", "import check_link, finish\n"),
        ),
        tests=(
            "tests/web/pages/test_sign_up_page.py::"
            "test_the_link_makes_the_first_account_an_admin_and_signs_it_in[sqlite]",
        ),
    ),
    Mutation(
        "a bearer token replaces the proof of the origin",
        rows=("X10",),
        edits=(
            Edit(
                CSRF,
                'return "HTTP_COOKIE" not in environ',
                'return "HTTP_COOKIE" not in environ or "HTTP_AUTHORIZATION" in environ',
            ),
        ),
        tests=(REFUSED + "[{'Referer': 'https://evil.example/'}]",),
    ),
    Mutation(
        "programs need an origin too",
        rows=("X10",),
        edits=(Edit(CSRF, 'return "HTTP_COOKIE" not in environ', "return False"),),
        tests=(RESPONSES + "test_a_program_without_cookies_needs_no_origin",),
    ),
]
