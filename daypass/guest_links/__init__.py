"""Guest links: whoever has one may read one path behind the gate, without an account, until a date."""
