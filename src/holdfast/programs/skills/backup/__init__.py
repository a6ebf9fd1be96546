"""Backup files of assessments in the older system's format: written, read and put back.

`document` says what a file may hold and reads it record by record, `writing` writes one atomically,
`restoring` puts one back. The format has no version of its own; a file that names one is refused.
"""
