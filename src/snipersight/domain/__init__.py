"""Types, units, ports and errors that every layer shares. No input, output, clock or chance."""
