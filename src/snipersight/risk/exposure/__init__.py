"""What is at stake: claims added up, and the limits they are held to."""
