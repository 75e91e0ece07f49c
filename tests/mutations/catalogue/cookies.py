"""Mutations of the cookies: ASVS 3.3, and the attacks C1 to C11."""

from tests.mutations.mutation import Edit, Mutation

SIGN_IN = "tests/web/pages/test_sign_in_page.py::"
BROWSER = "tests/integration/browser/test_cookie_in_browser.py::"

MUTATIONS = [
    Mutation(
        "scripts can read the cookie",
        rows=("3.3.4", "C4"),
        edits=(
            Edit(
                "daypass/web/cookies.py",
                "domain=settings.cookie_domain or None,\n        secure=settings.https,\n        httponly=True,",
                "secure=settings.https,",
            ),
        ),
        tests=(BROWSER + "test_the_cookie_is_for_this_site_for_its_time_and_hidden_from_scripts",),
    ),
]
