"""Mutations of the limits on wrong passwords: ASVS 6.1.1 and 6.3.1, and the attacks T1 to T11."""

from tests.mutations.mutation import Edit, Mutation

LIMITS = "daypass/accounts/password_limits.py"
ATTEMPTS = "daypass/throttling/attempts.py"
CREDENTIALS = "daypass/accounts/credentials.py"
CLIENT = "daypass/web/client.py"
DEVICE_COOKIE = "daypass/web/device_cookie.py"
SIGN_IN = "tests/web/pages/test_sign_in_limits.py::"
RATES = "tests/throttling/test_attempts.py::"
ADDRESSES = "tests/net/test_client_address.py::"
BY_ADDRESS = SIGN_IN + "test_an_address_gets_its_number_of_guesses_and_then_429_whatever_it_sends[sqlite]"
BY_ACCOUNT = SIGN_IN + "test_of_guesses_from_many_addresses_only_the_number_of_the_account_is_compared[sqlite]"
BY_SESSION = SIGN_IN + "test_a_stolen_session_gets_its_number_of_guesses_at_every_form[sqlite-/account/password-form0]"
THROTTLED = SIGN_IN + "test_to_strangers_a_throttled_account_looks_like_a_wrong_password[sqlite]"
MANY_NAMES = SIGN_IN + "test_one_password_for_many_names_is_limited_too[sqlite]"
KNOWN_BROWSER = SIGN_IN + "test_a_known_browser_has_a_limit_of_its_own[sqlite]"
START = "attempt = limits.start(db, account_id)\n    matches = _verify(db, hasher, attempt, stored, password)"
NOT_ALLOWED = '    if not attempt.allowed:\n        raise WrongCredentials("too many attempts", account_id)\n'
UNBOUNDED = " or (limit.unbounded and _full_at(db, limit) is None and _is_full(db))"
OF_DEVICE = 'return Limit("device", origin.device_id, settings.limit_device), None'
OF_SESSION = 'return Limit("session", origin.session_id, settings.limit_device), None'

