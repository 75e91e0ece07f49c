"""Mutations of what ends sessions, and of the password before important acts: ASVS 7.4, 7.5.2, 7.5.3 and 7.6.1."""

from tests.mutations.mutation import Edit, Mutation

ACCOUNTS = "daypass/accounts/accounts.py"
LIFECYCLE = "daypass/sessions/lifecycle.py"
SESSIONS = "daypass/web/pages/sessions.py"
ACCOUNT_ACTS = "daypass/web/pages/account_acts.py"
ACCOUNTS_PAGE = "daypass/web/pages/accounts.py"
SIGN_IN = "daypass/web/pages/sign_in.py"
ADMIN_PAGE = "tests/web/pages/test_administration_page.py::"
SESSIONS_PAGE = "tests/web/pages/test_sessions_page.py::"
VERDICTS = "tests/web/forward_auth/test_verdicts.py::"
NOTIFICATIONS = "tests/database/test_notifications.py::"
WORKERS = "tests/integration/nodes/test_workers.py::"
DEAD = "tests/security/test_replay.py::test_a_token_is_dead_after_sign_out[HS256]"
DELETED = SESSIONS_PAGE + "test_an_account_is_deleted_with_its_password_and_never_comes_back[sqlite]"
TABLE = "tests/security/test_security_tables.py::test_the_password_is_asked_for_where_the_table_says_so"
PROMPTS = "tests/web/test_reauthentication.py::test_a_page_asks_for_the_password_first_if_it_was_typed_long_ago"
END = '@token_required(fresh=TEN_MINUTES, act="revoke this session")\ndef end('
DISABLE = '@token_required(role=accounts.ADMIN, fresh=TEN_MINUTES, act=on_account("disable {name}"))\ndef disable('
OWN = "(AuthSession.id == session_id) & (AuthSession.account_id == account_id)) == 1"
LISTED = '.where(AuthSession.account_id == bindparam("account"), AuthSession.kind != TRIAL)'
CONFIRM = 'proof = confirm_password(runtime, db, Event.ACCOUNT_DELETED, current_claims(), form.password.data or "")'
SIGN_OUT = '        lifecycle.end(db, claims.session_id, "signed_out")\n'

