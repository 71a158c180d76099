"""Seed files and the tables: read, check, show the difference, load all or nothing."""
