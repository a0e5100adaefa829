"""What the venue's whole book says beside ours, one question a module."""
