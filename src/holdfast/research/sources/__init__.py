"""Where a dataset comes from: the database in one snapshot, or a folder with a file for each student.

``student_file`` is the form of such a file in all its spellings, ``readings`` what its texts mean,
``file_rows`` which rows of which table it gives, ``files`` the folder as a whole; ``database`` reads the
programs' statements. ``parts`` puts the rows on disk in the order of their keys, in constant memory.
"""
