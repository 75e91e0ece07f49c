"""Rules for who may see which page: their file, their meaning, and why a rule decides. They know no request."""
