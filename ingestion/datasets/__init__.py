"""The registry of open datasets: one contract a dataset, from which its recognition and its reading derive.

A dataset is ``<code>.yml`` here and, where renaming and constants do not say it all, ``transforms/<code>.py``. See
docs/add-a-dataset.md.
"""
