"""What was measured before the study began, and is adjusted for."""

from __future__ import annotations

from holdfast.core.codebook import Kind, Table, Variable

COVARIATES = Table(
    name="baseline_covariates",
    sheet="Baseline",
    one_row_is="a value that was measured before the study",
    key=("student_id", "covariate"),
    variables=(
        Variable("student_id", Kind.IDENTIFIER, "The student", names="student"),
        Variable("covariate", Kind.CATEGORY, "What was measured"),
        Variable("value", Kind.NUMBER, "The value, on the scale of what was measured"),
        Variable("source", Kind.TEXT, "The file or the test it came from", missing="not recorded"),
    ),
)
