"""The attack gallery: attacks on tokens of throw-away keys, what each tries, and the line of code that stops it."""
