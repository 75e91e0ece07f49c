"""The places where a secret belongs, and texts that are secrets in a test only. Each has its reason."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.helpers.project import COPY

MAIL_LINKS = "the link belongs in the mail, which is sent and not stored"
SET_UP = "the start prints the link for the first account (SECURITY.md, Known limits)"
INCLUDED = "--with-secret-key includes it"


@dataclass(frozen=True)
class Expected:
    """A kind of secret that a file may contain. `file` is a pattern for its path below the collection."""

    kind: str
    file: str
    reason: str

    def matches(self, kind: str, file: str) -> bool:
        return fnmatchcase(kind, self.kind) and fnmatchcase(file, self.file)


EXPECTED = (
    Expected("reset token", "outputs/mail/*", MAIL_LINKS),
    Expected("confirm_address token", "outputs/mail/*", MAIL_LINKS),
    Expected("disown token", "outputs/mail/*", MAIL_LINKS),
    Expected("link code", "*/server.log", SET_UP),
    Expected("link code", "outputs/stdout/*", SET_UP),
    Expected("link code", "outputs/terminal-*-setup-link/*", "the command prints the link for the first account"),
    Expected("reset token", "outputs/terminal-user-reset/*", "the command prints the link for the administrator"),
    Expected("link code", "outputs/terminal-user-invite/*", "the command prints the link of the invitation"),
    Expected("link code", "outputs/terminal-guest-links-add/*", "the command prints the link"),
    Expected("* token", "outputs/terminal-token-encode/*", "the command prints the token that it signs"),
    Expected("secret_key", "*/secret_key", "the file that keeps the generated secret key"),
    Expected("secret_key", "*/test_the_files_on_this_machine*/.env", "a file of settings"),
    Expected("secret_key", "*/test_a_backup_with_its_secret*/b", INCLUDED),
    Expected("secret_key", "*/test_the_secret_key_is_in_it_o*/with", INCLUDED),
    Expected("secret_key", "outputs/rows-daypass_backup/*", INCLUDED),
    Expected("link code", "*/nginx*/access.log", "nginx logs URLs, as docs/gateway.md says of guest links"),
    Expected("session token", "*/nginx*/access.log", "nginx logs URLs, and a test puts a token into them"),
)

# Texts that are passwords or keys in a test, and ordinary texts everywhere else
ORDINARY = {
    b"password": "a word in the names of columns and events",
    b"too short": "in the source of an app that a test copies",
    b"a-string-secret-at-least-256-bits-long": "the key of a public example, in the gallery of attacks",
    b"https://hooks.example.org/": "the example in the message about a webhook that cannot be used",
}
# Tests whose passwords and keys are no secrets, unless another test uses them too
WITHOUT_SECRETS = {
    "tests/integration/test_fail2ban.py": "sends forged log lines in every field, so as passwords too",
    "tests/security/test_crawler.py": "sends the same hostile texts, and the ids of accounts, in every field",
    "tests/security/test_weak_keys.py": "its keys begin with what all keys of their type begin with",
}


# Files and folders that are not searched, by name
UNSEARCHED = {"large.bin": "a gigabyte of zeros, for a test of streaming"}
UNSEARCHED_FOLDERS = {COPY: "the source of Daypass, with the passwords of its tests"}


def are_without_secrets(tests: set[str]) -> bool:
    """Whether only tests that use no secrets used a text."""
    return {test.partition("::")[0] for test in tests} <= WITHOUT_SECRETS.keys()
