"""What the older workshop left in the same database, and how it is brought over.

Pure rules: `reading` (one value of whatever type a column had), `exercises` (progress by step, in
every form of key), `rows` (what a row of an old table says), `old_keys` (API keys that the older
system encrypted), `taking_over` (what becomes of a row), `report` (what is told about it). `old_tables`
finds, locks, reads and renames the old tables where they stand; `writing` stores; `migration` is the
use case: everything in one transaction.
"""
