"""What people get wrong when they set up a login like this one; without Flask, and nothing is changed by looking."""
