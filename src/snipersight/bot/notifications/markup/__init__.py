"""From Markdown to text and entities, cut to a channel's size."""
