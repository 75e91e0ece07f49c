"""Mutations of the links in mails and of the set-up: ASVS 6.4, and the attacks T16, E4 and E5."""

from tests.mutations.mutation import Edit, Mutation

RECOVERY = "daypass/accounts/recovery.py"
SETUP = "daypass/accounts/setup.py"
ACCOUNTS = "daypass/accounts/accounts.py"
EMAIL = "daypass/accounts/email.py"
OUTBOX = "daypass/mail/outbox.py"
PURPOSES = "daypass/tokens/purposes.py"
PAGE = "daypass/web/pages/recovery.py"
ADMINISTRATION = "daypass/web/pages/administration.py"
SETUP_LINK = "tests/accounts/test_setup_link.py::"
SIGN_UP = "tests/web/pages/test_sign_up_page.py::"
OF_RECOVERY = "tests/web/mail/test_recovery_page.py::"
ADDRESSES = "tests/web/mail/test_addresses.py::"
REVOKED = OF_RECOVERY + "test_a_link_is_revoked_by"
SAME_PAGE = OF_RECOVERY + "test_bad_expired_used_and_foreign_links_get_the_same_page"
RESETS = OF_RECOVERY + "test_a_mailed_link_sets_a_new_password_and_ends_all_sessions[sqlite-alice]"
OF_ACCOUNT = "or_(Mail.account_id == account_id, Mail.recipient == recipient)"
TAKEN = "db.scalar(select(Account.id).where(Account.email_key == lookup_key(address)))"
RESET_LINK = "return signed_link(self._settings, self._keys.current(), purpose, account.id, mail.link_id)"

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
    Mutation(
        "a reset ends no session",
        rows=("6.4.3",),
        edits=(
            Edit(
                RECOVERY, "accounts.set_password(db, account, password_hash)", "account.password_hash = password_hash"
            ),
        ),
        tests=(RESETS, OF_RECOVERY + "test_a_link_works_once[sqlite]"),
    ),
    Mutation(
        "a reset signs its user in",
        rows=("6.4.3",),
        edits=(
            Edit(
                PAGE,
                "    return link_page(make_response(page))",
                "    response = link_page(make_response(page))\n"
                "    with write_transaction(db):\n"
                "        new = start_session(db, db.get_one(Account, claims.subject), runtime.settings)\n"
                "    return set_token_cookie(runtime, new, response)",
            ),
            Edit(
                PAGE,
                "import request_facts\n",
                "import request_facts\nfrom daypass.web.sign_in import set_token_cookie, start_session\n",
            ),
        ),
        tests=(RESETS,),
    ),
    Mutation(
        "a reset link works until it expires",
        rows=("6.4.3",),
        edits=(Edit(ACCOUNTS, "    account.reset_id = None\n", ""),),
        tests=(
            OF_RECOVERY + "test_a_link_works_once[sqlite]",
            OF_RECOVERY + "test_of_two_uses_at_once_one_succeeds[sqlite]",
            REVOKED + "[password]",
        ),
    ),
    Mutation(
        "a newer reset link does not revoke the former one",
        rows=("6.4.3", "E5"),
        edits=(Edit(RECOVERY, "if account.reset_id != link_id:", "if not link_id:"),),
        tests=(REVOKED + "[newer link]", SAME_PAGE),
    ),
    Mutation(
        "a reset link survives a change of the address",
        rows=("6.4.3",),
        edits=(
            Edit(
                EMAIL,
                "account.new_email = account.confirm_id = account.reset_id = None",
                "account.new_email = account.confirm_id = None",
            ),
        ),
        tests=(REVOKED + "[address]",),
    ),
    Mutation(
        "a reset link opens a disabled account",
        rows=("6.4.3",),
        edits=(Edit(RECOVERY, "account is None or account.disabled_at is not None or", "account is None or"),),
        tests=(REVOKED + "[disabled]",),
    ),
    Mutation(
        "a reset link is valid for a week",
        rows=("6.4.3", "E5"),
        edits=(Edit(PURPOSES, "RESET: 1800", "RESET: 7 * 86_400"),),
        tests=(SAME_PAGE,),
    ),
    Mutation(
        "a link opens the pages of all links",
        rows=("6.4.3",),
        edits=(
            Edit(
                "daypass/tokens/links.py",
                "lifetimes = {purpose: LINK_LIFETIMES[purpose]}",
                "lifetimes = LINK_LIFETIMES",
            ),
        ),
        tests=(OF_RECOVERY + "test_a_link_opens_only_the_page_of_its_purpose",),
    ),
    Mutation(
        "a link is a session",
        rows=("6.4.3",),
        edits=(
            Edit(
                "daypass/runtime.py", "return {purposes.SESSION:", "return purposes.LINK_LIFETIMES | {purposes.SESSION:"
            ),
            Edit("daypass/sessions/confirmation.py", 'raise InvalidToken("no such session")', "return"),
        ),
        tests=(OF_RECOVERY + "test_no_link_is_a_session",),
    ),
    Mutation(
        "the page says why a reset link is invalid",
        rows=("6.4.3", "E5"),
        edits=(
            Edit(
                "daypass/web/link_pages.py", "InvalidLink.title, InvalidLink.message", "InvalidLink.title, error.reason"
            ),
        ),
        tests=(SAME_PAGE,),
    ),
    Mutation(
        "a visit of a reset link uses it up",
        rows=("6.4.3",),
        edits=(
            Edit(
                PAGE,
                "    return _form(ResetForm(data",
                "    account.reset_id = None\n    current_db().commit()\n    return _form(ResetForm(data",
            ),
        ),
        tests=(OF_RECOVERY + "test_a_visit_of_the_link_changes_nothing",),
    ),
    Mutation(
        "links are logged",
        rows=("6.4.3",),
        edits=(
            Edit(
                "daypass/accounts/mail_delivery.py",
                RESET_LINK,
                RESET_LINK.replace("return", "link =")
                + '\n        logging.getLogger("daypass").warning("link %s", link)\n        return link',
            ),
            Edit("daypass/accounts/mail_delivery.py", "from functools import", "import logging\nfrom functools import"),
        ),
        tests=(OF_RECOVERY + "test_no_token_is_in_the_tables_the_log_or_the_list_of_mails",),
    ),
    Mutation(
        "other sites learn the URL of a reset link",
        rows=("6.4.3",),
        edits=(Edit("daypass/web/link_pages.py", '    response.headers["Referrer-Policy"] = "no-referrer"\n', ""),),
        tests=(OF_RECOVERY + "test_the_answers_to_a_link_are_not_cached_and_send_no_referrer",),
    ),
    Mutation(
        "an administrator chooses the password",
        rows=("6.4.6",),
        edits=(
            Edit(
                ADMINISTRATION,
                "        name = account.name\n        mailed",
                "        name = account.name\n"
                '        chosen = runtime.hasher.hash(request.form["password"])\n'
                "        accounts.set_password(db, account, chosen)\n        mailed",
            ),
            Edit(ADMINISTRATION, "import Blueprint, redirect,", "import Blueprint, redirect, request,"),
        ),
        tests=(OF_RECOVERY + "TestWithoutMail::test_an_administrator_starts_a_reset_and_never_chooses_the_password",),
    ),
    Mutation(
        "an administrator sees a link that is mailed",
        rows=("6.4.6",),
        edits=(Edit(ADMINISTRATION, "link_id = None if mailed else", "link_id = account.reset_id if mailed else"),),
        tests=(OF_RECOVERY + "test_with_mail_an_administrator_does_not_see_the_link",),
    ),
    Mutation(
        "one address may ask for any number of mails",
        rows=("T16",),
        edits=(Edit(PAGE, '    require_attempt(db, address_limit(settings, "mail", settings.limit_mail))\n', ""),),
        tests=(OF_RECOVERY + "test_requests_for_a_link_are_limited_by_address",),
    ),
    Mutation(
        "an account gets any number of reset mails",
        rows=("T16",),
        edits=(Edit(RECOVERY, "HOUR) >= MAX_RESETS:", "HOUR) < 0:"),),
        tests=(OF_RECOVERY + "test_an_account_gets_few_mails_however_often_somebody_asks[sqlite]",),
    ),
    Mutation(
        "any number of requests wait",
        rows=("T16",),
        edits=(Edit(OUTBOX, "or 0) >= MAX_REQUESTS:", "or 0) < 0:"),),
        tests=(OF_RECOVERY + "test_requests_that_wait_are_few",),
    ),
    Mutation(
        "a repeated request does not replace the one before",
        rows=("T16",),
        edits=(Edit(OUTBOX, "    db.execute(delete(Mail).where(requests, Mail.recipient == typed))\n", ""),),
        tests=(OF_RECOVERY + "test_a_repeated_request_replaces_the_one_before",),
    ),
    Mutation(
        "several accounts together flood a mailbox",
        rows=("T16",),
        edits=(Edit(OUTBOX, OF_ACCOUNT, "(Mail.account_id == account_id)"),),
        tests=(ADDRESSES + "test_nobody_floods_a_mailbox",),
    ),
    Mutation(
        "a request is for accounts only",
        rows=("E4",),
        edits=(
            Edit(
                RECOVERY,
                "    text = typed.strip()[:MAX_LENGTH]\n",
                "    if _find(db, typed) is None:\n        return\n    text = typed.strip()[:MAX_LENGTH]\n",
            ),
        ),
        tests=(OF_RECOVERY + "test_the_response_and_the_work_are_the_same_for_every_input[sqlite]",),
    ),
    Mutation(
        "a request may be a pattern",
        rows=("E4",),
        edits=(Edit(RECOVERY, "which = Account.name == canonical(typed)", "which = Account.name.like(typed)"),),
        tests=(OF_RECOVERY + "test_only_an_account_with_a_confirmed_address_gets_a_mail[sqlite]",),
    ),
    Mutation(
        "an address that is not confirmed gets a reset link",
        rows=("E4",),
        edits=(
            Edit(
                RECOVERY,
                "which = Account.email_key == lookup_key(parse_email(typed))",
                "which = Account.new_email == parse_email(typed)",
            ),
            Edit(RECOVERY, ", Account.email.is_not(None))", ")"),
            Edit(
                RECOVERY,
                "    if account.email is None:\n        return False\n"
                "    outbox.replace(db, Kind.RESET, account.id, account.email,",
                "    outbox.replace(db, Kind.RESET, account.id, account.email or account.new_email,",
            ),
        ),
        tests=(OF_RECOVERY + "test_only_an_account_with_a_confirmed_address_gets_a_mail[sqlite]",),
    ),
    Mutation(
        "the form for an address says that another account has it",
        rows=("E4",),
        edits=(
            Edit(
                EMAIL,
                "    account.new_email, account.confirm_id = address, new_id()\n",
                f'    if {TAKEN}:\n        raise AddressTaken("another account has the address")\n'
                "    account.new_email, account.confirm_id = address, new_id()\n",
            ),
            Edit(EMAIL, "from sqlalchemy.exc import", "from sqlalchemy import select\nfrom sqlalchemy.exc import"),
        ),
        tests=(
            ADDRESSES + "test_two_accounts_cannot_have_the_same_address_and_only_its_mailbox_learns_of_it"
            "[sqlite-alice@EXAMPLE.org]",
        ),
    ),
]