MUTATIONS = [
    Mutation(
        "signing out only deletes the cookie",
        rows=("7.4.1", "7.6.1"),
        edits=(Edit("daypass/web/sign_out.py", SIGN_OUT, "        pass\n"),),
        tests=(
            DEAD,
            VERDICTS + "test_after_signing_out_the_next_request_is_refused[nginx]",
        ),
    ),
    Mutation(
        "a session ends in its own process only",
        rows=("7.4.1",),
        edits=(Edit("daypass/sessions/revocation.py", "db.execute(ended, {", "db.execute(ended.limit(0), {"),),
        tests=(DEAD, WORKERS + "test_a_session_ended_in_one_worker_is_refused_by_the_other"),
    ),
    Mutation(
        "PostgreSQL notifies nobody of an ended session",
        rows=("7.4.1",),
        edits=(
            Edit(
                "daypass/database/migrations/versions/0010_notifications.py",
                "        PERFORM pg_notify('daypass', '');\n",
                "",
            ),
        ),
        tests=(NOTIFICATIONS + "test_a_notification_is_enough_where_nobody_polls[postgresql]",),
    ),
    Mutation(
        "a node whose connection for notifications is broken does not poll",
        rows=("7.4.1",),
        edits=(
            Edit(
                "daypass/database/change_detector.py",
                "else int(time.monotonic() / POLL_SECONDS)",
                "else 1",
            ),
        ),
        tests=(NOTIFICATIONS + "TestBrokenConnection::test_an_end_meanwhile_is_refused_within_the_poll[postgresql]",),
    ),
    Mutation(
        "ended sessions are forgotten by a restart",
        rows=("7.4.1",),
        edits=(
            Edit(
                LIFECYCLE,
                "    rows = db.execute(END.where(which)",
                "    rows = db.execute(END.values(ended_at=None).where(which)",
            ),
        ),
        tests=(DEAD, WORKERS + "test_a_sign_out_outlives_a_kill_right_after_it"),
    ),
    Mutation(
        "a disabled account keeps its sessions",
        rows=("7.4.2", "7.6.1"),
        edits=(Edit(ACCOUNTS, '    lifecycle.end_all(db, account.id, "account_disabled")\n', ""),),
        tests=(
            ADMIN_PAGE + "test_an_admin_disables_and_enables_somebody[sqlite]",
            WORKERS + "test_an_account_disabled_at_the_terminal_is_out_at_the_next_request",
            VERDICTS + "test_access_ends_with_the_account_and_the_role",
        ),
    ),
    Mutation(
        "a deleted account keeps its sessions",
        rows=("7.4.2", "7.5.3", "7.6.1", "H15"),
        edits=(Edit(ACCOUNTS, '    lifecycle.end_all(db, account.id, "account_deleted")\n', ""),),
        tests=(DELETED, VERDICTS + "test_access_ends_with_the_account_and_the_role"),
    ),
    Mutation(
        "a lost role works until the token expires",
        rows=("7.6.1", "8.3.1", "proxy 19"),
        edits=(Edit(ACCOUNTS, '    lifecycle.end_all(db, account.id, "role_changed")\n', ""),),
        tests=(
            VERDICTS + "test_access_ends_with_the_account_and_the_role",
            "tests/web/pages/test_sessions_page.py::test_a_change_of_roles_ends_every_session",
            "tests/integration/proxies/test_proxy_attacks.py::"
            "test_19_rights_end_with_the_session_when_the_account_changes[nginx]",
        ),
    ),
    Mutation(
        "other sessions survive a new password",
        rows=("7.4.3",),
        edits=(Edit(ACCOUNTS, '    lifecycle.end_all(db, account.id, "password_changed")\n', ""),),
        tests=(
            "tests/web/pages/test_account_page.py::"
            "test_a_new_password_ends_every_other_session_and_keeps_this_browser_in[sqlite]",
        ),
    ),
    Mutation(
        "a password set at the terminal ends nothing",
        rows=("7.4.3",),
        edits=(
            Edit(
                "daypass/cli/users.py",
                "accounts.set_password(db, account, password_hash)",
                "account.password_hash = password_hash",
            ),
        ),
        tests=(WORKERS + "test_a_password_set_at_the_terminal_ends_every_session",),
    ),
    Mutation(
        "a page has no button to sign out",
        rows=("7.4.4",),
        edits=(
            Edit("templates/daypass/layouts/base.html", "action=\"{{ page_url('signin.logout') }}\"", 'action="/"'),
        ),
        tests=("tests/web/test_gated_routes.py::test_every_page_behind_the_gate_offers_to_sign_out",),
    ),
    Mutation(
        "an administrator ends nobody's sessions",
        rows=("7.4.5",),
        edits=(
            Edit(
                ACCOUNT_ACTS,
                'lifecycle.end_all(current_db(), account.id, "ended_by_admin")',
                "current_db()",
            ),
        ),
        tests=(ADMIN_PAGE + "test_an_admin_signs_somebody_out_everywhere[sqlite]",),
    ),
    Mutation(
        "an administrator signs out only themselves",
        rows=("7.4.5",),
        edits=(
            Edit(
                ACCOUNTS_PAGE,
                'lifecycle.end_batch(db, "ended_by_admin")',
                'lifecycle.end_all(db, current_claims().subject, "ended_by_admin")',
            ),
        ),
        tests=(ADMIN_PAGE + "test_everybody_is_signed_out_at_once[sqlite]",),
    ),
    Mutation(
        "everybody's sessions are listed",
        rows=("7.5.2",),
        edits=(Edit(LIFECYCLE, LISTED, ".where(AuthSession.kind != TRIAL)"),),
        tests=(SESSIONS_PAGE + "test_the_list_has_only_the_accounts_own_sessions[sqlite]",),
    ),
    Mutation(
        "a session that is revoked goes on",
        rows=("7.5.2",),
        edits=(
            Edit(
                "daypass/web/own_session_acts.py",
                'ended = lifecycle.end_own(current_db(), current_claims().subject, session_id, "ended_by_owner")',
                "ended = True",
            ),
        ),
        tests=(SESSIONS_PAGE + "test_one_session_ends_and_the_others_go_on[sqlite]",),
    ),
    Mutation(
        "to revoke a session ends all",
        rows=("7.5.2",),
        edits=(Edit(LIFECYCLE, OWN, "AuthSession.account_id == account_id) >= 1"),),
        tests=(SESSIONS_PAGE + "test_one_session_ends_and_the_others_go_on[sqlite]",),
    ),
    Mutation(
        "to revoke a session needs no password",
        rows=("6.3.3", "7.5.2", "7.5.3"),
        edits=(Edit(SESSIONS, END, END.replace('(fresh=TEN_MINUTES, act="revoke this session")', "")),),
        tests=(PROMPTS + "[sqlite-/account/sessions/0123456789abcdef0123456789abcdef/end]", TABLE),
    ),
    Mutation(
        "a password counts for an hour",
        rows=("7.5.2", "7.5.3"),
        edits=(Edit("daypass/web/reauthentication.py", "TEN_MINUTES = 600", "TEN_MINUTES = 3600"),),
        tests=(PROMPTS + "[sqlite-/account/tokens]", TABLE),
    ),
    Mutation(
        "an administrator's acts need no password",
        rows=("7.5.3",),
        edits=(Edit(ACCOUNT_ACTS, DISABLE, DISABLE.replace(", fresh=TEN_MINUTES", "")),),
        tests=(PROMPTS + "[sqlite-/admin/accounts/x/disable]", TABLE),
    ),
    Mutation(
        "an account is deleted without its password",
        rows=("7.5.3",),
        edits=(
            Edit(
                "daypass/web/pages/delete_account.py",
                CONFIRM,
                "stored = db.get_one(Account, current_claims().subject).password_hash\n"
                "        proof = PasswordProof(current_claims().subject, stored)",
            ),
            Edit(
                "daypass/web/pages/delete_account.py",
                "from daypass.accounts.errors",
                "from daypass.accounts.credentials import PasswordProof\nfrom daypass.accounts.errors",
            ),
            Edit(
                "daypass/web/pages/delete_account.py",
                "from daypass.database.transactions",
                "from daypass.database.models import Account\nfrom daypass.database.transactions",
            ),
        ),
        tests=(DELETED,),
    ),
    Mutation(
        "visitors choose their roles when they sign up",
        rows=("7.5.3",),
        edits=(
            Edit(
                "daypass/web/pages/sign_up.py",
                "accounts.sign_up(db, name, password_hash)",
                'accounts.create(db, name, password_hash, request.form.getlist("roles"))',
            ),
        ),
        tests=(
            "tests/web/pages/test_sign_up_page.py::"
            "TestSignup::test_only_name_and_password_are_read_from_the_form[sqlite]",
        ),
    ),
]
