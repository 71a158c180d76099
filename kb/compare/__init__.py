"""Two records of one kind side by side: where they differ, what they share, what one side lacks.

aspects:                  what is told of a record, in parts that can be held against each other
study, review, approach:  the aspects of each kind
comparison:               both sides together
"""
