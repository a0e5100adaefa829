"""Statistics over columns of evidence: pure functions, each with a sentence in its result."""
