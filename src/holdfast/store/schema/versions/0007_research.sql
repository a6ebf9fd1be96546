CREATE TABLE holdfast.research_plans (
    plan_id UUID NOT NULL,
    cohort_id UUID NOT NULL,
    sha256 TEXT NOT NULL,
    title TEXT NOT NULL,
    toml TEXT NOT NULL,
    registered_by TEXT NOT NULL,
    first_outcome_at TIMESTAMP WITH TIME ZONE,
    after_first_outcome BOOLEAN NOT NULL,
    registered_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT research_plans_pkey PRIMARY KEY (plan_id),
    CONSTRAINT research_plans_cohort_id_sha256_key UNIQUE (cohort_id, sha256),
    CONSTRAINT research_plans_cohort_id_fkey FOREIGN KEY(cohort_id) REFERENCES holdfast.cohorts (cohort_id)
);

COMMENT ON COLUMN holdfast.research_plans.sha256 IS 'of the canonical form';

COMMENT ON COLUMN holdfast.research_plans.toml IS 'as it was given';

COMMENT ON COLUMN holdfast.research_plans.first_outcome_at IS 'the cohort''s first completed session by then; null: there was none';

CREATE TABLE holdfast.research_looks (
    look_id UUID NOT NULL,
    cohort_id UUID NOT NULL,
    plan_sha256 TEXT NOT NULL,
    observed INTEGER NOT NULL,
    fraction DOUBLE PRECISION,
    looked_by TEXT NOT NULL,
    looked_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT research_looks_pkey PRIMARY KEY (look_id),
    CONSTRAINT research_looks_observed_check CHECK (observed >= 0),
    CONSTRAINT research_looks_cohort_id_fkey FOREIGN KEY(cohort_id) REFERENCES holdfast.cohorts (cohort_id)
);

CREATE INDEX research_looks_cohort_id_looked_at_idx ON holdfast.research_looks (cohort_id, looked_at);

COMMENT ON COLUMN holdfast.research_looks.plan_sha256 IS 'of the plan that was followed, registered or not';

COMMENT ON COLUMN holdfast.research_looks.observed IS 'students with the first primary outcome';

COMMENT ON COLUMN holdfast.research_looks.fraction IS 'of the planned information; null when the plan says none';

CREATE TABLE holdfast.research_covariates (
    student_id UUID NOT NULL,
    cohort_id UUID NOT NULL,
    name TEXT NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    source TEXT NOT NULL,
    imported_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT research_covariates_pkey PRIMARY KEY (student_id, cohort_id, name),
    CONSTRAINT research_covariates_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE,
    CONSTRAINT research_covariates_cohort_id_fkey FOREIGN KEY(cohort_id) REFERENCES holdfast.cohorts (cohort_id) ON DELETE CASCADE
);

CREATE INDEX research_covariates_cohort_id_name_idx ON holdfast.research_covariates (cohort_id, name);

COMMENT ON COLUMN holdfast.research_covariates.source IS 'the file or the test it came from';

CREATE FUNCTION holdfast.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are written once: they say what was planned and when', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER research_plans_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON holdfast.research_plans
    FOR EACH STATEMENT EXECUTE FUNCTION holdfast.refuse_change();

CREATE TRIGGER research_looks_written_once BEFORE UPDATE OR DELETE OR TRUNCATE ON holdfast.research_looks
    FOR EACH STATEMENT EXECUTE FUNCTION holdfast.refuse_change();
