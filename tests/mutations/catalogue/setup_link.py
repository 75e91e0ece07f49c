"""Mutations of the link that creates the first account: ASVS 6.4.1, and the attack E5."""

from tests.mutations.mutation import Edit, Mutation

SETUP = "daypass/accounts/setup.py"
LINK_CODES = "daypass/tokens/link_codes.py"
ACCOUNTS = "daypass/accounts/accounts.py"
SETUP_LINK = "tests/accounts/test_setup_link.py::"
SIGN_UP = "tests/web/pages/test_sign_up_page.py::"

MUTATIONS = [
    Mutation(
        "every set-up link that was printed is valid",
        rows=("6.4.1",),
        edits=(
            Edit(
                SETUP,
                'if not hmac.compare_digest(state.code_digest or b"", digest(code)):',
                "if state.code_digest is None:",
            ),
        ),
        tests=(SETUP_LINK + "test_a_start_revokes_the_link_of_the_one_before[sqlite]",),
    ),
    Mutation(
        "the code of the set-up link has 40 bits",
        rows=("6.4.1",),
        edits=(Edit(LINK_CODES, "CODE_BYTES = 24", "CODE_BYTES = 5"),),
        tests=(SIGN_UP + "test_the_link_is_short_and_its_code_cannot_be_guessed[sqlite]",),
    ),
    Mutation(
        "the code of the set-up link is stored",
        rows=("6.4.1",),
        edits=(
            Edit(
                LINK_CODES,
                "return hashlib.sha256(code.encode()).digest()",
                "return code.encode()",
            ),
        ),
        tests=(SIGN_UP + "test_only_a_digest_of_the_code_is_stored[sqlite]",),
    ),
    Mutation(
        "events contain the query, and so the code of the set-up link",
        rows=("6.4.1",),
        edits=(
            Edit(
                "daypass/web/audit.py",
                "f\"/{get_path_info(environ).lstrip('/')}\"[:256]",
                "f\"{get_path_info(environ)}?{environ['QUERY_STRING']}\"[:256]",
            ),
        ),
        tests=(SIGN_UP + "test_no_event_tells_the_code[sqlite]",),
    ),
    Mutation(
        "a set-up link works until it expires",
        rows=("6.4.1",),
        edits=(Edit(ACCOUNTS, "    setup.finish(db)\n", ""),),
        tests=(
            SETUP_LINK + "test_a_used_link_stays_invalid_when_no_account_is_left[sqlite]",
            SIGN_UP + "test_the_link_is_invalid_once_it_was_used[sqlite]",
            SIGN_UP + "test_of_two_uses_of_the_link_at_once_one_creates_the_admin[sqlite]",
        ),
    ),
    Mutation(
        "two may use the set-up link at once",
        rows=("6.4.1",),
        edits=(Edit(ACCOUNTS, "    setup.check_link(db, code, now, lock=True)\n", ""),),
        tests=(
            SETUP_LINK + "test_of_two_acts_at_once_the_second_waits_and_sees_the_first"
            "[sqlite-set up as alice-set up as mallory-SetupComplete-names_left0]",
        ),
    ),
    Mutation(
        "the row of the set-up is not locked",
        rows=("6.4.1",),
        edits=(Edit(ACCOUNTS, "code, now, lock=True)", "code, now)"),),
        tests=(
            SETUP_LINK + "test_of_two_acts_at_once_the_second_waits_and_sees_the_first"
            "[postgresql-set up as alice-set up as mallory-SetupComplete-names_left0]",
        ),
    ),
    Mutation(
        "a set-up link is valid for a day",
        rows=("6.4.1", "E5"),
        edits=(Edit(SETUP, "timedelta(hours=1)", "timedelta(days=1)"),),
        tests=(SIGN_UP + "test_the_link_is_valid_for_an_hour[sqlite]",),
    ),
    Mutation(
        "the set-up page says why a link is invalid",
        rows=("E5",),
        edits=(
            Edit("daypass/web/pages/sign_up.py", "form=None, message=error.message", "form=None, message=error.reason"),
        ),
        tests=(
            SIGN_UP + "test_the_link_is_valid_for_an_hour[sqlite]",
            SIGN_UP + "test_a_link_that_was_not_issued_here_is_invalid[sqlite-x]",
        ),
    ),
]
