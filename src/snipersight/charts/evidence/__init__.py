"""Pictures of how signals ended, as SVG that takes its colours from the page it stands in.

Every module but `ink` imports matplotlib: load it late.
"""
