"""Mutations of how passwords are typed, changed and checked: ASVS 6.2, and the attacks T12 and T14."""

from tests.mutations.mutation import Edit, Mutation

RULES = "daypass/accounts/passwords.py"
HASHER = "daypass/accounts/password_hasher.py"
CREDENTIALS = "daypass/accounts/credentials.py"
SETTINGS = "daypass/web/pages/account_settings.py"
OF_RULES = "tests/accounts/test_passwords.py::"
SIGN_IN_PAGE = "tests/web/pages/test_sign_in_page.py::"
ACCOUNT_PAGE = "tests/web/pages/test_account_page.py::"
FIELDS = "tests/web/test_password_fields.py::"
SCRIPTS = "tests/integration/browser/test_with_javascript.py::"
IMPOSSIBLE = "tests/accounts/test_accounts.py::test_what_cannot_be_a_password_costs_no_hash"
VERIFY = "self._run(check_password_hash, stored or DUMMY_HASH, password)"
CURRENT = 'confirm_password(runtime, db, Event.PASSWORD_CHANGE, current_claims(), form.current.data or "")'

MUTATIONS = [
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
                'page_url("account_settings.settings", _anchor="change-password")',
                'page_url("home.home")',
            ),
        ),
        tests=("tests/web/pages/test_well_known.py::test_change_password_leads_to_the_form",),
    ),
    Mutation(
        "the current password is not needed for a new one",
        rows=("6.2.3", "7.5.1"),
        edits=(
            Edit(SETTINGS, "proof = " + CURRENT, "proof = PasswordProof(current_claims().subject, _stored_hash())"),
            Edit(
                SETTINGS,
                '\n\n@pages.get("/settings")',
                "\n\ndef _stored_hash() -> str:\n"
                "    stored = current_db().get_one(Account, current_claims().subject).password_hash\n"
                '    current_db().rollback()\n    return stored\n\n\n@pages.get("/settings")',
            ),
            Edit(
                SETTINGS,
                "from daypass.accounts.notices",
                "from daypass.accounts.credentials import PasswordProof\nfrom daypass.accounts.notices",
            ),
        ),
        tests=(ACCOUNT_PAGE + "test_the_current_password_is_asked_for[sqlite-wrong]",),
    ),
    Mutation(
        "passwords are visible while they are typed",
        rows=("6.2.6",),
        edits=(
            Edit(
                "templates/daypass/macros/pass_form.html",
                'type="password", description_id',
                'type="text", description_id',
            ),
        ),
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
                "known=self._known):\n            return self._run(generate_password_hash, password, METHOD)",
                "known=self._known):\n            return self._run("
                "generate_password_hash, password.encode()[:72].decode(errors='ignore'), METHOD)",
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
        edits=(Edit("daypass/web/request_body.py", "MAX_BODY_BYTES = 64 * 1024", "MAX_BODY_BYTES = 64 * 1024**2"),),
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
                "    inactive = why_inactive(account)\n",
                '    inactive = "old" if account.created_at.year < 2022 else why_inactive(account)\n',
            ),
        ),
        tests=(ACCOUNT_PAGE + "test_a_password_is_never_too_old[sqlite]",),
    ),
]
