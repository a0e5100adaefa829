"""What a run is worth: figures, their uncertainty, and a verdict. Pure functions of columns."""
