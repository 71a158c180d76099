"""Effect sizes and their synthesis: arrays in, estimates out.

The package knows nothing of the store. Its words and option values are those of the field's
reference, R's metafor, with which its results are compared.
"""
