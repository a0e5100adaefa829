"""What every test shares: the compile cache, chosen before anything compiles."""

try:
    from snipersight.bootstrap.compile_cache import configure_compile_cache
except ImportError:  # the package is being laid down from the bottom layer up
    pass
else:
    configure_compile_cache()
