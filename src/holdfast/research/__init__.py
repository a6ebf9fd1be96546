"""From a cohort to a publication: the dataset, the analysis, the report and the figures.

What stands here: the tables of the dataset (``codebook``), where they come from (``sources``: the
database in one snapshot, or files), how people are hidden (``deidentification``), the files of a bundle
(``export``), pure statistics without I/O (``statistics``), the analysis that was planned (``plan``) and
the one that was done (``analysis``), and what is read in the end (``report``, ``figures``). A program's
own columns stand with the program, in its ``export``.
"""
