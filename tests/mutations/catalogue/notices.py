"""Mutations of the notices to owners and of the change of an address: ASVS 6.3.7 and 7.5.1."""

from tests.mutations.mutation import Edit, Mutation

NOTICES = "tests/web/mail/test_notices.py::"
ADDRESSES = "tests/web/mail/test_addresses.py::"
SIGN_IN = "daypass/web/sign_in_password.py"
PROGRAMS = "daypass/web/pages/sign_in.py"
SETTINGS = "daypass/web/pages/account_settings.py"
ADDRESS = "daypass/web/pages/own_address.py"
EMAIL = "daypass/accounts/email.py"
DISOWNING = "daypass/accounts/disowning.py"
NEW_DEVICE = NOTICES + "test_the_owner_hears_of_a_sign_in_from_a_new_device_once[sqlite]"
CHANGED = NOTICES + "test_the_owner_hears_of_a_changed_password_and_a_disabled_account"
DISOWNED = NOTICES + "test_disowning_ends_all_sessions_and_makes_the_password_useless_until_it_is_reset[sqlite]"
TAKEN_BACK = NOTICES + "test_the_old_address_takes_back_an_account_whose_address_an_intruder_changed[sqlite]"
VOID = NOTICES + "test_notices_after_a_disowned_act_are_void[sqlite]"
LATELY = ADDRESSES + "test_a_new_address_needs_a_password_entered_lately"
CHANGE = '@token_required(fresh=TEN_MINUTES, act="change your address")'
REMOVE = '@token_required(fresh=TEN_MINUTES, act="remove your address")'

MUTATIONS = [
    Mutation(
        "the owner does not hear of new browsers",
        rows=("6.3.3", "6.3.7"),
        edits=(
            Edit(SIGN_IN, "        notify_new_browser(db, runtime.settings, account, browser.device_id, facts)\n", ""),
        ),
        tests=(NEW_DEVICE,),
    ),
    Mutation(
        "the owner does not hear of new programs",
        rows=("6.3.7",),
        edits=(Edit(PROGRAMS, "        notify_new_program(db, runtime.settings, account, facts)\n", ""),),
        tests=(NEW_DEVICE,),
    ),
    Mutation(
        "the owner hears of every sign-in",
        rows=("6.3.7",),
        edits=(
            Edit(
                "daypass/web/notices.py",
                "if device_id is None or not devices.is_known(db, account.id, device_id):",
                "if account:",
            ),
        ),
        tests=(NEW_DEVICE,),
    ),
    Mutation(
        "the owner does not hear of a password set at the terminal",
        rows=("6.3.7",),
        edits=(
            Edit(
                "daypass/cli/users.py",
                "change, Event.PASSWORD_SET, Kind.PASSWORD_CHANGED)",
                "change, Event.PASSWORD_SET)",
            ),
        ),
        tests=(CHANGED,),
    ),
    Mutation(
        "the owner does not hear of a disabled account",
        rows=("6.3.7",),
        edits=(
            Edit(
                "daypass/web/pages/account_acts.py",
                "        notify(db, settings, account, Kind.ACCOUNT_DISABLED, BY_ADMINISTRATOR, to=account.email)\n",
                "",
            ),
        ),
        tests=(CHANGED,),
    ),
    Mutation(
        "the owner does not hear of a password changed on the page",
        rows=("6.3.7",),
        edits=(
            Edit(
                SETTINGS,
                "        notify(db, runtime.settings, account, Kind.PASSWORD_CHANGED, facts, to=account.email)\n",
                "",
            ),
        ),
        tests=(NOTICES + "test_the_owner_hears_of_a_password_changed_on_the_page",),
    ),
    Mutation(
        "the owner does not hear of a reset",
        rows=("6.3.7",),
        edits=(
            Edit(
                "daypass/web/pages/recovery.py",
                "            notify(db, runtime.settings, account, Kind.PASSWORD_RESET, facts, to=account.email)\n",
                "",
            ),
        ),
        tests=(
            "tests/web/mail/test_recovery_page.py::"
            "test_a_mailed_link_sets_a_new_password_and_ends_all_sessions[sqlite-alice]",
        ),
    ),
    Mutation(
        "a change of the address is told to the new one only",
        rows=("6.3.7",),
        edits=(Edit(EMAIL, "Kind.ADDRESS_CHANGED, facts, to=old)", "Kind.ADDRESS_CHANGED, facts, to=address)"),),
        tests=(ADDRESSES + "test_the_old_address_hears_of_a_change[sqlite]", TAKEN_BACK),
    ),
    Mutation(
        "an intruder's sessions survive",
        rows=("6.3.7",),
        edits=(Edit(DISOWNING, '    lifecycle.end_all(db, account_id, "disowned")\n', ""),),
        tests=(DISOWNED,),
    ),
    Mutation(
        "an intruder's password survives",
        rows=("6.3.7",),
        edits=(Edit(DISOWNING, "    account.password_hash = password_hasher.DUMMY_HASH\n", ""),),
        tests=(DISOWNED,),
    ),
    Mutation(
        "an intruder's address survives",
        rows=("6.3.7",),
        edits=(Edit(DISOWNING, "    _restore_address(db, account, notice.recipient)\n", ""),),
        tests=(TAKEN_BACK, VOID),
    ),
    Mutation(
        "an intruder's notices survive",
        rows=("6.3.7",),
        edits=(Edit(DISOWNING, "(Mail.created_at >= notice.created_at)", "(Mail.id == notice.id)"),),
        tests=(VOID,),
    ),
    Mutation(
        "the owner's notices end with those of an intruder",
        rows=("6.3.7",),
        edits=(
            Edit(
                DISOWNING,
                "(Mail.account_id == account_id) & (Mail.created_at >= notice.created_at)",
                "Mail.account_id == account_id",
            ),
        ),
        tests=(TAKEN_BACK,),
    ),
    Mutation(
        "a new address needs no password",
        rows=("7.5.1",),
        edits=(Edit(ADDRESS, CHANGE, "@token_required"),),
        tests=(LATELY,),
    ),
    Mutation(
        "an address is removed without a password",
        rows=("7.5.1",),
        edits=(Edit(ADDRESS, REMOVE, "@token_required"),),
        tests=(LATELY,),
    ),
    Mutation(
        "an address counts before it is confirmed",
        rows=("7.5.1",),
        edits=(
            Edit(
                EMAIL,
                "account.new_email, account.confirm_id = address, new_id()",
                "account.email = account.new_email = address\n    account.confirm_id = new_id()",
            ),
        ),
        tests=(ADDRESSES + "test_an_address_counts_once_its_link_is_used[sqlite]",),
    ),
]
