"""The files of a bundle: CSV, Parquet, a workbook, SPSS, Stata, codebooks, manifest.

A writer takes a table of the codebook and a lazy frame of the dataset and makes one file; the same input
makes the same bytes. ``verification`` reads every file back, ``bundle`` puts the directory in its place
in one step. What the dataset holds is decided before (``dataset``), what is found in it elsewhere
(``analysis``); nothing here asks the clock or prints.
"""
