"""Outside formats that are written, a module each; `formats` says which there are."""
