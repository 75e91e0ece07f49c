"""Mutations of the gate behind a proxy: the attacks 1 to 26, in the files of deploy/ and in the check."""

from tests.mutations.mutation import Edit, Mutation

ATTACKS = "tests/integration/proxies/test_proxy_attacks.py::"
CHECK = "tests/web/forward_auth/"
COMMON = "daypass/web/forward_auth/common.py"
MIDDLEWARE = "daypass/web/forward_auth/middleware.py"
NGINX = "deploy/nginx.conf"
PATHS = "daypass/net/paths.py"
LOGIN_HEADERS = "        proxy_set_header X-Forwarded-For $remote_addr; # never the client's own header\n    }"

MUTATIONS = [
    Mutation(
        "nginx reports the page that the client names",
        rows=("proxy 1",),
        edits=(
            Edit(
                NGINX,
                "X-Original-URL $scheme://$host:$server_port$request_uri; # $host",
                "X-Original-URL $http_x_original_url; # $host",
            ),
        ),
        tests=(ATTACKS + "test_1_headers_that_name_another_page_are_ignored",),
    ),
    Mutation(
        "the check of one proxy reads the headers of another",
        rows=("proxy 1",),
        edits=(
            Edit(
                "daypass/web/forward_auth/traefik_caddy.py",
                'reported(environ, "X-Forwarded-Uri", separator=",/")',
                'environ.get("HTTP_X_ORIGINAL_URI") or reported(environ, "X-Forwarded-Uri", separator=",/")',
            ),
        ),
        tests=(CHECK + "test_forged_requests.py::test_the_headers_of_the_other_proxies_are_ignored",),
    ),
    Mutation(
        "everybody may call the check",
        rows=("proxy 2",),
        edits=(Edit(MIDDLEWARE, "if not is_from_trusted_proxy(environ, runtime.settings):", "if False:"),),
        tests=(
            ATTACKS + "test_2_the_check_responds_only_to_the_proxy",
            CHECK + "test_trusted_proxies.py::TestDirectly::test_a_check_from_another_address_reveals_nothing",
        ),
    ),
    Mutation(
        "nginx passes calls of the check on",
        rows=("proxy 2",),
        edits=(Edit(NGINX, "        return 404;\n", "        proxy_pass http://127.0.0.1:8000;\n"),),
        tests=(ATTACKS + "test_2_no_spelling_reaches_the_check_through_the_proxy",),
    ),
    Mutation(
        "nginx checks the host header and serves the host of the request line",
        rows=("proxy 3",),
        edits=(
            Edit(NGINX, "$scheme://$host:$server_port$request_uri; # $host", "$scheme://$http_host$request_uri; #"),
        ),
        tests=(ATTACKS + "test_3_an_absolute_request_line_is_checked_as_it_is_served",),
    ),
    Mutation(
        "a host in capital letters is another host",
        rows=("proxy 4",),
        edits=(Edit("daypass/net/hosts.py", "HOST_AND_PORT.fullmatch(text.lower())", "HOST_AND_PORT.fullmatch(text)"),),
        tests=("tests/net/test_request_target.py::test_a_host_has_one_spelling",),
    ),
    Mutation(
        "nginx serves the app on every host",
        rows=("proxy 4",),
        edits=(Edit(NGINX, "    return 421;", "    location / {\n        proxy_pass http://127.0.0.1:5000;\n    }"),),
        tests=(ATTACKS + "test_4_an_unknown_host_is_refused",),
    ),
    Mutation(
        "what follows a question mark decides",
        rows=("proxy 5",),
        edits=(
            Edit(
                PATHS,
                'raw, _, query = target.partition("?")',
                'raw, query = target.rpartition("?")[2], ""',
            ),
        ),
        tests=(ATTACKS + "test_5_only_the_decoded_path_decides",),
    ),
    Mutation(
        "a path is not checked for two readings",
        rows=("proxy 6", "H13"),
        edits=(
            Edit(
                PATHS,
                "return check_decoded_path(unquote_to_bytes(raw).decode())",
                "return unquote_to_bytes(raw).decode()",
            ),
        ),
        tests=(
            ATTACKS + "test_6_a_path_with_two_readings_opens_nothing",
            CHECK + "test_checked_target.py::test_a_path_with_two_readings_is_refused_to_everybody",
        ),
    ),
    Mutation(
        "a percent sign may stand alone",
        rows=("proxy 7",),
        edits=(Edit(PATHS, 'if "%" in ESCAPE.sub("", raw):', "if False:"),),
        tests=("tests/net/test_request_target.py::test_a_path_that_can_be_read_in_two_ways_is_refused",),
    ),
    Mutation(
        "nginx passes on the identity that the client claims",
        rows=("proxy 8",),
        edits=(Edit(NGINX, "        proxy_set_header Remote-User $daypass_user;\n", ""),),
        tests=(ATTACKS + "test_8_a_forged_identity_is_overwritten",),
    ),
    Mutation(
        "Traefik passes on aliases of headers",
        rows=("proxy 9",),
        edits=(
            Edit(
                "deploy/traefik/traefik.yml",
                "      aliasHeadersStrategy: delete # Remote_User and the like, which apps read as Remote-User\n",
                "",
            ),
        ),
        tests=(ATTACKS + "test_9_no_alias_of_an_identity_reaches_the_app",),
    ),
    Mutation(
        "a header that was sent twice is read",
        rows=("proxy 10",),
        edits=(
            Edit(COMMON, 'if not value or separator in value.replace(" ", "").replace("\\t", ""):', "if not value:"),
        ),
        tests=(CHECK + "test_checked_target.py::test_a_check_with_a_duplicate_header_is_refused",),
    ),
    Mutation(
        "Caddy lets apps see the identity that the client claims",
        rows=("proxy 11", "proxy 8"),
        edits=(
            Edit("deploy/Caddyfile", "\trequest_header -Remote* # set by Daypass\n", ""),
            Edit(
                "deploy/Caddyfile",
                "\t\tcopy_headers Remote-User Remote-Id Remote-Name Remote-Email Remote-Groups\n",
                "",
            ),
        ),
        tests=(
            ATTACKS + "test_11_hop_by_hop_identity_is_the_right_one_or_none",
            ATTACKS + "test_8_a_forged_identity_is_overwritten",
        ),
    ),
    Mutation(
        "nginx appends to the addresses that the client names",
        rows=("proxy 12",),
        edits=(
            Edit(
                NGINX,
                LOGIN_HEADERS,
                "        proxy_set_header X-Forwarded-For $http_x_forwarded_for;\n    }",
            ),
        ),
        tests=(ATTACKS + "test_12_the_address_is_not_taken_from_the_clients_headers",),
    ),
    Mutation(
        "preflight requests are let through",
        rows=("proxy 13",),
        edits=(
            Edit(
                COMMON,
                "    decision = runtime.rules.rules.decide(page)\n",
                '    if page.method == "OPTIONS":\n        return identity_headers(*NOBODY)\n'
                "    decision = runtime.rules.rules.decide(page)\n",
            ),
        ),
        tests=(ATTACKS + "test_13_no_header_and_no_method_short_cuts_the_check",),
    ),
    Mutation(
        "signing in leads to every host",
        rows=("proxy 15",),
        edits=(Edit("daypass/net/redirect_target.py", "or host not in hosts or port", "or port"),),
        tests=(
            ATTACKS + "test_15_signing_in_leads_to_no_other_host",
            "tests/web/pages/test_return_to.py::test_nothing_else_leads_off_the_site",
        ),
    ),
    Mutation(
        "signing out leads to every host",
        rows=("proxy 15",),
        edits=(
            Edit(
                "daypass/web/pages/sign_in.py",
                'sign_out_target(runtime, request.form.get("to"))',
                'request.form.get("to")',
            ),
        ),
        tests=("tests/web/forward_auth/test_sign_out_page.py::test_signing_out_leads_to_no_other_host",),
    ),
    Mutation(
        "made-up names are counted by name",
        rows=("proxy 17",),
        edits=(
            Edit(
                "daypass/accounts/password_limits.py",
                'None if account_id is None else Limit("account", account_id,',
                'Limit("account", account_id or origin.address or "",',
            ),
        ),
        tests=("tests/web/pages/test_sign_in_limits.py::test_made_up_names_leave_no_rows_of_their_own",),
    ),
    Mutation(
        "caches may store the answers of the check",
        rows=("proxy 20", "H6", "H9"),
        edits=(
            Edit(
                "daypass/web/security_headers.py",
                'shared = PAGE_HEADERS | {"Cache-Control": "no-store"}',
                "shared = PAGE_HEADERS",
            ),
        ),
        tests=(
            ATTACKS + "test_20_no_response_of_the_check_may_be_cached",
            CHECK + "test_verdicts.py::test_no_response_to_a_check_is_cached_or_sets_a_cookie",
            "tests/web/test_every_response.py::test_a_response_that_depends_on_the_visitor_is_not_cached",
        ),
    ),
    Mutation(
        "every scheme of Authorization carries a token",
        rows=("proxy 21",),
        edits=(Edit("daypass/web/credentials.py", 'if scheme.lower() == "bearer" else None', "if scheme else None"),),
        tests=(ATTACKS + "test_21_a_token_comes_as_cookie_or_bearer_alone",),
    ),
    Mutation(
        "a token in the query is read",
        rows=("proxy 21",),
        edits=(
            Edit(
                "daypass/web/credentials.py",
                'if scheme.lower() == "bearer" else None',
                'if scheme.lower() == "bearer" else environ.get("QUERY_STRING", "").partition("token=")[2] or None',
            ),
        ),
        tests=(CHECK + "test_forged_requests.py::test_a_token_in_the_query_is_ignored",),
    ),
    Mutation(
        "the page to return to is decoded",
        rows=("proxy 22",),
        edits=(
            Edit(
                "daypass/web/forward_auth/nginx.py",
                "from typing import TYPE_CHECKING",
                "from typing import TYPE_CHECKING\nfrom urllib.parse import unquote",
            ),
            Edit(
                "daypass/web/forward_auth/nginx.py",
                "sign_in_url(runtime, requested_url(environ), _method(environ))",
                "unquote(unquote(sign_in_url(runtime, requested_url(environ), _method(environ))))",
            ),
        ),
        tests=(ATTACKS + "test_22_line_ends_and_foreign_letters_make_no_header",),
    ),
    Mutation(
        "nginx passes on a header that apps trust",
        rows=("proxy 23",),
        edits=(Edit(NGINX, '        proxy_set_header X-WEBAUTH-USER "";\n', ""),),
        tests=(
            "tests/integration/proxies/test_forged_headers.py::test_no_spelling_of_a_forged_header_reaches_the_app",
        ),
    ),
    Mutation(
        "nginx passes on the scheme that the client claims",
        rows=("proxy 23",),
        edits=(Edit(NGINX, "X-Forwarded-Proto $scheme;", "X-Forwarded-Proto $http_x_forwarded_proto;"),),
        tests=(
            "tests/integration/proxies/test_forged_headers.py::"
            "test_the_address_the_host_and_the_scheme_are_the_proxys_own",
        ),
    ),
    Mutation(
        "nginx cuts off a silent WebSocket",
        rows=("proxy 24",),
        edits=(Edit(NGINX, "proxy_read_timeout 1h;", "proxy_read_timeout 2s;"),),
        tests=(
            "tests/integration/proxies/test_slow_clients.py::"
            "test_a_silent_websocket_and_a_slow_download_may_last_longer_than_all_limits[nginx]",
        ),
    ),
    Mutation(
        "nginx waits for headers as long as they take",
        rows=("proxy 24",),
        edits=(Edit(NGINX, "client_header_timeout 10s;", "client_header_timeout 10m; # client_header_timeout 10s"),),
        tests=(
            "tests/integration/proxies/test_slow_clients.py::test_a_connection_whose_headers_do_not_arrive_is_closed[nginx-nothing]",
        ),
    ),
    Mutation(
        "nginx accepts longer headers than Daypass",
        rows=("proxy 25",),
        edits=(Edit(NGINX, "large_client_header_buffers 2 7k;", "large_client_header_buffers 4 32k;"),),
        tests=("tests/integration/proxies/test_oversized_headers.py::test_headers_of_any_size_are_served_or_refused",),
    ),
    Mutation(
        "nginx counts no attempts to sign in",
        rows=("proxy 26",),
        edits=(Edit(NGINX, "    limit_req zone=daypass_sign_in burst=30 nodelay;\n", ""),),
        tests=(
            "tests/integration/proxies/test_sign_in_limit.py::test_attempts_beyond_the_burst_are_429_and_none_before",
        ),
    ),
]
