"""The command line. It parses and draws; the evidence and its words are in `kb`."""
