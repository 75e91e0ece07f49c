"""Accounts: names, roles, passwords, sign-in, set-up, administrators. Their sessions belong in `sessions`."""
