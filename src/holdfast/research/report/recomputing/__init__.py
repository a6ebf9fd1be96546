"""Scripts that reach the numbers of a report again, in R and in Python, from the exported csv files.

They share no code with Holdfast: base R alone, or NumPy and SciPy alone. What Holdfast found stands in
``report_numbers.csv`` by name, and a script fails when one of its own numbers differs.
"""
