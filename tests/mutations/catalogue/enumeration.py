"""Mutations of what strangers learn about accounts (E1 to E8), and of default accounts and inputs that break a query.

ASVS 6.3.2 and 6.3.4, and the attacks T14 and T15. Links are in `setup_link` and `reset_links`.
"""

from tests.mutations.mutation import Edit, Mutation

CREDENTIALS = "daypass/accounts/credentials.py"
LIFECYCLE = "daypass/sessions/lifecycle.py"
SIGN_UP = "tests/web/pages/test_sign_up_page.py::"
ACCOUNTS = "tests/accounts/test_accounts.py::"
OTHER_SESSION = "tests/web/pages/test_sessions_page.py::test_nobody_can_change_another_accounts_session"
SAME_RESPONSE = "tests/web/pages/test_sign_in_page.py::test_every_failure_has_the_same_response"
FAILED = "    if not matches or account_id is None or stored is None:\n"
END_OF_ACCOUNTS_TABLE = '        sa.UniqueConstraint("name", name=op.f("uq_accounts_name")),\n    )\n'

MUTATIONS = [
    Mutation(
        "an unknown name has an error of its own",
        rows=("E1", "T14", "T15", "6.3.4"),
        edits=(
            Edit(CREDENTIALS, FAILED, '    if stored is None:\n        raise NoSuchAccount("unknown name")\n' + FAILED),
        ),
        tests=(SAME_RESPONSE, ACCOUNTS + "test_every_failure_looks_the_same"),
    ),
    Mutation(
        "a disabled account has an error of its own",
        rows=("E1", "6.3.4"),
        edits=(Edit(CREDENTIALS, "WrongCredentials(inactive, account.id)", "NoSuchAccount(inactive)"),),
        tests=(SAME_RESPONSE + "[sqlite-disabled]", ACCOUNTS + "test_every_failure_looks_the_same"),
    ),
    Mutation(
        "a name is part of a query's text",
        rows=("E1", "T14", "T15"),
        edits=(
            Edit(
                "daypass/accounts/queries.py",
                'db.scalar(FOUND, {"canonical_name": canonical(name)})',
                "db.scalar(select(Account).where(text(f\"accounts.name = '{name}'\")))",
            ),
            Edit(
                "daypass/accounts/queries.py",
                "import Connection, Row, bindparam, func, select",
                "import Connection, Row, bindparam, func, select, text",
            ),
        ),
        tests=(SAME_RESPONSE + "[sqlite-' OR 1=1 --]",),
    ),
    Mutation(
        "an unknown name costs no hash",
        rows=("E2", "proxy 18"),
        edits=(
            Edit(
                CREDENTIALS,
                "    try:\n        return hasher.verify(",
                "    try:\n        return stored is not None and hasher.verify(",
            ),
        ),
        tests=(ACCOUNTS + "test_a_name_that_nobody_has_costs_one_hash_too",),
    ),
    Mutation(
        "an unknown name costs half a hash",
        rows=("E2",),
        edits=(Edit("daypass/accounts/password_hasher.py", '"scrypt:32768:8:3$8CPuf8', '"scrypt:16384:8:3$8CPuf8'),),
        tests=("tests/accounts/test_passwords.py::test_the_dummy_hash_costs_as_much_as_a_real_one",),
    ),
    Mutation(
        "everybody may sign up",
        rows=("E3",),
        edits=(
            Edit(
                "daypass/settings/definitions.py",
                "] = SignUp.CLOSED",
                "] = SignUp.OPEN",
            ),
        ),
        tests=(SIGN_UP + "test_sign_up_is_closed_unless_it_is_opened[sqlite]",),
    ),
    Mutation(
        "only the form of a closed sign-up is hidden",
        rows=("E3",),
        edits=(
            Edit(
                "daypass/web/pages/sign_up.py",
                "    _check_open()\n    form = SignupForm(request.form)",
                "    form = SignupForm(request.form)",
            ),
        ),
        tests=(SIGN_UP + "test_sign_up_is_closed_unless_it_is_opened[sqlite]",),
    ),
    Mutation(
        "sessions of others can be ended",
        rows=("E6",),
        edits=(
            Edit(
                LIFECYCLE,
                "(AuthSession.id == session_id) & (AuthSession.account_id == account_id)) == 1",
                "AuthSession.id == session_id) == 1",
            ),
        ),
        tests=(OTHER_SESSION + "[sqlite-end]",),
    ),
    Mutation(
        "sessions of others can be renamed",
        rows=("E6",),
        edits=(
            Edit(
                LIFECYCLE,
                "own = update(AuthSession).where(AuthSession.id == session_id, AuthSession.account_id == account_id)",
                "own = update(AuthSession).where(AuthSession.id == session_id)",
            ),
        ),
        tests=(OTHER_SESSION + "[sqlite-name]",),
    ),
    Mutation(
        "everybody sees the list of names",
        rows=("E8",),
        edits=(
            Edit(
                "daypass/web/pages/accounts.py",
                "@token_required(role=accounts.ADMIN)\ndef list_accounts",
                "@token_required\ndef list_accounts",
            ),
        ),
        tests=("tests/web/test_gated_routes.py::test_admin_routes_are_only_for_admins",),
    ),
    Mutation(
        "a new database has an administrator",
        rows=("6.3.2",),
        edits=(
            Edit(
                "daypass/database/migrations/versions/0001_accounts_sessions_keys.py",
                END_OF_ACCOUNTS_TABLE,
                END_OF_ACCOUNTS_TABLE
                + '    columns = map(sa.column, ("id", "name", "password_hash", "roles", "created_at"))\n'
                '    values = ("1", "admin", "x", "[]", "2026-01-01 00:00:00")\n'
                '    op.execute(sa.insert(sa.table("accounts", *columns)).values(values))\n',
            ),
        ),
        tests=(SIGN_UP + "test_nobody_has_an_account_at_first[sqlite]",),
    ),
]
