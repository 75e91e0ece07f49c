"""The database: tables, engine, transactions, migrations, and the replica that each process keeps in memory.

The meaning of the rows belongs in the package of their domain.
"""
