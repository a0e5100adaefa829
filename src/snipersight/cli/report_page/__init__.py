"""The page that `snipersight report` writes: one file of HTML that needs nothing but a browser."""
