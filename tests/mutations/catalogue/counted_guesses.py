"""Mutations of how guesses are counted: ASVS 6.2.3 and 6.3.1, and the attacks T4 to T11."""

from tests.mutations.mutation import Edit, Mutation

LIMITS = "daypass/accounts/password_limits.py"
ATTEMPTS = "daypass/throttling/attempts.py"
CREDENTIALS = "daypass/accounts/credentials.py"
CLIENT = "daypass/web/client.py"
SIGN_IN = "tests/web/pages/test_sign_in_limits.py::"
RATES = "tests/throttling/test_attempts.py::"
ADDRESSES = "tests/net/test_client_address.py::"
BY_SESSION = SIGN_IN + "test_a_stolen_session_gets_its_number_of_guesses_at_every_form[sqlite-/account/password-form0]"
START = "attempt = limits.start(db, account_id)\n    matches = _verify(db, hasher, attempt, stored, password)"
UNBOUNDED = "    if limit.unbounded and full_at is None and _is_full(db):\n        return True\n"
OF_SESSION = 'return Limit("session", origin.session_id, settings.limit_device), None'

MUTATIONS = [
    Mutation(
        "the client is the leftmost hop",
        rows=("T4", "proxy 12"),
        edits=(
            Edit("daypass/net/client.py", 'in reversed(forwarded_for.split(",")):', 'in forwarded_for.split(","):'),
        ),
        tests=(ADDRESSES + "test_the_rightmost_hop_that_is_not_a_trusted_proxy_is_the_client",),
    ),
    Mutation(
        "everybody may report the address of a client",
        rows=("T4",),
        edits=(
            Edit(
                CLIENT,
                "if forwarded_for is None or not is_from_trusted_proxy(environ, settings):",
                "if forwarded_for is None:",
            ),
        ),
        tests=(
            ADDRESSES + "test_headers_from_an_untrusted_address_are_ignored",
            SIGN_IN + "test_an_address_that_the_client_invents_makes_no_difference[sqlite]",
        ),
    ),
    Mutation(
        "a guess is counted after it was compared",
        rows=("T6",),
        edits=(
            Edit(
                CREDENTIALS,
                START,
                "matches = hasher.verify(stored, password)\n    attempt = limits.start(db, account_id)",
            ),
        ),
        tests=(SIGN_IN + "test_fifty_parallel_guesses_do_not_pass_the_limit[sqlite]",),
    ),
    Mutation(
        "the limit is checked before the write transaction only",
        rows=("6.3.1", "T6"),
        edits=(
            Edit(
                ATTEMPTS,
                'set_={"full_at": full_at}, where=full_at <= now + period',
                'set_={"full_at": full_at}',
            ),
        ),
        tests=(
            RATES + "test_as_many_attempts_as_the_rate_allows_and_no_more[sqlite]",
            RATES + "test_parallel_attempts_in_several_processes_never_pass_the_limit[sqlite]",
        ),
    ),
    Mutation(
        "unused attempts add up",
        rows=("6.3.1",),
        edits=(
            Edit(
                ATTEMPTS,
                "case((Throttle.full_at > now, Throttle.full_at), else_=now) + interval",
                "Throttle.full_at + interval",
            ),
        ),
        tests=(RATES + "test_attempts_come_back_one_by_one[sqlite]",),
    ),
    Mutation(
        "each process counts for itself",
        rows=("6.3.1", "T7"),
        edits=(
            Edit(ATTEMPTS, '{"limit_key": limit.key, "now"', '{"limit_key": f"{limit.key} {id(db.get_bind())}", "now"'),
            Edit(ATTEMPTS, '{"limit_key": limit.key}', '{"limit_key": f"{limit.key} {id(db.get_bind())}"}'),
        ),
        tests=(SIGN_IN + "test_the_guesses_of_all_processes_count_together_and_a_restart_forgets_none[sqlite]",),
    ),
    Mutation(
        "each spelling of a name counts for itself",
        rows=("T8",),
        edits=(
            Edit(CREDENTIALS, "limits.start(db, account_id)", "limits.start(db, account_id and account_id + name)"),
        ),
        tests=(SIGN_IN + "test_every_spelling_of_a_name_is_one_account[sqlite]",),
    ),
    Mutation(
        "names in capital letters are names of their own",
        rows=("T8", "E3", "proxy 16"),
        edits=(Edit("daypass/accounts/names.py", "return name.lower()", "return name"),),
        tests=(
            "tests/accounts/test_accounts.py::test_an_account_is_found_by_any_spelling_of_its_name",
            "tests/accounts/test_accounts.py::test_a_name_has_one_spelling",
            "tests/web/pages/test_sign_up_page.py::TestSignup::test_a_name_that_is_taken_is_an_error_in_any_case[sqlite]",
        ),
    ),
    Mutation(
        "letters that look like ASCII are allowed in names",
        rows=("T8",),
        edits=(Edit("daypass/accounts/names.py", "if not name.isascii() or not NAME", "if not NAME"),),
        tests=("tests/accounts/test_accounts.py::test_a_name_outside_the_rules_is_refused",),
    ),
    Mutation(
        "a success clears the limits of its address",
        rows=("T9",),
        edits=(
            Edit(ATTEMPTS, 'full_at=Throttle.full_at - bindparam("interval")', 'full_at=0 * bindparam("interval")'),
        ),
        tests=(SIGN_IN + "test_a_guesser_with_an_account_of_their_own_gets_no_more_guesses[sqlite]",),
    ),
    Mutation(
        "right passwords are counted like wrong ones",
        rows=("T9",),
        edits=(Edit(CREDENTIALS, "    attempts.give_back(db, proof.taken)\n    return", "    return"),),
        tests=(SIGN_IN + "test_right_passwords_are_not_counted[sqlite]",),
    ),
    Mutation(
        "a session may guess without limit",
        rows=("6.2.3", "T10"),
        edits=(Edit(LIMITS, OF_SESSION, OF_SESSION.replace("settings.limit_device", "None")),),
        tests=(BY_SESSION,),
    ),
    Mutation(
        "one session's guesses lock the others out",
        rows=("T10",),
        edits=(Edit(LIMITS, OF_SESSION, OF_SESSION.replace("origin.session_id", '""')),),
        tests=(SIGN_IN + "test_guesses_of_one_session_leave_the_others_alone[sqlite]",),
    ),
    Mutation(
        "made-up names have limits of their own",
        rows=("T11",),
        edits=(Edit(CREDENTIALS, "limits.start(db, account_id)", "limits.start(db, account_id or name)"),),
        tests=(SIGN_IN + "test_made_up_names_leave_no_rows_of_their_own[sqlite]",),
    ),
    Mutation(
        "the table of limits grows with every address",
        rows=("T11", "proxy 17"),
        edits=(Edit(ATTEMPTS, UNBOUNDED, ""),),
        tests=(RATES + "test_addresses_fill_a_bounded_table_and_lock_nobody_out[sqlite]",),
    ),
    Mutation(
        "a full table locks everybody out",
        rows=("T11",),
        edits=(
            Edit(
                ATTEMPTS,
                UNBOUNDED,
                "    if limit.unbounded and _has_row(db, MAX_ROWS):\n        return False\n",
            ),
        ),
        tests=(RATES + "test_addresses_fill_a_bounded_table_and_lock_nobody_out[sqlite]",),
    ),
    Mutation(
        "a full table stays full",
        rows=("T11",),
        edits=(Edit(ATTEMPTS, "return _has_row(db, MAX_ROWS) and not prune(db)", "return _has_row(db, MAX_ROWS)"),),
        tests=(RATES + "test_a_full_table_makes_room_when_limits_are_unused_again[sqlite]",),
    ),
    Mutation(
        "limits in use are deleted",
        rows=("T11",),
        edits=(Edit(ATTEMPTS, "where(Throttle.full_at <= _now_ms(db)).limit", "limit"),),
        tests=(RATES + "test_maintenance_deletes_unused_limits_once_an_hour[sqlite]",),
    ),
    Mutation(
        "maintenance deletes no limits",
        rows=("T11",),
        edits=(Edit("daypass/maintenance.py", "            prune_limits(db)\n", ""),),
        tests=(RATES + "test_a_server_deletes_unused_limits_by_itself[sqlite]",),
    ),
]
