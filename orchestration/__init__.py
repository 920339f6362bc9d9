"""The ``barometre`` command line and the Dagster definitions; thin: no business rule lives here. May import all."""
