"""How people are hidden in a dataset: pseudonyms, shifted dates, masked words, and how few share a cell.

``pseudonyms`` holds what the study's key decides, ``folding`` and ``masking`` find names in text,
``hiding`` applies all of it to a table as its codebook says, ``small_cells`` counts who still stands out.
What this cannot do stands in docs/dataset.md. No I/O here.
"""

from holdfast.research.deidentification.hiding import Hiding
from holdfast.research.deidentification.masking import Masker, Person
from holdfast.research.deidentification.pseudonyms import StudyKey

__all__ = ["Hiding", "Masker", "Person", "StudyKey"]
