"""Outgoing messages: the table they wait in, their texts, and their delivery by SMTP or to the webhook.

Which act causes which message is decided in `accounts`.
"""
