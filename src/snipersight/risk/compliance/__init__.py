"""What a plan and its market must be before a size is asked for."""
