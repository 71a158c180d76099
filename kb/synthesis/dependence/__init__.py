"""Several effects of one study: aggregation, three-level models and cluster-robust variances."""
