"""How notices are worded: values in, text out."""
