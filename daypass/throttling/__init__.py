"""Limits on work that is expensive or slow: queues, locks, intervals, deadlines."""
