"""The page of a sweep: what its parameters do, what choosing among them is worth, and the best run."""
