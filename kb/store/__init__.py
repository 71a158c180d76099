"""Open a store, bring its tables to the present form, and keep it safe."""
