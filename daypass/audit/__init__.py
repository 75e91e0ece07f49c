"""Audit events: their log, the chain that stores them, and queries. `web/audit` adds the facts of a request."""
