"""Mutations of the links that reset a password: ASVS 6.4.3 and 6.4.6, and the attack E5."""

from tests.mutations.mutation import Edit, Mutation

RECOVERY = "daypass/accounts/recovery.py"
ACCOUNTS = "daypass/accounts/accounts.py"
EMAIL = "daypass/accounts/email.py"
PURPOSES = "daypass/tokens/purposes.py"
PAGE = "daypass/web/pages/recovery.py"
ADMINISTRATION = "daypass/web/pages/account_acts.py"
OF_RECOVERY = "tests/web/mail/test_recovery_page.py::"
REVOKED = OF_RECOVERY + "test_a_link_is_revoked_by"
SAME_PAGE = OF_RECOVERY + "test_bad_expired_used_and_foreign_links_get_the_same_page"
RESETS = OF_RECOVERY + "test_a_mailed_link_sets_a_new_password_and_ends_all_sessions[sqlite-alice]"
RESET_LINK = "return signed_link(self._settings, self._keys.current(), purpose, account.id, mail.link_id)"
LOCKING = "tests/accounts/test_locking.py::"

MUTATIONS = [
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
        edits=(Edit(RECOVERY, "account is None or not status.accepts_links(account) or", "account is None or"),),
        tests=(REVOKED + "[disabled]",),
    ),
    Mutation(
        "a reset link opens an account that was locked, and then disabled",
        rows=("6.4.3",),
        edits=(
            Edit(
                "daypass/accounts/accounts.py",
                "account.disabled_at, account.locked_at = database_now(), None",
                "account.disabled_at = account.locked_at or database_now()",
            ),
        ),
        tests=(LOCKING + "test_a_link_does_not_open_an_account_that_an_administrator_disabled[sqlite-after]",),
    ),
    Mutation(
        "an account that an administrator disabled can be locked",
        rows=("6.4.3",),
        edits=(
            Edit(
                "daypass/accounts/locking.py",
                '    if account.disabled_at is not None:\n        raise AlreadyDisabled("disabled meanwhile")\n',
                "",
            ),
        ),
        tests=(LOCKING + "test_an_account_that_is_disabled_cannot_be_locked[sqlite]",),
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
        rows=("6.4.3", "3.4.5"),
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
            Edit(ADMINISTRATION, "from flask import Blueprint", "from flask import Blueprint, request"),
        ),
        tests=(OF_RECOVERY + "TestWithoutMail::test_an_administrator_starts_a_reset_and_never_chooses_the_password",),
    ),
    Mutation(
        "an administrator sees a link that is mailed",
        rows=("6.4.6",),
        edits=(Edit(ADMINISTRATION, "link_id = None if mailed else", "link_id = account.reset_id if mailed else"),),
        tests=(OF_RECOVERY + "test_with_mail_an_administrator_does_not_see_the_link",),
    ),
]
