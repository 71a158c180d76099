"""How far a pooled effect depends on single studies, on their order, and on how it was made."""
