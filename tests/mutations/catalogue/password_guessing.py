"""Mutations of the limits on guesses: ASVS 6.1.1 and 6.3.1, and the attacks T1 to T3."""

from tests.mutations.mutation import Edit, Mutation

LIMITS = "daypass/accounts/password_limits.py"
LEGACY = "daypass/accounts/legacy.py"
HASHES = "daypass/accounts/foreign_hashes.py"
OLDER_SYSTEM = "tests/extension/test_legacy_check.py::"
CREDENTIALS = "daypass/accounts/credentials.py"
DEVICE_COOKIE = "daypass/web/device_cookie.py"
SIGN_IN = "tests/web/pages/test_sign_in_limits.py::"
BY_ADDRESS = SIGN_IN + "test_an_address_gets_its_number_of_guesses_and_then_429_whatever_it_sends[sqlite]"
BY_ACCOUNT = SIGN_IN + "test_of_guesses_from_many_addresses_only_the_number_of_the_account_is_compared[sqlite]"
THROTTLED = SIGN_IN + "test_to_strangers_a_throttled_account_looks_like_a_wrong_password[sqlite]"
MANY_NAMES = SIGN_IN + "test_one_password_for_many_names_is_limited_too[sqlite]"
KNOWN_BROWSER = SIGN_IN + "test_a_known_browser_has_a_limit_of_its_own[sqlite]"
NOT_ALLOWED = "    if not attempt.allowed:\n        raise WrongCredentials(ACCOUNT_LIMIT, account_id)\n"
OF_DEVICE = 'return Limit("device", origin.device_id, settings.limit_device), None'

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
            Edit("daypass/web/pages/sign_in.py", 'response.headers["Retry-After"] = str(error.retry_after)', "pass"),
        ),
        tests=(BY_ADDRESS,),
    ),
    Mutation(
        "programs do not learn when to try again",
        rows=("T1",),
        edits=(Edit("daypass/web/problems.py", 'response.headers["Retry-After"] = str(retry_after)', "pass"),),
        tests=(SIGN_IN + "test_a_program_is_told_too[sqlite]",),
    ),
    Mutation(
        "guesses for one account are not limited",
        rows=("T2", "6.3.3"),
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
        "guesses about a name of the older system are not limited",
        rows=("T2",),
        edits=(Edit(LEGACY, "limits.start_for_name(db, name)", "limits.start(db, None)"),),
        tests=(OLDER_SYSTEM + "test_guesses_of_many_addresses_about_one_name_are_limited",),
    ),
    Mutation(
        "the older system is asked about every name",
        rows=("T2",),
        edits=(Edit(LEGACY, "not names.is_taken(db, names.canonical(name))", "bool(names.canonical(name))"),),
        tests=(
            OLDER_SYSTEM + "test_a_deleted_account_does_not_come_back",
            OLDER_SYSTEM + "test_the_older_system_is_not_asked_about_accounts_that_exist",
        ),
    ),
    Mutation(
        "an imported hash may take half a minute",
        rows=("T12",),
        edits=(Edit(HASHES, " or rounds * memory > MAX_MEMORY_ROUNDS", ""),),
        tests=(
            "tests/accounts/test_foreign_hashes.py::"
            "test_a_hash_that_is_unknown_malformed_or_too_expensive_is_rejected[half a minute of argon2]",
        ),
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
                'where(Device.id == bindparam("device"), Device.account_id == bindparam("account"))',
                'where(Device.id == bindparam("device"))',
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
]
