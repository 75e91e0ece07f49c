"""Password hashes of other systems, as those systems wrote them for the password "correct horse"."""

import pytest
from werkzeug.security import generate_password_hash

from daypass.accounts.errors import UnknownHash
from daypass.accounts.foreign_hashes import MAX_HASH, check_hash, check_password_hash
from daypass.accounts.password_hasher import PasswordHasher, needs_rehash

PASSWORD = "correct horse"
HTPASSWD = {  # Apache httpd 2.4: `htpasswd -nb`, with -m, -B, -2 and -5
    "apr1": "$apr1$2mjpJlnI$frn9PVmSNnOaq6.0XlVMm1",
    "bcrypt of htpasswd": "$2y$05$RHdBvpdhRfPO/dQsl96/9O/wEu0metuT45X9yKMJtOIrEL.FySI16",
    "SHA-256 crypt": "$5$I//piKj8wSmQzfAi$CC9mVE6J0aWasD6.iNq8LUaTTwyeTndMDPBTT8lIub0",
    "SHA-512 crypt": (
        "$6$B8vAt/nPMJnPZ3YS$4esP8QnGNZ4k2atgY7ZJ/SmxMfAW1/1PzVP6759giDlALV6UVqQsPyk2otv16YdQbEPQitW2WGvf5hIHBVSSz."
    ),
}
DJANGO = {  # Django 5.2: `make_password`
    "Django's pbkdf2": "pbkdf2_sha256$1000000$9jXZvzvRCrQ2b3CqSRu6Bl$JNAWy0x6xWBwzzgF8R/n1+hkAxRi9xAyVuNoKRSo15c=",
    "Django's argon2": (
        "argon2$argon2id$v=19$m=102400,t=2,p=8$Nm1yelk3bmlDSkxvQklzQ3o4UmhvNw$"
        "7sdbUZUnvhdSLq8HjN7PS6k5pYa1/FehsaA5bQOdXck"
    ),
    "Django's bcrypt": "bcrypt_sha256$$2b$12$L2JP1gKNMiAadc66OAcLdOBf0buViRj9mVc.XVOuNmEOAlfv//qpW",
    "Django's older bcrypt": "bcrypt$$2b$06$KYZnh3UbhyQtcn.zak0JdO1e6XVi2z6sGTdr7FyXC4PcJkUdmd25W",
}
LIBRARIES = {  # bcrypt 5.0, argon2-cffi 25.1, Werkzeug 3.1
    "bcrypt": "$2b$06$KYZnh3UbhyQtcn.zak0JdO1e6XVi2z6sGTdr7FyXC4PcJkUdmd25W",
    "argon2": "$argon2id$v=19$m=8192,t=1,p=1$zufSbiJyWjWH0aoB/NF3xQ$h7SRFpTv8E8cx4ejH9zSni5+l5gwDamLHGD01PaU2CE",
    "Werkzeug's scrypt": generate_password_hash(PASSWORD, "scrypt:2048:8:1"),
    "Werkzeug's pbkdf2": generate_password_hash(PASSWORD, "pbkdf2:sha256:1000"),
}
HASHES = HTPASSWD | DJANGO | LIBRARIES
SHA512 = HTPASSWD["SHA-512 crypt"]

REJECTED = {
    "no salt": "{SHA}L55TUjtiq8FBorTWAZ0jy6g129A=",
    "crypt of 8 characters": "Lk1hwYp4UNKDQ",
    "Django's scrypt": "scrypt$16384$mQgviIHf7lIPZsSIn71rKQ$8$5$K2QPWw8mMrtj9KQb5Flt",
    "a password": PASSWORD,
    "no password in Django": "!m8X3",
    "a cut bcrypt": LIBRARIES["bcrypt"][:40],
    "a cut argon2": LIBRARIES["argon2"][:40],
    "a cut scrypt": LIBRARIES["Werkzeug's scrypt"][:-1],
    "only the salt": "$6$B8vAt/nPMJnPZ3YS",
    "too long": LIBRARIES["Werkzeug's pbkdf2"] + "0" * MAX_HASH,
    "years of bcrypt": LIBRARIES["bcrypt"].replace("$06$", "$31$"),
    "hours of SHA-512": SHA512.replace("$6$", "$6$rounds=999999999$"),
    "hours of pbkdf2": DJANGO["Django's pbkdf2"].replace("1000000", "1000000000"),
    "4 TiB of argon2": LIBRARIES["argon2"].replace("m=8192", "m=4294967295"),
    "hours of argon2": LIBRARIES["argon2"].replace("t=1", "t=4294967295"),
    "half a minute of argon2": LIBRARIES["argon2"].replace("m=8192,t=1", "m=262144,t=50"),
    "argon2 with a key": LIBRARIES["argon2"].replace("p=1$", "p=1,keyid=Zm9v$"),
    "argon2 with data": LIBRARIES["argon2"].replace("p=1$", "p=1,data=Zm9v$"),
    "a salt that is no base64": DJANGO["Django's pbkdf2"].replace("JNAW", "ä!"),
    "no round": LIBRARIES["Werkzeug's pbkdf2"].replace(":1000$", ":0$"),
    "no lane": LIBRARIES["Werkzeug's scrypt"].replace(":8:1$", ":8:0$"),
    "minutes of scrypt": LIBRARIES["Werkzeug's scrypt"].replace("2048:8:1$", "65536:8:99$"),
    "gigabytes of scrypt": LIBRARIES["Werkzeug's scrypt"].replace("2048", "16777216"),
    "hours of Werkzeug's pbkdf2": LIBRARIES["Werkzeug's pbkdf2"].replace("1000", "1000000000"),
}


@pytest.mark.parametrize("stored", HASHES.values(), ids=list(HASHES))
def test_only_the_password_matches_a_hash_of_another_system(stored: str) -> None:
    check_hash(stored)
    hasher = PasswordHasher(slots=1, queue=0)
    assert hasher.verify(stored, PASSWORD)
    assert not hasher.verify(stored, f"{PASSWORD}s")
    assert needs_rehash(stored)


@pytest.mark.parametrize("stored", REJECTED.values(), ids=list(REJECTED))
def test_a_hash_that_is_unknown_malformed_or_too_expensive_is_rejected(stored: str) -> None:
    with pytest.raises(UnknownHash):
        check_hash(stored)


def test_bcrypt_ignores_what_comes_after_72_bytes() -> None:
    stored = "$2b$04$08g80IWzdGyloQaTvJCTGem6UiS.DHmnLb0dJpy4ZCJudaSn6WO1y"  # bcrypt 3.2, for "é" * 50
    assert check_password_hash(stored, "é" * 50)
    assert not check_password_hash(stored, "é" * 35)


@pytest.mark.parametrize("stored", HASHES.values(), ids=list(HASHES))
@pytest.mark.parametrize("password", ["nul\0byte", "x" * 128, "🐎" * 128, ""], ids=["NUL", "long", "emoji", "empty"])
def test_a_password_that_the_other_system_could_not_have_does_not_match(stored: str, password: str) -> None:
    assert check_password_hash(stored, password) is False
