"""Audit events and their log. `web/audit` adds the facts of a request."""
