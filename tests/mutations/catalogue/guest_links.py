"""Mutations of guest links: what they open, and until when."""

from tests.mutations.mutation import Edit, Mutation

COVERAGE = "daypass/guest_links/coverage.py"
LINKS = "daypass/guest_links/links.py"
COVERED = "tests/guest_links/test_coverage.py::"
CHECKS = "tests/web/forward_auth/test_guests_at_checks.py::"

MUTATIONS = [
    Mutation(
        "a guest link opens paths that only begin like its own",
        rows=("8.3.1",),
        edits=(
            Edit(
                COVERAGE,
                "return page.segments[: len(segments)] == segments",
                'return page.path.startswith("/" + "/".join(segments))',
            ),
        ),
        tests=(COVERED + "test_a_path_ends_at_a_whole_segment",),
    ),
    Mutation(
        "a guest link is for any host",
        rows=("8.3.1",),
        edits=(Edit(COVERAGE, " or page.host != shared.host", ""),),
        tests=(COVERED + "test_a_link_is_for_one_host",),
    ),
    Mutation(
        "guests may send forms",
        rows=("8.3.1",),
        edits=(Edit(COVERAGE, "page.method not in METHODS or ", ""),),
        tests=(COVERED + "test_guests_only_read",),
    ),
    Mutation(
        "a guest link opens what a stricter rule closes",
        rows=("8.3.1",),
        edits=(Edit(COVERAGE, " and decision == decide(replace(page, path=shared.path))", ""),),
        tests=(COVERED + "test_a_part_that_another_rule_decides_about_needs_a_link_of_its_own",),
    ),
    Mutation(
        "a guest link never expires",
        rows=("8.3.1",),
        edits=(
            Edit(
                LINKS,
                'bindparam("hashes", expanding=True)), GuestLink.expires_at > database_now())',
                'bindparam("hashes", expanding=True)))',
            ),
        ),
        tests=(CHECKS + "test_an_expired_link_opens_nothing[nginx-sqlite]",),
    ),
    Mutation(
        "a guest link outlives the rights of its creator",
        rows=("8.3.1",),
        edits=(Edit(LINKS, "    .where(IS_ACTIVE)", "    .where(Account.id.is_(Account.id))"),),
        tests=(CHECKS + "test_a_link_ends_with_the_rights_of_its_creator",),
    ),
    Mutation(
        "a revoked guest link is only hidden",
        rows=("8.3.1",),
        edits=(
            Edit(
                LINKS,
                "delete(GuestLink).where(GuestLink.id == link_id).returning(*SHARED)",
                "select(*SHARED).where(GuestLink.id == link_id)",
            ),
        ),
        tests=(CHECKS + "test_a_revoked_link_opens_nothing_at_the_next_request_of_any_process[nginx-sqlite]",),
    ),
]
