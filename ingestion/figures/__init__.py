"""The figures of a report: its numerals, the quantities among them, and the ledger that accounts for every one."""
