"""The running bot: what it is made of, and what keeps watch over it."""
