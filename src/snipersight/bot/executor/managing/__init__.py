"""What a trade needs next: one rule a module, each a pure function of the situation."""
