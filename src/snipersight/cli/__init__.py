"""The command line: reads what the trader asks for, shows what the engine answers."""
