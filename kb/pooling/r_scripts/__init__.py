"""Scripts in R that compute the same with metafor."""
