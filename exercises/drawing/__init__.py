"""How figures are drawn (svg), what they take from the reference, and what is on them."""
