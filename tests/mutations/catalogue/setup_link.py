"""Mutations of the link that creates the first account: ASVS 6.4.1, and the attack E5."""

from tests.mutations.mutation import Edit, Mutation

SETUP = "daypass/accounts/setup.py"
ACCOUNTS = "daypass/accounts/accounts.py"
PURPOSES = "daypass/tokens/purposes.py"
SETUP_LINK = "tests/accounts/test_setup_link.py::"
SIGN_UP = "tests/web/pages/test_sign_up_page.py::"

MUTATIONS = [
    Mutation(
        "every set-up link that was printed is valid",
        rows=("6.4.1",),
        edits=(Edit(SETUP, "if state.link_id != link_id:", "if state.link_id is None:"),),
        tests=(SETUP_LINK + "test_a_start_revokes_the_link_of_the_one_before[sqlite]",),
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
        edits=(Edit(ACCOUNTS, "    setup.check_link(db, link_id, lock=True)\n", ""),),
        tests=(
            SETUP_LINK + "test_of_two_acts_at_once_the_second_waits_and_sees_the_first"
            "[sqlite-set up as alice-set up as mallory-SetupComplete-names_left0]",
        ),
    ),
    Mutation(
        "the row of the set-up is not locked",
        rows=("6.4.1",),
        edits=(Edit(ACCOUNTS, "link_id, lock=True)", "link_id)"),),
        tests=(
            SETUP_LINK + "test_of_two_acts_at_once_the_second_waits_and_sees_the_first"
            "[postgresql-set up as alice-set up as mallory-SetupComplete-names_left0]",
        ),
    ),
    Mutation(
        "a set-up link is valid for a day",
        rows=("6.4.1", "E5"),
        edits=(Edit(PURPOSES, "SETUP: 3600", "SETUP: 86_400"),),
        tests=(SIGN_UP + "test_the_link_is_valid_for_an_hour[sqlite]",),
    ),
    Mutation(
        "the set-up page says why a link is invalid",
        rows=("E5",),
        edits=(
            Edit("daypass/web/pages/sign_up.py", "SetupComplete) else invalid", "SetupComplete) else error.reason"),
        ),
        tests=(
            SIGN_UP + "test_the_link_is_valid_for_an_hour[sqlite]",
            SIGN_UP + "test_a_link_that_was_not_issued_here_is_invalid[sqlite-x]",
        ),
    ),
]
