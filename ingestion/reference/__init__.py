"""The reference: the only home of indicators, their relations, measures, territories and professions.

What people declare is in YAML and CSV fragments (``indicators/``, ``programmes/``, ``places/``, ``groups/``,
``professions.csv``); what public packages give is in Parquet (see ``README.md``). :mod:`.models` says what a fragment
may hold, :mod:`.fragments` reads one, :mod:`.loading` puts them together and checks them against each other.
"""
