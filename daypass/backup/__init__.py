"""Backup files, restoring them, and moving to another database.

A backup is an SQLite file with the tables of the database, whatever database they came from. How rows are copied
belongs to `database/copying`.
"""
