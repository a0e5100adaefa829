"""The scan that stays warm between closes: it reads only the bars that closed since."""
