"""What the sources claim, held against what they print and what the base holds."""
