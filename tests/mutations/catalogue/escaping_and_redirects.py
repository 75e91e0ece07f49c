"""Mutations of escaping (ASVS 3.2.2) and of the redirect after signing in (3.7.2)."""

from tests.mutations.mutation import Edit, Mutation

TARGETS = "daypass/net/redirect_target.py"
TESTS_OF_TARGETS = "tests/net/test_redirect_target.py::"
AFTER_SIGN_IN = "tests/web/pages/test_sign_in_page.py::test_no_return_url_leaves_the_site_or_loops"
SESSIONS = "tests/web/pages/test_sessions_page.py::"
SESSION = "templates/daypass/macros/session.html"
UNESCAPED = "tests/web/test_templates.py::test_no_template_turns_escaping_off"
TITLE = '<h3 class="pass-holder">{{ card.title }}</h3>'

MUTATIONS = [
    Mutation(
        "the name of a session is not escaped",
        rows=("3.2.2",),
        edits=(Edit(SESSION, TITLE, TITLE.replace("card.title", "card.title | safe")),),
        tests=(SESSIONS + "test_a_session_can_be_named[sqlite]", UNESCAPED),
    ),
    Mutation(
        "the user agent is not escaped",
        rows=("3.2.2",),
        edits=(Edit(SESSION, TITLE, TITLE.replace("<h3", "<h3 title='{{ card.session.user_agent | safe }}'")),),
        tests=(SESSIONS + "test_the_list_names_browser_and_system[sqlite]", UNESCAPED),
    ),
    Mutation(
        "the error of a name contains it unescaped",
        rows=("3.2.2",),
        edits=(
            Edit(
                "daypass/web/pages/sign_up.py",
                "from datetime import",
                "from markupsafe import Markup\nfrom datetime import",
            ),
            Edit(
                "daypass/web/pages/sign_up.py",
                '[*getattr(error, "advice", [error.message])]',
                '[Markup(f"{form.username.data}: {text}") for text in getattr(error, "advice", [error.message])]',
            ),
        ),
        tests=(
            "tests/web/pages/test_sign_up_page.py::"
            "TestSignup::test_a_name_outside_the_rules_is_an_error_at_its_field[sqlite-<img src=x>]",
        ),
    ),
    Mutation(
        "every target that begins with a slash is on this site",
        rows=("3.7.2",),
        edits=(
            Edit(TARGETS, "or not PATH.fullmatch(target):", 'or not target.startswith("/"):'),
            Edit(TARGETS, "return home if parts.scheme or parts.netloc else target", "return target"),
        ),
        tests=(
            TESTS_OF_TARGETS + "test_a_target_that_leaves_the_site_leads_home",
            TESTS_OF_TARGETS + "test_nothing_leads_off_the_site",
            AFTER_SIGN_IN + "[sqlite-//evil.example]",
        ),
    ),
    Mutation(
        "every target without a host is on this site",
        rows=("3.7.2",),
        edits=(Edit(TARGETS, " or not PATH.fullmatch(target)", ""),),
        tests=(
            TESTS_OF_TARGETS + "test_a_target_that_leaves_the_site_leads_home",
            TESTS_OF_TARGETS + "test_nothing_leads_off_the_site",
        ),
    ),
    Mutation(
        "signing in leads back to the form",
        rows=("3.7.2",),
        edits=(
            Edit(
                "daypass/web/return_to.py",
                'return home if path.partition("?")[0] in map(page_url, SIGN_IN_ENDPOINTS) else path',
                "return path",
            ),
        ),
        tests=(AFTER_SIGN_IN + "[sqlite-/login]",),
    ),
]
