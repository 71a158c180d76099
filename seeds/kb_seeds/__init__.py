"""The curated evidence and its vocabularies, as YAML files. No code."""
