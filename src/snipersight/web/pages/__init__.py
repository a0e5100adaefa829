"""The dashboard's pages. NiceGUI is imported with them, so nothing imports them until one is served."""
