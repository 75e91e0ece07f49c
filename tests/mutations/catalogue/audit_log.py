"""Mutations of the audit log: ASVS 16.1 to 16.4."""

from tests.mutations.mutation import Edit, Mutation

EVENTS = "tests/audit/test_events.py::"
RESPONSES = "tests/web/test_every_response.py::"
PAGES = "tests/web/pages/test_events_page.py::"
SIGN_IN = "tests/web/pages/test_sign_in_page.py::test_each_event_is_logged_without_secrets"
SERVER_LOG = "tests/program/test_log.py::"
COMMAND = "tests/cli/test_users_command.py::test_every_change_is_an_event_without_the_password"
ENTRY = "daypass/audit/entry.py"
EXPORT = "daypass/audit/export.py"
LIMIT = "daypass/audit/line_rate_limit.py"
AUDIT = "daypass/web/audit.py"
EVENT_MACROS = "templates/daypass/macros/events.html"
FACTS = '        "method": environ["REQUEST_METHOD"][:16],\n'

MUTATIONS = [
    Mutation(
        "an event is not documented",
        rows=("16.1.1",),
        edits=(
            Edit(
                "daypass/audit/events.py",
                '    TOKEN_REFUSED = "token_refused"\n',
                '    TOKEN_REFUSED = "token_refused"\n    UNHEARD_OF = "unheard_of"\n',
            ),
        ),
        tests=("tests/security/test_security_tables.py::test_the_list_of_events_is_that_of_the_code",),
    ),
    Mutation(
        "an event has no address",
        rows=("16.2.1",),
        edits=(Edit(AUDIT, '        "address": client_address(environ, settings),\n', ""),),
        tests=(EVENTS + "test_an_event_describes_its_request",),
    ),
    Mutation(
        "an event has no outcome",
        rows=("16.2.1",),
        edits=(Edit(ENTRY, ', "event": self.event, "outcome": self.outcome}', ', "event": self.event}'),),
        tests=(EVENTS + "test_an_event_is_one_json_line",),
    ),
    Mutation(
        "the times of events have no offset",
        rows=("16.2.2",),
        edits=(Edit(ENTRY, "    now = datetime.now(UTC)\n", "    now = datetime.now()\n"),),
        tests=(EVENTS + "test_the_time_of_an_event_is_in_utc",),
    ),
    Mutation(
        "the times of other lines have no offset",
        rows=("16.2.2",),
        edits=(
            Edit(
                "daypass/program/log.py",
                "datetime.fromtimestamp(record.created, UTC)",
                "datetime.fromtimestamp(record.created)",
            ),
        ),
        tests=(SERVER_LOG + "test_every_line_of_the_real_server_has_its_time_and_a_flood_of_503s_is_limited",),
    ),
    Mutation(
        "a stored event lacks its request",
        rows=("16.2.4",),
        edits=(Edit(EXPORT, '        "request": row.request_id,\n', '        "request": None,\n'),),
        tests=("tests/cli/test_audit_command.py::test_json_has_all_facts",),
    ),
    Mutation(
        "a download ignores the filter",
        rows=("16.2.4",),
        edits=(
            Edit(
                "daypass/web/pages/events.py",
                "        for row in queries.iterate(db, which):",
                "        for row in queries.iterate(db, EventFilter()):",
            ),
        ),
        tests=(PAGES + "TestDownloads::test_both_have_every_row_of_the_filter",),
    ),
    Mutation(
        "the address is at the end of a line",
        rows=("16.2.4",),
        edits=(
            Edit(
                ENTRY,
                "return json.dumps(first | ordered | dict(self.facts)",
                "return json.dumps(dict(self.facts) | first",
            ),
        ),
        tests=("tests/integration/test_fail2ban.py::test_failed_sign_ins_are_found_and_others_are_not",),
    ),
    Mutation(
        "events have the form",
        rows=("16.2.5",),
        edits=(Edit(AUDIT, FACTS, f'{FACTS}        "form": str(request.form),\n'),),
        tests=(SIGN_IN,),
    ),
    Mutation(
        "events have the cookie",
        rows=("16.2.5",),
        edits=(Edit(AUDIT, FACTS, f'{FACTS}        "cookie": environ.get("HTTP_COOKIE"),\n'),),
        tests=(
            SIGN_IN,
            "tests/security/test_forgeries.py::test_no_forgery_is_accepted[HS256-07-claims-changed-cookie]",
        ),
    ),
    Mutation(
        "a sign-out is no event",
        rows=("16.3.1",),
        edits=(
            Edit(
                "daypass/audit/trail.py",
                "        entry = new_entry(event, outcome, facts)\n",
                "        if event is Event.SIGN_OUT:\n            return\n"
                "        entry = new_entry(event, outcome, facts)\n",
            ),
        ),
        tests=(SIGN_IN,),
    ),
    Mutation(
        "a refused token is no event",
        rows=("16.3.2", "16.3.3"),
        edits=(
            Edit(
                "daypass/web/verdict.py",
                "        record_refusal(runtime, environ, Event.TOKEN_REFUSED, reason=found.error.reason)\n",
                "",
            ),
        ),
        tests=(RESPONSES + "test_a_refusal_is_one_line_with_its_reason",),
    ),
    Mutation(
        "a missing role is no event",
        rows=("16.3.2",),
        edits=(
            Edit(
                "daypass/web/verdict.py",
                "        record_refusal(runtime, environ, Event.ROLE_MISSING, account=claims.subject, reason=role)\n",
                "",
            ),
        ),
        tests=("tests/test_gate.py::test_a_missing_role_is_one_line[sqlite]",),
    ),
    Mutation(
        "a request from another site is no event",
        rows=("16.3.3",),
        edits=(
            Edit(
                "daypass/web/csrf.py",
                '    audit.record(Event.CROSS_SITE_REFUSED, "failure", reason=_reported_origin(environ))\n',
                "",
            ),
        ),
        tests=(RESPONSES + "test_a_refusal_is_one_line_with_its_reason",),
    ),
    Mutation(
        "a flood is not limited",
        rows=("16.3.3",),
        edits=(Edit(LIMIT, "        return count <= self._max_lines", "        return True"),),
        tests=(
            EVENTS + "test_a_flood_is_limited_per_event",
            SERVER_LOG + "test_a_flood_is_limited_per_place_in_the_code",
        ),
    ),
    Mutation(
        "lines that a flood dropped are not counted",
        rows=("16.3.3",),
        edits=(Edit(LIMIT, "        return dropped\n", "        return 0\n"),),
        tests=(EVENTS + "test_the_next_minute_has_the_number_of_missing_lines",),
    ),
    Mutation(
        "hostile text is not escaped in a line",
        rows=("16.4.1",),
        edits=(
            Edit(
                ENTRY,
                "return json.dumps(first | ordered | dict(self.facts), ensure_ascii=True)",
                'return json.dumps(first | ordered | dict(self.facts), ensure_ascii=False).replace("\\\\n", "\\n")',
            ),
        ),
        tests=(
            EVENTS + "test_hostile_text_stays_on_its_line_and_comes_back_whole",
            EVENTS + "test_a_hostile_request_stays_on_its_line",
        ),
    ),
    Mutation(
        "a cell may be a formula",
        rows=("16.4.1",),
        edits=(Edit(EXPORT, "if text.startswith(FORMULA) else text", "if False else text"),),
        tests=("tests/audit/test_export.py::test_no_cell_is_a_formula",),
    ),
    Mutation(
        "all events are for everyone",
        rows=("16.4.2",),
        edits=(
            Edit(
                "daypass/web/pages/events.py",
                "@token_required(role=accounts.ADMIN)\ndef list_events",
                "@token_required\ndef list_events",
            ),
        ),
        tests=(PAGES + "test_only_administrators_see_all_events",),
    ),
    Mutation(
        "the events of others are shown",
        rows=("16.4.2",),
        edits=(Edit("daypass/web/pages/own_events.py", "EventFilter(concerns=own_id)", "EventFilter()"),),
        tests=(PAGES + "TestOwnEvents::test_only_own_events_are_shown",),
    ),
    Mutation(
        "the content of rows is not verified",
        rows=("16.4.2",),
        edits=(
            Edit(
                "daypass/audit/verification.py",
                "    if not hmac.compare_digest(row.mac, row_mac(key, row, previous)):",
                "    if not row.mac:",
            ),
        ),
        tests=("tests/audit/test_chain.py::test_a_changed_row_is_found",),
    ),
    Mutation(
        "hostile text of an event is markup",
        rows=("16.4.1",),
        edits=(
            Edit(
                EVENT_MACROS,
                "<small>{{ event.browser }}</small>",
                "<small>{{ event.browser | safe }}</small>",
            ),
            Edit(
                EVENT_MACROS,
                "<small>{{ event.path }}</small>",
                "<small>{{ event.path | safe }}</small>",
            ),
            Edit(EVENT_MACROS, '| select | join(", ") }}', '| select | join(", ") | safe }}'),
        ),
        tests=(PAGES + "TestOwnEvents::test_hostile_text_is_escaped",),
    ),
    Mutation(
        "changes on the command line are no events",
        rows=("16.3.1",),
        edits=(Edit("daypass/cli/users.py", "    terminal_events.record(event, account=account_id)\n", ""),),
        tests=(COMMAND,),
    ),
]
