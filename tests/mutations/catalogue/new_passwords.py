"""Mutations of the rules for new passwords: ASVS 6.2.1, 6.2.4, 6.2.5, 6.2.11 and 6.2.12."""

from tests.mutations.mutation import Edit, Mutation

RULES = "daypass/accounts/passwords.py"
HASHER = "daypass/accounts/password_hasher.py"
BREACHED = "daypass/accounts/breached_passwords.py"
SIGN_UP = "daypass/web/pages/sign_up.py"
ACCOUNT = "daypass/web/pages/account_settings.py"
OF_RULES = "tests/accounts/test_passwords.py::"
OF_BREACHES = "tests/accounts/test_breached_passwords.py::"
ACCOUNT_PAGE = "tests/web/pages/test_account_page.py::"
LENGTHS = "if not MIN_LENGTH <= len(password) <= MAX_LENGTH:"
WEAK_AT_CHANGE = ACCOUNT_PAGE + "test_a_weak_new_password_is_refused_with_advice[sqlite-password1]"

MUTATIONS = [
    Mutation(
        "six characters are enough",
        rows=("6.2.1",),
        edits=(Edit(RULES, "MIN_LENGTH, MAX_LENGTH = 8, 128", "MIN_LENGTH, MAX_LENGTH = 6, 128"),),
        tests=(
            OF_RULES + "test_a_password_outside_8_to_128_characters_is_refused[zqvwkxj]",
            "tests/cli/test_users_command.py::test_an_account_with_an_invalid_name_or_password_is_not_added",
        ),
    ),
    Mutation(
        "bytes are counted as characters",
        rows=("6.2.1",),
        edits=(Edit(RULES, LENGTHS, LENGTHS.replace("len(password)", "len(password.encode())")),),
        tests=(OF_RULES + "test_a_password_outside_8_to_128_characters_is_refused",),
    ),
    Mutation(
        "passwords are not checked at sign-up and set-up",
        rows=("6.2.1",),
        edits=(Edit(SIGN_UP, ".hash_new(password, name)", ".hash(password)"),),
        tests=(
            "tests/web/pages/test_sign_up_page.py::"
            "TestSignup::test_a_weak_password_is_an_error_with_advice_and_the_name_stays[sqlite-short 7]",
            "tests/web/pages/test_sign_up_page.py::test_a_mistake_at_set_up_loses_nothing[sqlite]",
        ),
    ),
    Mutation(
        "new passwords are not checked when they are changed",
        rows=("6.2.1", "6.2.4"),
        edits=(Edit(ACCOUNT, '.hash_new(form.new.data or "", current_claims().name)', '.hash(form.new.data or "")'),),
        tests=(WEAK_AT_CHANGE,),
    ),
    Mutation(
        "passwords that are easy to guess are accepted",
        rows=("6.2.4",),
        edits=(Edit(RULES, "MIN_SCORE = 3", "MIN_SCORE = 0"),),
        tests=(
            OF_RULES + "test_a_common_password_is_refused_with_advice[password1]",
            OF_RULES + "test_as_many_common_passwords_are_known_as_documented_and_each_of_a_sample_is_refused",
            WEAK_AT_CHANGE,
        ),
    ),
    Mutation(
        "passwords need a digit",
        rows=("6.2.5",),
        edits=(Edit(RULES, LENGTHS, LENGTHS.replace("if ", "if not any(map(str.isdigit, password)) or ")),),
        tests=(OF_RULES + "test_no_kind_of_character_is_asked_for_or_forbidden",),
    ),
    Mutation(
        "the word daypass counts as random",
        rows=("6.2.11",),
        edits=(Edit(RULES, 'OWN_WORDS = ("daypass",)', "OWN_WORDS = ()"),),
        tests=(OF_RULES + "test_the_names_of_daypass_and_of_the_account_are_easy_to_guess[daypass2026!-alice]",),
    ),
    Mutation(
        "the name of the account counts as random",
        rows=("6.2.11",),
        edits=(Edit(RULES, "user_inputs=[username, *OWN_WORDS]", "user_inputs=[*OWN_WORDS]"),),
        tests=(OF_RULES + "test_the_names_of_daypass_and_of_the_account_are_easy_to_guess",),
    ),
    Mutation(
        "lists of breached passwords are not read",
        rows=("6.2.12",),
        edits=(Edit(HASHER, "if self._is_breached is not None and self._is_breached(password):", "if False:"),),
        tests=(
            OF_BREACHES + "TestPages::test_a_breached_password_is_refused_at_sign_up_and_change_and_another_one_is_not",
        ),
    ),
    Mutation(
        "the service gets the whole hash",
        rows=("6.2.12",),
        edits=(Edit(BREACHED, "url + digits[:PREFIX]", "url + digits"),),
        tests=(OF_BREACHES + "test_the_service_gets_five_digits_and_never_the_hash_or_the_password",),
    ),
    Mutation(
        "nobody hears that the service is down",
        rows=("6.2.12",),
        edits=(Edit(BREACHED, "log.warning(", "log.debug("),),
        tests=(OF_BREACHES + "test_while_the_service_is_down_passwords_are_accepted_and_the_log_says_so",),
    ),
    Mutation(
        "while the service is down no password is accepted",
        rows=("6.2.12",),
        edits=(Edit(BREACHED, "        return False\n    counts", "        return True\n    counts"),),
        tests=(OF_BREACHES + "test_while_the_service_is_down_passwords_are_accepted_and_the_log_says_so",),
    ),
]
