"""Create, decode, tamper with and verify tokens, using keys that visitors enter."""
