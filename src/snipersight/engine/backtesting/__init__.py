"""A whole account over recorded markets: the gate, the ledger and modelled trades in true time order."""
