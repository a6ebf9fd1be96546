"""Models of single skills, trained from labelled texts, checked by student, kept without pickle.

`labelled` reads a table of rated texts, `views` turns texts into numbers, `ridge` fits, `validation` says
how well that works on students that were not seen, `saved` keeps a model and its card, `prediction` makes a
judgement with its evidence. Runs on one core in seconds and never fetches anything.
"""
