"""The learning programs. Each is a package of one shape; none knows another.

Rooms of a program: `tables` (declarations), `queries.sql` (every statement), rule modules named by
the field (pure: no I/O, no clock, no randomness of their own), `service` (use cases, one
transaction each), `routes` (HTTP shapes only), `export` (the columns it offers to research).
"""
