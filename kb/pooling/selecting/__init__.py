"""Which effect each trial contributes to the answer of a question, and what is set aside."""
