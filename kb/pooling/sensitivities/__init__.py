"""How far a pooled effect hangs on single studies, on order, on the estimator."""
