"""Mutations of errors and faults: ASVS 16.5."""

from tests.mutations.forgeries import refused
from tests.mutations.mutation import Edit, Mutation

WITHOUT = "tests/web/test_without_database.py::"
REVOCATION = "tests/sessions/test_revocation.py::"
MAIL = "tests/mail/test_delivery.py::"
OUTBOX = "daypass/mail/outbox.py"

MUTATIONS = [
    Mutation(
        "each forged token has its own message",
        rows=("16.5.1",),
        edits=(
            Edit(
                "daypass/tokens/errors.py",
                "super().__init__(reason, message=fault.value)",
                "super().__init__(reason, message=reason)",
            ),
        ),
        tests=refused(5, 48, 57),
    ),
    Mutation(
        "a program gets a page for an error",
        rows=("16.5.1",),
        edits=(
            Edit(
                "daypass/web/problems.py",
                '    document: dict[str, Any] = {"type"',
                "    if status in (404, 500):\n"
                '        return Response(f"<p>{title}</p>", status)\n'
                '    document: dict[str, Any] = {"type"',
            ),
        ),
        tests=("tests/web/test_every_response.py::test_errors_are_pages_for_browsers_and_problems_for_programs",),
    ),
    Mutation(
        "keys of an issuer that cannot be reached are used for ever",
        rows=("16.5.2",),
        edits=(
            Edit(
                "daypass/keys/remote_keys.py",
                "if self._ring is None or self._clock() - self._fetched_at > STALE_SECONDS:",
                "if self._ring is None:",
            ),
        ),
        tests=("tests/keys/test_remote_keys.py::test_the_keys_are_used_for_an_hour_without_the_issuer",),
    ),
    Mutation(
        "a mail whose server is down is lost",
        rows=("16.5.2",),
        edits=(Edit(OUTBOX, "    if permanent or attempt > len(PAUSES):", "    if permanent or attempt:"),),
        tests=(MAIL + "test_a_mail_waits_for_a_server_that_is_down",),
    ),
    Mutation(
        "a mail has no lease",
        rows=("16.5.2",),
        edits=(Edit(OUTBOX, "        mail.next_attempt_at = db.scalars(select(database_now())).one() + LEASE\n", ""),),
        tests=(MAIL + "test_of_many_processes_one_sends_each_mail",),
    ),
    Mutation(
        "without the database nobody is signed in",
        rows=("16.5.2",),
        edits=(
            Edit(
                "daypass/web/verdict.py",
                "    except ServiceUnavailable as error:\n        return error\n",
                "    except ServiceUnavailable as error:\n"
                "        return Refusal(InvalidToken(error.reason, TokenFault.ENDED), from_cookie=True)\n",
            ),
        ),
        tests=(WITHOUT + "test_every_gated_route_is_unavailable", WITHOUT + "test_no_session_is_reported_as_ended"),
    ),
    Mutation(
        "an unreachable database is an error of ours",
        rows=("16.5.2",),
        edits=(
            Edit(
                "daypass/web/errors.py",
                '    return on_daypass_error(ServiceUnavailable(f"database: {type(error).__name__}"))',
                "    return on_unexpected_error(error)",
            ),
        ),
        tests=(WITHOUT + "test_nobody_signs_in_or_gets_an_account",),
    ),
    Mutation(
        "the key ring is asked for inside a transaction",
        rows=("16.5.2",),
        edits=(
            Edit(
                "daypass/web/own_session_acts.py",
                "        named = lifecycle.rename(",
                "        current_runtime().keys.current()\n        named = lifecycle.rename(",
            ),
            Edit("daypass/database/replica.py", "        if in_write_transaction():", "        if False:"),
        ),
        tests=(
            "tests/web/test_transactions_in_views.py::test_no_view_reads_a_body_or_asks_the_gate_inside_a_write_transaction",
        ),
    ),
    Mutation(
        "the replica is used without end",
        rows=("16.5.2", "16.5.3", "H14"),
        edits=(
            Edit(
                "daypass/database/replica.py", "        if now - self._confirmed_at > self._grace:", "        if False:"
            ),
        ),
        tests=(
            REVOCATION + "test_a_file_that_is_not_a_database_makes_the_gate_unavailable",
            REVOCATION + "TestWithoutGrace::test_the_gate_is_unavailable_until_the_rows_can_be_read_again",
            REVOCATION + "test_a_missing_database_makes_the_gate_unavailable",
        ),
    ),
]
