"""Readers of evaluation logs: what was run, on what, with what outcome, and what is missing."""
