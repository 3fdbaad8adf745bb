"""Tables: those of users, and those of a run."""
