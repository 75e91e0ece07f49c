"""Mutations of the rules for passwords, and of how they are checked: ASVS 6.2, and the attacks T12 and T14."""

from tests.mutations.mutation import Edit, Mutation

RULES = "daypass/accounts/passwords.py"
HASHER = "daypass/accounts/password_hasher.py"
CREDENTIALS = "daypass/accounts/credentials.py"
BREACHED = "daypass/accounts/breached_passwords.py"
SIGN_UP = "daypass/web/pages/sign_up.py"
ACCOUNT = "daypass/web/pages/account.py"
OF_RULES = "tests/accounts/test_passwords.py::"
OF_BREACHES = "tests/accounts/test_breached_passwords.py::"
SIGN_IN_PAGE = "tests/web/pages/test_sign_in_page.py::"
ACCOUNT_PAGE = "tests/web/pages/test_account_page.py::"
FIELDS = "tests/web/test_password_fields.py::"
SCRIPTS = "tests/integration/browser/test_with_javascript.py::"
IMPOSSIBLE = "tests/accounts/test_accounts.py::test_what_cannot_be_a_password_costs_no_hash"
LENGTHS = "if not MIN_LENGTH <= len(password) <= MAX_LENGTH:"
WEAK_AT_CHANGE = ACCOUNT_PAGE + "test_a_weak_new_password_is_refused_with_advice[sqlite-password1]"
PASSWORD_OF_FORM = 'password = PasswordField("Password")\n    next = HiddenField()'
HASH_NEW = "check_strength(password, username)\n            return generate_password_hash(password, METHOD)"
VERIFY = "check_password_hash(stored or DUMMY_HASH, password)"
CURRENT = 'confirm_password(runtime, db, Event.PASSWORD_CHANGE, current_claims(), form.current.data or "")'

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
        "a new password is not stored",
        rows=("6.2.2",),
        edits=(Edit("daypass/accounts/accounts.py", "    account.password_hash = password_hash\n", ""),),
        tests=(ACCOUNT_PAGE + "test_a_new_password_ends_every_other_session_and_keeps_this_browser_in[sqlite]",),
    ),
    Mutation(
        "password managers are not led to the form",
        rows=("6.2.2",),
        edits=(
            Edit(
                "daypass/web/pages/well_known.py",
                'url_for("account.account", _anchor="change-password")',
                'url_for("home.home")',
            ),
        ),
        tests=("tests/web/pages/test_well_known.py::test_change_password_leads_to_the_form",),
    ),
    Mutation(
        "the current password is not needed for a new one",
        rows=("6.2.3", "7.5.1"),
        edits=(
            Edit(ACCOUNT, "proof = " + CURRENT, "proof = PasswordProof(current_claims().subject, _stored_hash())"),
            Edit(
                ACCOUNT,
                "\n\ndef _own_account()",
                "\n\ndef _stored_hash() -> str:\n"
                "    stored = current_db().get_one(Account, current_claims().subject).password_hash\n"
                "    current_db().rollback()\n    return stored\n\n\ndef _own_account()",
            ),
            Edit(
                ACCOUNT,
                "from daypass.accounts.notices",
                "from daypass.accounts.credentials import PasswordProof\nfrom daypass.accounts.notices",
            ),
        ),
        tests=(ACCOUNT_PAGE + "test_the_current_password_is_asked_for[sqlite-wrong]",),
    ),
    Mutation(
        "passwords that are easy to guess are accepted",
        rows=("6.2.4",),
        edits=(Edit(RULES, "MIN_SCORE = 3", "MIN_SCORE = 0"),),
        tests=(OF_RULES + "test_a_common_password_is_refused_with_advice[password1]", WEAK_AT_CHANGE),
    ),
    Mutation(
        "passwords need a digit",
        rows=("6.2.5",),
        edits=(Edit(RULES, LENGTHS, LENGTHS.replace("if ", "if not any(map(str.isdigit, password)) or ")),),
        tests=(OF_RULES + "test_no_kind_of_character_is_asked_for_or_forbidden",),
    ),
    Mutation(
        "passwords are visible while they are typed",
        rows=("6.2.6",),
        edits=(Edit("daypass/web/forms.py", PASSWORD_OF_FORM, PASSWORD_OF_FORM.replace("Password", "String", 1)),),
        tests=(FIELDS + "test_password_managers_know_every_password_field",),
    ),
    Mutation(
        "a password stays visible when it is sent",
        rows=("6.2.6",),
        edits=(
            Edit(
                "static/daypass.js",
                '    input.form.addEventListener("submit", () => show(button, input, false));\n',
                "",
            ),
        ),
        tests=(SCRIPTS + "test_a_password_is_hidden_again_before_it_is_sent[chromium]",),
    ),
    Mutation(
        "password managers are kept out",
        rows=("6.2.7",),
        edits=(
            Edit(
                "templates/daypass/macros/pass_form.html",
                'autocomplete="current-password"',
                'autocomplete="off"',
            ),
        ),
        tests=(FIELDS + "test_password_managers_know_every_password_field",),
    ),
    Mutation(
        "nobody can paste a password",
        rows=("6.2.7",),
        edits=(
            Edit(
                "templates/daypass/macros/form.html",
                '<span class="field-password">',
                '<span class="field-password" onpaste="return false">',
            ),
        ),
        tests=(FIELDS + "test_nothing_prevents_pasting[templates/daypass/macros/form.html]",),
    ),
    Mutation(
        "space around a password is ignored",
        rows=("6.2.8",),
        edits=(Edit(HASHER, VERIFY, VERIFY.replace("password)", "password.strip())")),),
        tests=(
            OF_RULES + "test_a_password_fits_its_hash_exactly_as_typed",
            SIGN_IN_PAGE + "test_only_the_exact_password_is_accepted",
        ),
    ),
    Mutation(
        "passwords are cut to 72 bytes",
        rows=("6.2.8",),
        edits=(
            Edit(HASHER, VERIFY, VERIFY.replace("password)", "password.encode()[:72].decode(errors='ignore'))")),
            Edit(
                HASHER,
                "known=self._known):\n            return generate_password_hash(password, METHOD)",
                "known=self._known):\n            return generate_password_hash("
                "password.encode()[:72].decode(errors='ignore'), METHOD)",
            ),
        ),
        tests=(OF_RULES + "test_a_password_fits_its_hash_exactly_as_typed",),
    ),
    Mutation(
        "passwords have at most 64 characters",
        rows=("6.2.9",),
        edits=(Edit(RULES, "MIN_LENGTH, MAX_LENGTH = 8, 128", "MIN_LENGTH, MAX_LENGTH = 8, 64"),),
        tests=(OF_RULES + "test_a_random_password_of_128_characters_is_accepted",),
    ),
    Mutation(
        "what cannot be a password is hashed",
        rows=("6.2.9", "T12"),
        edits=(
            Edit(
                CREDENTIALS,
                "    if not is_possible(password):\n"
                '        raise WrongCredentials("impossible password", account_id)\n',
                "",
            ),
        ),
        tests=(IMPOSSIBLE,),
    ),
    Mutation(
        "a request may have any length",
        rows=("6.2.9", "T12"),
        edits=(
            Edit("daypass/extension.py", '"MAX_CONTENT_LENGTH"] = 64 * 1024', '"MAX_CONTENT_LENGTH"] = 64 * 1024**2'),
        ),
        tests=(SIGN_IN_PAGE + "test_a_megabyte_is_not_read[sqlite]",),
    ),
    Mutation(
        "a request is read before it is refused for its length",
        rows=("6.2.9", "T12"),
        edits=(
            Edit(
                "daypass/web/request_body.py",
                "    if (length or 0) > limit:\n        raise RequestEntityTooLarge\n",
                "",
            ),
        ),
        tests=(SIGN_IN_PAGE + "test_a_megabyte_is_not_read[sqlite]",),
    ),
    Mutation(
        "text that is not Unicode is hashed",
        rows=("T14", "T15"),
        edits=(Edit(RULES, ' and not any("\\ud800" <= character <= "\\udfff" for character in password)', ""),),
        tests=(SIGN_IN_PAGE + "test_text_that_is_not_unicode_is_a_wrong_password",),
    ),
    Mutation(
        "passwords expire",
        rows=("6.2.10",),
        edits=(
            Edit(
                CREDENTIALS,
                "return account.id, account.password_hash, account.disabled_at is not None",
                "is_old = account.created_at.year < 2022\n"
                "    return account.id, account.password_hash, account.disabled_at is not None or is_old",
            ),
        ),
        tests=(ACCOUNT_PAGE + "test_a_password_is_never_too_old[sqlite]",),
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
