"""Fetching: from the address that a contract names to the drop folder, where the bytes take the road of any delivery.

Nothing here is called unless somebody asks (``barometre fetch``) or an operator switched the schedules on.
"""
