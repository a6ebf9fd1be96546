"""Routes that belong to no program: health, login, students, cohorts, control of sessions."""
