"""Every defensible way to the pooled effect at once."""