MUTATIONS = [
    Mutation(
        "the defaults are not those of the documents",
        rows=("6.1.1",),
        edits=(
            Edit(
                "daypass/settings/definitions.py", "Rate(10, timedelta(minutes=15))", "Rate(100, timedelta(minutes=15))"
            ),
        ),
        tests=("tests/security/test_security_tables.py::test_the_documented_limits_are_the_defaults",),
    ),
    Mutation(
        "guesses from one address are not limited",
        rows=("6.1.1", "6.3.1", "T1", "T3", "T7"),
        edits=(Edit(LIMITS, "settings.limit_address if owner else None", "None"),),
        tests=(
            BY_ADDRESS,
            MANY_NAMES,
            SIGN_IN + "test_the_guesses_of_all_processes_count_together_and_a_restart_forgets_none[sqlite]",
        ),
    ),
    Mutation(
        "a throttled client learns the right password",
        rows=("6.1.1", "6.3.1", "T1"),
        edits=(
            Edit(
                CREDENTIALS,
                "    attempt = limits.start(db, account_id)\n",
                "    try:\n        attempt = limits.start(db, account_id)\n    except TooManyAttempts:\n"
                "        if not hasher.verify(stored, password):\n            raise\n        attempt = Attempt(())\n",
            ),
            Edit(CREDENTIALS, "import Busy\n", "import Busy, TooManyAttempts\n"),
        ),
        tests=(BY_ADDRESS,),
    ),
    Mutation(
        "browsers do not learn when to try again",
        rows=("6.1.1", "6.3.1", "T1"),
        edits=(
            Edit(
                "daypass/web/pages/sign_in.py", '        response.headers["Retry-After"] = str(error.retry_after)\n', ""
            ),
        ),
        tests=(BY_ADDRESS,),
    ),
    Mutation(
        "programs do not learn when to try again",
        rows=("T1",),
        edits=(Edit("daypass/web/errors.py", 'response.headers["Retry-After"] = str(retry_after)', "pass"),),
        tests=(SIGN_IN + "test_a_program_is_told_too[sqlite]",),
    ),
    Mutation(
        "guesses for one account are not limited",
        rows=("T2",),
        edits=(Edit(LIMITS, "settings.limit_account)", "None)"),),
        tests=(BY_ACCOUNT, THROTTLED),
    ),
    Mutation(
        "strangers sign in with the right password to a throttled account",
        rows=("T2",),
        edits=(
            Edit(CREDENTIALS, NOT_ALLOWED, ""),
            Edit(
                CREDENTIALS,
                "hasher.verify(stored if attempt.allowed else None, password)",
                "hasher.verify(stored, password)",
            ),
        ),
        tests=(BY_ACCOUNT, THROTTLED),
    ),
    Mutation(
        "strangers see that an account is throttled",
        rows=("T2",),
        edits=(
            Edit(LIMITS, "return Attempt((own,), allowed=False)", 'raise TooManyAttempts("account", 60)'),
            Edit(
                LIMITS,
                "import queue_owner\n",
                "import queue_owner\nfrom daypass.throttling.errors import TooManyAttempts\n",
            ),
        ),
        tests=(THROTTLED,),
    ),
    Mutation(
        "strangers lock the owner out",
        rows=("6.1.1", "T2"),
        edits=(Edit(LIMITS, "if origin.device_id and account_id and ", "if False and "),),
        tests=(
            SIGN_IN + "test_the_owner_gets_in_from_a_known_browser_while_strangers_guess[sqlite]",
            KNOWN_BROWSER,
        ),
    ),
    Mutation(
        "a known browser may guess without limit",
        rows=("T2",),
        edits=(Edit(LIMITS, OF_DEVICE, OF_DEVICE.replace("settings.limit_device", "None")),),
        tests=(KNOWN_BROWSER,),
    ),
    Mutation(
        "a browser is known to all accounts",
        rows=("T2",),
        edits=(
            Edit(
                "daypass/accounts/devices.py",
                "where(Device.id == device_id, Device.account_id == account_id)",
                "where(Device.id == device_id)",
            ),
        ),
        tests=(SIGN_IN + "test_a_browser_is_known_only_to_the_account_that_signed_in_there[sqlite]",),
    ),
    Mutation(
        "the signature of a device's token is not checked",
        rows=("T2",),
        edits=(
            Edit(
                DEVICE_COOKIE,
                "    except InvalidToken:\n        return None\n",
                '    except InvalidToken:\n        unverified = {"verify_signature": False}\n'
                '        return str(jwt.decode(text, options=unverified)["sid"])\n',
            ),
            Edit(DEVICE_COOKIE, "from flask import request", "import jwt\nfrom flask import request"),
        ),
        tests=(SIGN_IN + "test_a_forged_device_is_unknown[sqlite-changed]",),
    ),
    Mutation(
        "browsers stay known after a change of the password",
        rows=("T2",),
        edits=(Edit("daypass/accounts/accounts.py", "    devices.forget_all(db, account.id)\n", ""),),
        tests=(SIGN_IN + "test_a_new_password_forgets_all_browsers_but_the_one_in_use[sqlite]",),
    ),
    Mutation(
        "guesses with unknown names are not counted",
        rows=("T3",),
        edits=(
            Edit(
                CREDENTIALS,
                "limits.start(db, account_id)",
                "limits.start(db, account_id) if account_id else Attempt(())",
            ),
        ),
        tests=(MANY_NAMES,),
    ),
    Mutation(
        "the client is the leftmost hop",
        rows=("T4",),
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
                CLIENT, "if forwarded_for is None or not is_from_trusted_proxy(settings):", "if forwarded_for is None:"
            ),
        ),
        tests=(
            ADDRESSES + "test_headers_from_an_untrusted_address_are_ignored",
            SIGN_IN + "test_an_address_that_the_client_invents_makes_no_difference[sqlite]",
        ),
    ),
    Mutation(
        "each address of an IPv6 network counts for itself",
        rows=("T5",),
        edits=(Edit("daypass/throttling/fair_queue.py", "ip_network((parsed, 64)", "ip_network((parsed, 128)"),),
        tests=(SIGN_IN + "test_addresses_of_one_ipv6_network_are_one[sqlite]",),
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
                'set_={"full_at": full_at}, where=full_at <= now + limit.rate.period_ms',
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
                "case((Throttle.full_at > now, Throttle.full_at), else_=now) + limit",
                "Throttle.full_at + limit",
            ),
        ),
        tests=(RATES + "test_attempts_come_back_one_by_one[sqlite]",),
    ),
    Mutation(
        "each process counts for itself",
        rows=("6.3.1", "T7"),
        edits=(
            Edit(ATTEMPTS, "values(key=limit.key, full_at", 'values(key=f"{limit.key} {id(db.get_bind())}", full_at'),
            Edit(
                ATTEMPTS,
                "select(Throttle.full_at).where(Throttle.key == limit.key)",
                'select(Throttle.full_at).where(Throttle.key == f"{limit.key} {id(db.get_bind())}")',
            ),
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
        rows=("T8", "E3"),
        edits=(Edit("daypass/accounts/names.py", "return name.lower()", "return name"),),
        tests=(
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
        edits=(Edit(ATTEMPTS, "full_at=Throttle.full_at - limit.rate.interval_ms)", "full_at=0)"),),
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
        rows=("T11",),
        edits=(Edit(ATTEMPTS, UNBOUNDED, ""),),
        tests=(RATES + "test_addresses_fill_a_bounded_table_and_lock_nobody_out[sqlite]",),
    ),
    Mutation(
        "a full table locks everybody out",
        rows=("T11",),
        edits=(
            Edit(
                ATTEMPTS,
                "    now = _now_ms(db)\n    full_at = case(",
                "    if limit.unbounded and _has_row(db, MAX_ROWS):\n        return False\n"
                "    now = _now_ms(db)\n    full_at = case(",
            ),
            Edit(ATTEMPTS, UNBOUNDED, ""),
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
