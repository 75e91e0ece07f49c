"""Mutations of who may do what: ASVS V8."""

from tests.mutations.mutation import Edit, Mutation

TABLES = "tests/security/test_security_tables.py::"
GATED = "tests/web/test_gated_routes.py::"
SESSIONS = "tests/web/pages/test_sessions_page.py::"
LIFECYCLE = "daypass/sessions/lifecycle.py"

MUTATIONS = [
    Mutation(
        "a route is not documented",
        rows=("8.1.1",),
        edits=(Edit("daypass/web/pages/health.py", '@pages.get("/healthz")', '@pages.get("/health")'),),
        tests=(TABLES + "test_no_route_is_missing_in_the_table",),
    ),
    Mutation(
        "a page is not gated",
        rows=("8.1.1",),
        edits=(Edit("daypass/web/pages/members.py", "@token_required(api_tokens=True)\n", ""),),
        tests=(GATED + "test_every_route_is_gated_or_listed_as_open", TABLES + "test_no_route_is_missing_in_the_table"),
    ),
    Mutation(
        "anyone signed in may use the pages of administrators",
        rows=("8.2.1",),
        edits=(
            Edit(
                "daypass/web/verdict.py",
                "    if role is not None and role not in claims.roles:",
                "    if role is not None and not claims.subject:",
            ),
        ),
        tests=(
            GATED + "test_admin_routes_are_only_for_admins",
            "tests/web/pages/test_administration_page.py::test_these_actions_are_only_for_admins_and_existing_accounts",
        ),
    ),
    Mutation(
        "anyone signed in may end and name any session",
        rows=("8.2.2",),
        edits=(
            Edit(
                LIFECYCLE,
                "(AuthSession.id == session_id) & (AuthSession.account_id == account_id)",
                "AuthSession.id == session_id",
            ),
            Edit(
                LIFECYCLE,
                "where(AuthSession.id == session_id, AuthSession.account_id == account_id)",
                "where(AuthSession.id == session_id)",
            ),
        ),
        tests=(SESSIONS + "test_nobody_can_change_another_accounts_session",),
    ),
    Mutation(
        "the form of sign-up sets roles",
        rows=("8.2.3",),
        edits=(
            Edit(
                "daypass/web/pages/sign_up.py",
                "            account = accounts.sign_up(db, name, password_hash)\n",
                "            account = accounts.sign_up(db, name, password_hash)\n"
                '            account.roles = request.form.getlist("roles")\n',
            ),
        ),
        tests=("tests/web/pages/test_sign_up_page.py::TestSignup::test_only_name_and_password_are_read_from_the_form",),
    ),
    Mutation(
        "the list of accounts has the hashes",
        rows=("8.2.3",),
        edits=(
            Edit(
                "daypass/accounts/listing.py",
                "        name=account.name,\n",
                "        name=account.name + account.password_hash,\n",
            ),
        ),
        tests=(
            "tests/web/pages/test_account_page.py::test_the_list_of_accounts_shows_names_roles_and_live_sessions_and_no_hash",
        ),
    ),
    Mutation(
        "a token has all roles that were asked for",
        rows=("8.2.3",),
        edits=(
            Edit(
                "daypass/web/pages/api_tokens.py",
                'sorted(set(current_claims().roles) & set(request.form.getlist("roles")))',
                'sorted(set(request.form.getlist("roles")))',
            ),
            Edit(
                "daypass/sessions/issuing.py",
                "(role for role in own if role in of_account)",
                "own",
            ),
        ),
        tests=(SESSIONS + "test_a_token_has_no_more_roles_than_those_asked_for_and_held",),
    ),
    Mutation(
        "the roles of a token count",
        rows=("8.3.1",),
        edits=(
            Edit(
                "daypass/sessions/confirmation.py",
                "    if (session.account_name, roles) != (claims.name, claims.roles):",
                "    if session.account_name != claims.name:",
            ),
        ),
        tests=("tests/test_gate.py::test_a_removed_role_of_an_old_token_is_refused[sqlite]",),
    ),
]
