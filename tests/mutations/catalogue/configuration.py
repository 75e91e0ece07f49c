"""Mutations of the configuration: ASVS V13."""

from tests.mutations.mutation import Edit, Mutation

SETTINGS = "tests/settings/test_settings.py::"
FILES = "tests/static_site/test_files.py::"
RESPONSES = "tests/web/test_every_response.py::"
HEALTH = "tests/web/pages/test_health.py::"
METRICS = "tests/metrics/test_metrics.py::"
ROUTES = "tests/web/test_every_route.py::"
SITE = "daypass/static_site/files.py"
SECRET_FILE = "daypass/settings/secret_key_file.py"
DEFINITIONS = "daypass/settings/definitions.py"
PLAIN = 'name != "" and not name.startswith(".") and not FORBIDDEN_CHARACTERS.search(name) and ambiguity(name) is None'

MUTATIONS = [
    Mutation(
        "a machine serves all networks",
        rows=("13.2.3",),
        edits=(Edit(DEFINITIONS, '] = "127.0.0.1"', '] = "0.0.0.0"'),),
        tests=(SETTINGS + "test_the_defaults_serve_one_machine_on_loopback",),
    ),
    Mutation(
        "a missing secret is the same everywhere",
        rows=("13.3.1",),
        edits=(
            Edit(SECRET_FILE, "_write_once(path, secrets.token_hex(32))", '_write_once(path, "0123456789abcdef" * 4)'),
        ),
        tests=(SETTINGS + "test_every_database_gets_a_secret_of_its_own",),
    ),
    Mutation(
        "a generated secret can be read by everyone",
        rows=("13.3.1", "13.3.2"),
        edits=(
            Edit(SECRET_FILE, "os.O_EXCL, 0o600)", "os.O_EXCL, 0o644)"),
            Edit(SECRET_FILE, "if path.stat().st_mode & 0o077:", "if False:"),
        ),
        tests=(
            SETTINGS + "test_a_secret_is_made_that_only_its_owner_can_read_and_kept",
            SETTINGS + "test_a_secret_that_others_can_reach_is_refused",
            "tests/test_startup.py::test_the_database_and_the_secret_can_be_read_by_their_owner_alone",
        ),
    ),
    Mutation(
        "the database can be read by everyone",
        rows=("13.3.2",),
        edits=(
            Edit("daypass/database/schema.py", "os.O_CREAT | os.O_RDONLY, 0o600)", "os.O_CREAT | os.O_RDONLY, 0o644)"),
        ),
        tests=("tests/test_startup.py::test_the_database_and_the_secret_can_be_read_by_their_owner_alone",),
    ),
    Mutation(
        "a key shows its secret",
        rows=("13.3.2",),
        edits=(Edit("daypass/keys/signing_key.py", "PrivateKey = field(repr=False)", "PrivateKey = field()"),),
        tests=("tests/keys/test_signing_key.py::test_a_secret_is_not_shown_with_its_key[HS256]",),
    ),
    Mutation(
        "hidden files are served",
        rows=("13.4.1",),
        edits=(Edit(SITE, PLAIN, PLAIN.replace('not name.startswith(".")', 'name not in (".", "..")')),),
        tests=(FILES + "test_hidden_files_are_not_served",),
    ),
    Mutation(
        "ambiguous names are served",
        rows=("13.4.1",),
        edits=(Edit(SITE, " and ambiguity(name) is None", ""),),
        tests=(FILES + "test_a_name_that_some_software_reads_otherwise_is_not_served",),
    ),
    Mutation(
        "links out of the folder are followed",
        rows=("13.4.1",),
        edits=(
            Edit(
                SITE,
                "    return _open_real(root, inside, names[-1], _url_path(inside, path), encodings)",
                "    opened = os.open(os.path.join(root, *names), os.O_RDONLY)\n"
                "    return _page(opened, os.fstat(opened), names[-1], path)",
            ),
            Edit(SITE, "        return NotServed.OUTSIDE\n    if not all", "        inside = ()\n    if not all"),
        ),
        tests=(FILES + "test_a_link_that_leaves_the_folder_is_not_followed",),
    ),
    Mutation(
        "paths may lead out of the folder",
        rows=("13.4.1",),
        edits=(
            Edit(SITE, PLAIN, 'name != ""'),
            Edit(SITE, "joined = safe_join(root, *names)", "joined = os.path.join(root, *names)"),
            Edit(
                SITE,
                "    return real.relative_to(root).parts if real and real.is_relative_to(root) else None",
                "    return tuple(os.path.relpath(real, root).split('/')) if real else None",
            ),
        ),
        tests=(FILES + "test_no_spelling_of_a_path_leaves_the_folder", FILES + "test_hidden_files_are_not_served"),
    ),
    Mutation(
        "a name may become a link while it is read",
        rows=("13.4.1",),
        edits=(
            Edit(SITE, "os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK", "os.O_RDONLY | os.O_NONBLOCK"),
            Edit(
                SITE, "O_SEARCH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=at)", "O_SEARCH | os.O_DIRECTORY, dir_fd=at)"
            ),
        ),
        tests=(FILES + "test_a_name_that_becomes_a_link_while_it_is_read_does_not_leave_the_folder",),
    ),
    Mutation(
        "dots in the path of a file are resolved",
        rows=("13.4.1",),
        edits=(
            Edit(
                SITE,
                '    *above, last = path.split("/")\n',
                '    *above, last = os.path.normpath(f"/{path}").strip("/").split("/")\n',
            ),
        ),
        tests=(FILES + "test_the_file_served_is_the_one_that_a_simple_reading_finds",),
    ),
    Mutation(
        "a site may contain the database",
        rows=("13.4.1",),
        edits=(
            Edit(
                "daypass/settings/environment.py",
                "    if settings.site and _holds_database(settings.site, settings.database_url):",
                "    if False:",
            ),
        ),
        tests=(SETTINGS + "test_a_site_that_has_the_database_in_it_is_refused",),
    ),
    Mutation(
        "stray files of the project are served",
        rows=("13.4.1", "13.4.3"),
        edits=(
            Edit(
                "daypass/web/pages/members.py",
                '@pages.get("/members")\n',
                '@pages.get("/static/")\n'
                "def listing() -> str:\n"
                "    import os\n\n"
                '    return "\\n".join(os.listdir("static"))\n\n\n'
                '@pages.get("/members")\n',
            ),
        ),
        tests=(RESPONSES + "test_no_stray_file_is_served",),
    ),
    Mutation(
        "a folder is listed",
        rows=("13.4.3",),
        edits=(
            Edit(
                SITE,
                "            os.close(opened)\n            return None if",
                "            if stat.S_ISDIR(status.st_mode):\n"
                '                listing = os.memfd_create("listing")\n'
                '                os.write(listing, "\\n".join(os.listdir(opened)).encode())\n'
                "                return OpenFile(io.FileIO(listing), name, path, 0, 0)\n"
                "            os.close(opened)\n            return None if",
            ),
        ),
        tests=(FILES + "test_a_missing_file_is_not_found_and_no_folder_is_listed",),
    ),
    Mutation(
        "the server has a debugger",
        rows=("13.4.2",),
        edits=(
            Edit(
                "daypass/program/serving.py",
                "    app = create_app()\n",
                "    app = create_app()\n"
                "    from werkzeug.debug import DebuggedApplication\n\n"
                "    app.wsgi_app = DebuggedApplication(app.wsgi_app, evalex=True)\n",
            ),
        ),
        tests=("tests/test_startup.py::test_the_server_has_no_debugger",),
    ),
    Mutation(
        "the settings show their secret",
        rows=("13.3.2",),
        edits=(
            Edit(
                DEFINITIONS,
                '    ] = field(default="", repr=False)\n    secret_key_fallbacks',
                '    ] = ""\n    secret_key_fallbacks',
            ),
        ),
        tests=(SETTINGS + "test_the_secret_is_not_shown_with_the_settings",),
    ),
    Mutation(
        "metrics have the paths of requests",
        rows=("13.4.5",),
        edits=(
            Edit(
                "daypass/web/request_metrics.py",
                "    return blueprint if dot else",
                "    return request.path if dot else",
            ),
        ),
        tests=(METRICS + "test_no_metric_has_a_secret_a_name_or_a_path",),
    ),
    Mutation(
        "an error page shows the exception",
        rows=("13.4.2", "16.3.4"),
        edits=(
            Edit(
                "daypass/web/errors.py",
                "    return _error_response(500, *SERVER_ERROR, error_id=request_id(request.environ))",
                "    return _error_response(500, SERVER_ERROR[0], repr(error), error_id=request_id(request.environ))",
            ),
        ),
        tests=(RESPONSES + "test_an_exception_shows_only_its_id_and_the_log_has_the_rest",),
    ),
    Mutation(
        "an unexpected error is not logged",
        rows=("16.3.4",),
        edits=(
            Edit(
                "daypass/web/errors.py",
                '    log.error("request %s failed", request_id(request.environ), exc_info=error)\n',
                "",
            ),
        ),
        tests=(RESPONSES + "test_an_exception_shows_only_its_id_and_the_log_has_the_rest",),
    ),
    Mutation(
        "TRACE echoes the request",
        rows=("13.4.4",),
        edits=(
            Edit(
                "daypass/web/pages/home.py",
                "pages = Blueprint(",
                "def _echo() -> str | None:\n"
                '    return str(request.headers) if request.method == "TRACE" else None\n\n\n'
                "pages = Blueprint(",
            ),
            Edit("daypass/web/pages/home.py", "\n\n@pages.get(", "\npages.before_app_request(_echo)\n\n\n@pages.get("),
        ),
        tests=(
            ROUTES + "test_trace_is_refused_everywhere_and_echoes_nothing",
            ROUTES + "test_trace_is_refused_at_the_first_page",
        ),
    ),
    Mutation(
        "anyone may read the metrics",
        rows=("13.4.5",),
        edits=(
            Edit(
                "daypass/web/pages/metrics.py",
                "    if not hmac.compare_digest(",
                "    if False and not hmac.compare_digest(",
            ),
        ),
        tests=(METRICS + "test_without_the_right_token_there_is_no_such_page",),
    ),
    Mutation(
        "the health check reveals the version",
        rows=("13.4.5",),
        edits=(Edit("daypass/web/pages/health.py", 'jsonify(status="up")', 'jsonify(status="up", version="1")'),),
        tests=(HEALTH + "test_a_process_that_is_up_says_so_and_nothing_else",),
    ),
    Mutation(
        "the readiness check reveals the database",
        rows=("13.4.5",),
        edits=(
            Edit(
                "daypass/web/pages/health.py",
                "**checks), 200 if ready",
                "**checks, url=str(current_runtime().engine.url)), 200 if ready",
            ),
        ),
        tests=(HEALTH + "test_a_process_that_can_let_people_in_is_ready",),
    ),
]
