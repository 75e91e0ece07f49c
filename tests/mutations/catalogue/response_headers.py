"""Mutations of the headers of every response: ASVS 3.2.1, 3.4 and 3.7.1, and the attacks C5, X9 and X11."""

from tests.mutations.mutation import Edit, Mutation

HEADERS = "daypass/web/security_headers.py"
MIDDLEWARE = "daypass/web/response_headers.py"
RESPONSES = "tests/web/test_every_response.py::"
OF_PAGES = RESPONSES + "test_every_response_has_the_headers[page]"
OF_DATA = RESPONSES + "test_every_response_has_the_headers[program]"
HSTS = RESPONSES + "TestUnderHttps::test_every_response_has_hsts"
CORS = "tests/web/test_every_route.py::test_no_other_origin_may_read_anything_but_the_key_set"
SITE = "tests/web/pages/test_static_site.py::TestHeaders::"
SITE_PAGE = SITE + "test_a_page_of_the_site_has_the_security_headers_except_a_policy"

MUTATIONS = [
    Mutation(
        "data may run like a page",
        rows=("3.2.1",),
        edits=(Edit(HEADERS, "return self._page if is_page else self._data", "return self._page"),),
        tests=(OF_DATA,),
    ),
    Mutation(
        "errors for programs are sent as pages",
        rows=("3.2.1",),
        edits=(Edit("daypass/web/problems.py", ', status, content_type="application/problem+json")', ", status)"),),
        tests=(RESPONSES + "test_errors_are_pages_for_browsers_and_problems_for_programs",),
    ),
    Mutation(
        "a logo opened as a page runs its scripts",
        rows=("3.2.1",),
        edits=(Edit("daypass/web/static_files.py", "style-src 'unsafe-inline'; sandbox", "script-src *"),),
        tests=("tests/web/test_branding.py::TestWithBranding::test_a_logo_opened_as_a_page_runs_nothing",),
    ),
    Mutation(
        "a logo may contain a script",
        rows=("3.2.1",),
        edits=(Edit("daypass/settings/svg.py", '("script", "foreignobject"', '("foreignobject"'),),
        tests=(
            "tests/settings/test_branding.py::test_a_drawing_that_runs_or_loads_something_is_refused_in_words[script]",
        ),
    ),
    Mutation(
        "HSTS lasts a day",
        rows=("3.4.1", "C5"),
        edits=(Edit(HEADERS, "TWO_YEARS = 63_072_000", "TWO_YEARS = 86_400"),),
        tests=(HSTS,),
    ),
    Mutation(
        "errors have no HSTS",
        rows=("3.4.1", "C5"),
        edits=(
            Edit(
                MIDDLEWARE,
                "headers.extend(self._security.missing(environ, headers))",
                "added = self._security.missing(environ, headers)\n"
                '                headers.extend(header for header in added if status < "400" or header[0] != HSTS)',
            ),
            Edit(MIDDLEWARE, "REQUEST_ID = ", 'HSTS = "Strict-Transport-Security"\nREQUEST_ID = '),
        ),
        tests=(HSTS,),
    ),
    Mutation(
        "HSTS never includes subdomains",
        rows=("3.4.1",),
        edits=(Edit(HEADERS, 'return f"max-age={TWO_YEARS}" + (', 'return f"max-age={TWO_YEARS}" + ("" and '),),
        tests=(RESPONSES + "TestUnderHttps::TestWithSubdomains::test_they_are_included",),
    ),
    Mutation(
        "every origin may read every response",
        rows=("3.4.2", "X9", "X11"),
        edits=(
            Edit(
                MIDDLEWARE,
                '                headers.append(("X-Request-Id"',
                '                headers.append(("Access-Control-Allow-Origin", environ.get("HTTP_ORIGIN", "*")))\n'
                '                headers.append(("X-Request-Id"',
            ),
        ),
        tests=(CORS + "[alone-null]", OF_PAGES),
    ),
    Mutation(
        "the key set is sent with credentials",
        rows=("3.4.2", "X9", "X11"),
        edits=(
            Edit(
                "daypass/web/pages/jwks.py",
                'response.access_control_allow_origin = "*"',
                'response.access_control_allow_origin = request.headers.get("Origin", "*")\n'
                "    response.access_control_allow_credentials = True",
            ),
        ),
        tests=(CORS + "[alone-null]",),
    ),
    Mutation(
        "inline scripts run",
        rows=("3.4.3",),
        edits=(Edit(HEADERS, "script-src 'self'; ", "script-src 'self' 'unsafe-inline'; "),),
        tests=(OF_PAGES,),
    ),
    Mutation(
        "scripts of all hosts run",
        rows=("3.4.3",),
        edits=(Edit(HEADERS, "script-src 'self'; ", "script-src https:; "),),
        tests=(OF_PAGES,),
    ),
    Mutation(
        "what the policy does not name is allowed",
        rows=("3.4.3",),
        edits=(Edit(HEADERS, "PAGE_POLICY = (\n    \"default-src 'none'; ", 'PAGE_POLICY = (\n    "'),),
        tests=(OF_PAGES,),
    ),
    Mutation(
        "a page under another host has any style",
        rows=("3.4.3",),
        edits=(Edit(HEADERS, "BARE_POLICY.format(environ[INLINED_STYLE])", "BARE_POLICY.format(\"'unsafe-inline'\")"),),
        tests=("tests/web/test_inlined_style.py::test_the_policy_allows_the_style_of_the_page_and_nothing_else",),
    ),
    Mutation(
        "the policy of the site's files is that of our own pages too",
        rows=("3.4.3",),
        edits=(
            Edit(HEADERS, "shared | _policy(self._page_policy)", "shared | _policy(settings.site_csp or PAGE_POLICY)"),
        ),
        tests=(SITE + "TestWithAPolicy::test_it_is_sent_only_with_the_site",),
    ),
    Mutation(
        "browsers guess the type of a response",
        rows=("3.2.1", "3.4.4", "H3", "H5"),
        edits=(Edit(HEADERS, '    "X-Content-Type-Options": "nosniff",\n', ""),),
        tests=(OF_PAGES, RESPONSES + "test_a_static_file_is_cached_and_revalidated"),
    ),
    Mutation(
        "other sites learn the URL that a visitor comes from",
        rows=("3.4.5",),
        edits=(Edit(HEADERS, '"Referrer-Policy": "same-origin"', '"Referrer-Policy": "unsafe-url"'),),
        tests=(OF_PAGES,),
    ),
    Mutation(
        "our pages may be framed in old browsers",
        rows=("3.4.6", "X9", "X11"),
        edits=(Edit(HEADERS, '    "X-Frame-Options": "DENY",\n', ""),),
        tests=(OF_PAGES,),
    ),
    Mutation(
        "our pages may be framed",
        rows=("3.4.6", "X9", "X11"),
        edits=(
            Edit(
                HEADERS,
                "base-uri 'none'; object-src 'none'; frame-ancestors 'none'\"",
                "base-uri 'none'; object-src 'none'\"",
            ),
        ),
        tests=(OF_PAGES,),
    ),
    Mutation(
        "other sites may frame the site's files",
        rows=("3.4.6",),
        edits=(Edit(HEADERS, '    "X-Frame-Options": "SAMEORIGIN",\n', ""),),
        tests=(SITE_PAGE,),
    ),
    Mutation(
        "the policy allows plug-ins",
        rows=("3.4.3", "3.7.1"),
        edits=(
            Edit(
                HEADERS,
                "base-uri 'none'; object-src 'none'; frame-ancestors 'none'\"",
                "base-uri 'none'; frame-ancestors 'none'\"",
            ),
        ),
        tests=(OF_PAGES,),
    ),
    Mutation(
        "a page embeds a plug-in",
        rows=("3.7.1",),
        edits=(
            Edit(
                "templates/daypass/layouts/base.html",
                "  <p>{{ site }}</p>",
                "  <p><object data=\"{{ static_url('icon.svg') }}\"></object>{{ site }}</p>",
            ),
        ),
        tests=("tests/web/test_templates.py::test_no_template_embeds_a_plug_in",),
    ),
]
