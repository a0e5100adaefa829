"""Builds the objects of a run from settings, files and the environment; read nowhere else."""
