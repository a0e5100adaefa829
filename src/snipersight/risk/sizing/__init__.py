"""The size of a plan and the leverage it needs."""
