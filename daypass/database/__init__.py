"""The database: tables, engine, transactions, migrations, and the replica that each process keeps in memory.

What the rows mean belongs to the package of that domain.
"""
