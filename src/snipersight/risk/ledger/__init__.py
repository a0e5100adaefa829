"""The exposure ledger: how entries move, and how budget is taken and given back."""
