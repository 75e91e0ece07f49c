"""Mutations of what strangers may ask for by mail, and of what they learn: the attacks T16 and E4."""

from tests.mutations.mutation import Edit, Mutation

RECOVERY = "daypass/accounts/recovery.py"
EMAIL = "daypass/accounts/email.py"
OUTBOX = "daypass/mail/outbox.py"
PAGE = "daypass/web/pages/recovery.py"
OF_RECOVERY = "tests/web/mail/test_recovery_page.py::"
ADDRESSES = "tests/web/mail/test_addresses.py::"
OF_ACCOUNT = "or_(Mail.account_id == account_id, Mail.recipient == recipient)"
TAKEN = "db.scalar(select(Account.id).where(Account.email_key == lookup_key(address)))"

MUTATIONS = [
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
