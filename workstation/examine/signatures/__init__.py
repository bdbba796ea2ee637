"""Readers of signatures over whole models: who signed which files, and whether they are unaltered."""
