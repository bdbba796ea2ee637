"""Readers of documents: what a person would open to read it."""
