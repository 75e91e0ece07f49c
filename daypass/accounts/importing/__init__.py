"""Accounts of another system, from a file: read it, check each line, and create the accounts, all or none.

The hashes that it may contain are in `accounts/foreign_hashes`; the command is in `cli/import_users`.
"""
