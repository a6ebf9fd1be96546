"""Pages for people: joining, playing, watching, cohorts.

A page is a shell that shows; whatever changes something goes through the same API that every other
client uses, sent by a few modules of plain JavaScript in ``static/``. So there is one set of commands,
one set of idempotency keys and one place that decides who may do what. What belongs here: cookies,
templates, the words that people read, and what a browser must remember while a server is away. What
does not: any rule of a program, and any second way to change a row.
"""
