"""Mutations of hosts, headers and caches: the attacks H1 to H15."""

from tests.mutations.mutation import Edit, Mutation

EVERY_RESPONSE = "tests/web/test_every_response.py::"
SECURITY_HEADERS = "daypass/web/security_headers.py"
SITE = "daypass/web/pages/static_site.py"

MUTATIONS = [
    Mutation(
        "every host is served",
        rows=("H1",),
        edits=(
            Edit(
                "daypass/web/host_header.py",
                "trusted_list=hosts",
                "trusted_list=()",
            ),
        ),
        tests=(EVERY_RESPONSE + "test_a_host_that_is_not_ours_is_refused",),
    ),
    Mutation(
        "any text of the header Host is shown",
        rows=("H1",),
        edits=(
            Edit(
                "daypass/web/host_header.py",
                "    except AmbiguousTarget:\n        return None\n",
                '    except AmbiguousTarget:\n        return environ.get("HTTP_HOST")\n',
            ),
        ),
        tests=("tests/web/test_host_header.py::test_no_other_text_of_the_header_is_shown",),
    ),
    Mutation(
        "an address may have line breaks",
        rows=("H2",),
        edits=(
            Edit(
                "daypass/net/email_address.py",
                "    except EmailNotValidError as error:\n",
                '    except EmailNotValidError as error:\n        if "\\n" in text:\n            return text\n',
            ),
        ),
        tests=("tests/web/mail/test_addresses.py::test_a_malformed_address_is_refused",),
    ),
    Mutation(
        "pages may ask for the camera",
        rows=("H3", "H5"),
        edits=(Edit(SECURITY_HEADERS, '    "camera",\n', ""),),
        tests=(EVERY_RESPONSE + "test_every_response_has_the_headers",),
    ),
    Mutation(
        "responses name the version of Flask",
        rows=("H4",),
        edits=(
            Edit(
                SECURITY_HEADERS,
                "PAGE_HEADERS = HEADERS | {\n",
                'PAGE_HEADERS = HEADERS | {\n    "X-Powered-By": "Flask/3.1.2",\n',
            ),
        ),
        tests=("tests/integration/faults/test_server_limits.py::test_no_response_names_a_version",),
    ),
    Mutation(
        "proxies may cache the files of a static site",
        rows=("H7",),
        edits=(Edit(SECURITY_HEADERS, '"Cache-Control": "private, no-cache"', '"Cache-Control": "no-cache"'),),
        tests=(
            "tests/web/pages/test_static_site.py::TestHeaders::test_a_page_of_the_site_has_the_security_headers_except_a_policy",
        ),
    ),
    Mutation(
        "the browser keeps files of a static site after signing out",
        rows=("H6", "H9"),
        edits=(
            Edit(SECURITY_HEADERS, '"Cache-Control": "private, no-cache"', '"Cache-Control": "private, max-age=600"'),
            Edit("daypass/web/sign_in.py", """response.headers["Clear-Site-Data"] = '"cache"'""", "pass"),
        ),
        tests=(
            "tests/integration/browser/test_mkdocs_site.py::test_the_back_button_makes_the_browser_ask_the_gate_again",
        ),
    ),
    Mutation(
        "a proxy's header signs its visitor in",
        rows=("H8",),
        edits=(
            Edit(
                "daypass/web/credentials.py",
                'find_cookie(environ.get("HTTP_COOKIE", ""), cookie_name))',
                'environ.get("HTTP_X_FORWARDED_USER"))',
            ),
        ),
        tests=("tests/security/test_token_locations.py::test_headers_that_only_proxies_set_let_nobody_in",),
    ),
    Mutation(
        "a visitor without a role has no header for roles",
        rows=("H12",),
        edits=(
            Edit(
                "daypass/web/forward_auth/common.py",
                "for header, value in identity.items())",
                "for header, value in identity.items() if value)",
            ),
        ),
        tests=(
            "tests/web/forward_auth/test_verdicts.py::test_the_account_id_is_sent_and_is_empty_for_an_anonymous_visitor",
        ),
    ),
    Mutation(
        "nginx gets a status that it does not understand",
        rows=("H12",),
        edits=(
            Edit(
                "daypass/web/forward_auth/nginx.py",
                "    if is_navigation(environ, runtime.settings):\n",
                "    if is_navigation(environ, runtime.settings):\n        response.status_code = 302\n",
            ),
        ),
        tests=("tests/web/forward_auth/test_nginx.py::test_every_response_has_a_status_that_nginx_understands",),
    ),
    Mutation(
        "the name of a deleted account is free at once",
        rows=("H15",),
        edits=(Edit("daypass/accounts/accounts.py", "    db.add(FormerName(name=account.name))\n", ""),),
        tests=(
            "tests/accounts/test_former_names.py::"
            "test_nobody_signs_up_with_the_name_of_an_account_that_its_owner_deleted",
        ),
    ),
    Mutation(
        "everybody may cache the key set for long",
        rows=("H10",),
        edits=(Edit("daypass/web/pages/jwks.py", "MAX_AGE = 60 ", "MAX_AGE = 6000 "),),
        tests=("tests/web/pages/test_keys_page.py::TestJwkSet::test_it_is_cached_for_a_minute_and_sets_no_cookie",),
    ),
]
