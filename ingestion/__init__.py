"""Sources: archive, report extracts, datasets and reference data, up to typed bronze Parquet.

May import :mod:`warehouse` only. ``schemas`` declares what bronze holds; ``reference/`` is the only home of
indicators, their relations, measures and territories.
"""
