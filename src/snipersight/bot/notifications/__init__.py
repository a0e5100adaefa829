"""Telling people: what a message says, who gets it, and the channels that carry it."""
