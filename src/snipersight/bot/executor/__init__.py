"""Executes approved plans, protects what was filled, and reconciles with the venue."""
