"""The attack gallery: attacks on tokens signed with throw-away keys, and the code that stops each one."""
