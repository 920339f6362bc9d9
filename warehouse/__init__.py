"""The floor of Baromètre: paths, errors, the lock, the state store, snapshots and the guarded connection.

Imports nothing of ours. See ``docs/architecture.md``.
"""
