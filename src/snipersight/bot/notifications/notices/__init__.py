"""From what is stored to what each chat is told."""
