CREATE TABLE holdfast.question_pools (
    pool_id UUID NOT NULL,
    name TEXT NOT NULL,
    scale TEXT NOT NULL,
    parameterisation TEXT NOT NULL,
    concept_names TEXT[] NOT NULL,
    rules JSONB DEFAULT '{}' NOT NULL,
    revision INTEGER DEFAULT 0 NOT NULL,
    tests_started BIGINT DEFAULT 0 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT question_pools_pkey PRIMARY KEY (pool_id),
    CONSTRAINT question_pools_name_key UNIQUE (name),
    CONSTRAINT question_pools_parameterisation_check CHECK (parameterisation IN ('a(theta-b)', 'a*theta-b'))
);

COMMENT ON COLUMN holdfast.question_pools.scale IS 'abilities and proficiencies are comparable between pools of one scale';

COMMENT ON COLUMN holdfast.question_pools.parameterisation IS 'what the logit is; the seed''s is a*theta-b';

COMMENT ON COLUMN holdfast.question_pools.concept_names IS 'in the order of the questions'' vectors';

COMMENT ON COLUMN holdfast.question_pools.rules IS 'of a test on this pool';

COMMENT ON COLUMN holdfast.question_pools.revision IS 'moves with every change';

CREATE TABLE holdfast.questions (
    id TEXT NOT NULL,
    pool_id UUID NOT NULL,
    ordinal INTEGER NOT NULL,
    version INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    content TEXT NOT NULL,
    options JSONB NOT NULL,
    correct_answer TEXT NOT NULL,
    concepts JSONB DEFAULT '[]' NOT NULL,
    difficulty DOUBLE PRECISION,
    discrimination DOUBLE PRECISION,
    guessing DOUBLE PRECISION DEFAULT 0 NOT NULL,
    slipping DOUBLE PRECISION DEFAULT 1 NOT NULL,
    status TEXT NOT NULL,
    content_area TEXT,
    enemies TEXT[] DEFAULT '{}' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT questions_pkey PRIMARY KEY (id),
    CONSTRAINT questions_pool_id_ordinal_key UNIQUE (pool_id, ordinal),
    CONSTRAINT questions_status_check CHECK (status IN ('draft', 'pretest', 'active', 'retired')),
    CONSTRAINT questions_discrimination_check CHECK (discrimination > 0),
    CONSTRAINT questions_calibrated_check CHECK (status <> 'active' OR (difficulty IS NOT NULL AND discrimination IS NOT NULL)),
    CONSTRAINT questions_pool_id_fkey FOREIGN KEY(pool_id) REFERENCES holdfast.question_pools (pool_id)
);

COMMENT ON COLUMN holdfast.questions.ordinal IS '0-based place in the pool; the first wins ties';

COMMENT ON COLUMN holdfast.questions.version IS 'the newest one, which these columns hold';

COMMENT ON COLUMN holdfast.questions.content_hash IS 'SHA-256 of the canonical record';

COMMENT ON COLUMN holdfast.questions.concepts IS 'weights, 0 or more';

COMMENT ON COLUMN holdfast.questions.difficulty IS 'null: not calibrated';

COMMENT ON COLUMN holdfast.questions.discrimination IS 'above 0; null: not calibrated';

COMMENT ON COLUMN holdfast.questions.guessing IS 'lower asymptote c';

COMMENT ON COLUMN holdfast.questions.slipping IS 'upper asymptote d';

COMMENT ON COLUMN holdfast.questions.content_area IS 'what quotas count';

COMMENT ON COLUMN holdfast.questions.enemies IS 'never in one test';

CREATE INDEX questions_created_at_idx ON holdfast.questions (created_at);

CREATE TABLE holdfast.question_versions (
    question_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    pool_id UUID NOT NULL,
    ordinal INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    record JSONB NOT NULL,
    origin TEXT NOT NULL,
    calibration JSONB,
    created_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT question_versions_pkey PRIMARY KEY (question_id, version),
    CONSTRAINT question_versions_origin_check CHECK (origin IN ('upload', 'import', 'calibration')),
    CONSTRAINT question_versions_question_id_fkey FOREIGN KEY(question_id) REFERENCES holdfast.questions (id) ON DELETE CASCADE
);

COMMENT ON COLUMN holdfast.question_versions.version IS '1-based';

COMMENT ON COLUMN holdfast.question_versions.ordinal IS 'as in questions';

COMMENT ON COLUMN holdfast.question_versions.revision IS 'of the pool, from which on this version holds';

COMMENT ON COLUMN holdfast.question_versions.record IS 'the canonical record; never changed';

COMMENT ON COLUMN holdfast.question_versions.calibration IS 'how the parameters were estimated, with standard errors';

CREATE INDEX question_versions_pool_id_revision_idx ON holdfast.question_versions (pool_id, revision);

CREATE TABLE holdfast.question_exposures (
    question_id TEXT NOT NULL,
    pool_id UUID NOT NULL,
    administered BIGINT DEFAULT 0 NOT NULL,
    tests_before BIGINT NOT NULL,
    administered_before BIGINT DEFAULT 0 NOT NULL,
    CONSTRAINT question_exposures_pkey PRIMARY KEY (question_id),
    CONSTRAINT question_exposures_question_id_fkey FOREIGN KEY(question_id) REFERENCES holdfast.questions (id) ON DELETE CASCADE
)
 WITH (fillfactor = 50);

COMMENT ON COLUMN holdfast.question_exposures.tests_before IS 'the pool''s tests before it became active';

COMMENT ON COLUMN holdfast.question_exposures.administered_before IS 'by then';

CREATE INDEX question_exposures_pool_id_idx ON holdfast.question_exposures (pool_id);

CREATE TABLE holdfast.adaptive_tests (
    session_id TEXT NOT NULL,
    student_id UUID NOT NULL,
    question_pool_id UUID NOT NULL,
    pool_revision INTEGER NOT NULL,
    scale TEXT NOT NULL,
    concept_names TEXT[] NOT NULL,
    rules JSONB NOT NULL,
    opening JSONB NOT NULL,
    engine_version TEXT NOT NULL,
    initial_proficiency JSONB NOT NULL,
    final_proficiency JSONB,
    initial_ability DOUBLE PRECISION NOT NULL,
    initial_standard_error DOUBLE PRECISION NOT NULL,
    ability DOUBLE PRECISION NOT NULL,
    standard_error DOUBLE PRECISION NOT NULL,
    pending JSONB,
    presented_at TIMESTAMP WITH TIME ZONE,
    total_questions INTEGER DEFAULT 0 NOT NULL,
    scored_questions INTEGER DEFAULT 0 NOT NULL,
    correct_responses INTEGER DEFAULT 0 NOT NULL,
    accuracy DOUBLE PRECISION,
    learning_gain DOUBLE PRECISION,
    test_efficiency DOUBLE PRECISION,
    end_reason TEXT,
    expired_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT adaptive_tests_pkey PRIMARY KEY (session_id),
    CONSTRAINT adaptive_tests_session_id_fkey FOREIGN KEY(session_id) REFERENCES holdfast.sessions (session_id) ON DELETE CASCADE,
    CONSTRAINT adaptive_tests_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE,
    CONSTRAINT adaptive_tests_question_pool_id_fkey FOREIGN KEY(question_pool_id) REFERENCES holdfast.question_pools (pool_id)
)
 WITH (fillfactor = 50);

COMMENT ON COLUMN holdfast.adaptive_tests.pool_revision IS 'the questions as they were at the start';

COMMENT ON COLUMN holdfast.adaptive_tests.concept_names IS 'in the order in which vectors are shown';

COMMENT ON COLUMN holdfast.adaptive_tests.rules IS 'estimator, selection, exposure, quotas, stopping, tracking';

COMMENT ON COLUMN holdfast.adaptive_tests.opening IS 'draw, prior and the questions that may be chosen';

COMMENT ON COLUMN holdfast.adaptive_tests.initial_proficiency IS 'by concept';

COMMENT ON COLUMN holdfast.adaptive_tests.final_proficiency IS 'by concept';

COMMENT ON COLUMN holdfast.adaptive_tests.pending IS 'the question that waits for its answer, and why it was chosen';

COMMENT ON COLUMN holdfast.adaptive_tests.presented_at IS 'when the pending question was chosen';

COMMENT ON COLUMN holdfast.adaptive_tests.total_questions IS 'answered';

COMMENT ON COLUMN holdfast.adaptive_tests.scored_questions IS 'without pretest';

COMMENT ON COLUMN holdfast.adaptive_tests.correct_responses IS 'of the scored';

COMMENT ON COLUMN holdfast.adaptive_tests.accuracy IS 'correct / scored; null when nothing was scored';

COMMENT ON COLUMN holdfast.adaptive_tests.learning_gain IS 'the seed''s mean |final - initial|: convergence, not learning';

COMMENT ON COLUMN holdfast.adaptive_tests.test_efficiency IS 'the seed''s mean step of the proficiency vector';

COMMENT ON COLUMN holdfast.adaptive_tests.expired_at IS 'when it was found idle; null again once it is resumed';

CREATE INDEX adaptive_tests_question_pool_id_idx ON holdfast.adaptive_tests (question_pool_id);

CREATE INDEX adaptive_tests_student_id_idx ON holdfast.adaptive_tests (student_id);

CREATE TABLE holdfast.test_responses (
    id UUID DEFAULT gen_random_uuid() NOT NULL,
    student_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    question_id TEXT NOT NULL,
    question_version INTEGER NOT NULL,
    position SMALLINT NOT NULL,
    response SMALLINT NOT NULL,
    chosen TEXT,
    graded_by TEXT NOT NULL,
    is_correct BOOLEAN NOT NULL,
    scored BOOLEAN NOT NULL,
    ability_before DOUBLE PRECISION NOT NULL,
    standard_error_before DOUBLE PRECISION NOT NULL,
    ability_after DOUBLE PRECISION NOT NULL,
    standard_error_after DOUBLE PRECISION NOT NULL,
    at_bound BOOLEAN NOT NULL,
    proficiency_before JSONB NOT NULL,
    proficiency_after JSONB NOT NULL,
    choice JSONB NOT NULL,
    draw BIGINT NOT NULL,
    eligible_digest TEXT NOT NULL,
    eligible_count INTEGER NOT NULL,
    prior JSONB NOT NULL,
    engine_version TEXT NOT NULL,
    response_s DOUBLE PRECISION NOT NULL,
    presented_at TIMESTAMP WITH TIME ZONE NOT NULL,
    timestamp TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT test_responses_pkey PRIMARY KEY (id),
    CONSTRAINT test_responses_session_id_question_id_key UNIQUE (session_id, question_id),
    CONSTRAINT test_responses_session_id_position_key UNIQUE (session_id, position),
    CONSTRAINT test_responses_question_fkey FOREIGN KEY(question_id, question_version) REFERENCES holdfast.question_versions (question_id, version),
    CONSTRAINT test_responses_response_check CHECK (response IN (0, 1)),
    CONSTRAINT test_responses_graded_by_check CHECK (graded_by IN ('server', 'caller')),
    CONSTRAINT test_responses_session_id_fkey FOREIGN KEY(session_id) REFERENCES holdfast.sessions (session_id) ON DELETE CASCADE
);

COMMENT ON COLUMN holdfast.test_responses.student_id IS 'of the session';

COMMENT ON COLUMN holdfast.test_responses.question_version IS 'the parameters it was scored with';

COMMENT ON COLUMN holdfast.test_responses.position IS '1-based order within the test';

COMMENT ON COLUMN holdfast.test_responses.response IS '1 correct, 0 wrong';

COMMENT ON COLUMN holdfast.test_responses.chosen IS 'the option; null when a trusted role graded';

COMMENT ON COLUMN holdfast.test_responses.scored IS 'false: a pretest question';

COMMENT ON COLUMN holdfast.test_responses.at_bound IS 'the estimate lies at a bound of the scale';

COMMENT ON COLUMN holdfast.test_responses.proficiency_before IS 'by concept';

COMMENT ON COLUMN holdfast.test_responses.proficiency_after IS 'by concept';

COMMENT ON COLUMN holdfast.test_responses.choice IS 'why this question: criterion, information, constraints';

COMMENT ON COLUMN holdfast.test_responses.draw IS 'the random number of 63 bits, used or not';

COMMENT ON COLUMN holdfast.test_responses.eligible_digest IS 'of the questions that could have been chosen';

COMMENT ON COLUMN holdfast.test_responses.response_s IS 'seconds from choice to answer, pauses left out';

CREATE INDEX test_responses_question_id_idx ON holdfast.test_responses (question_id);

CREATE INDEX test_responses_timestamp_idx ON holdfast.test_responses USING brin (timestamp);

CREATE TABLE holdfast.student_proficiencies (
    student_id UUID NOT NULL,
    scale TEXT NOT NULL,
    concept_name TEXT NOT NULL,
    proficiency_value DOUBLE PRECISION NOT NULL,
    variance DOUBLE PRECISION NOT NULL,
    covariances JSONB DEFAULT '{}' NOT NULL,
    confidence DOUBLE PRECISION DEFAULT 0 NOT NULL,
    responses INTEGER DEFAULT 0 NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT student_proficiencies_pkey PRIMARY KEY (student_id, scale, concept_name),
    CONSTRAINT student_proficiencies_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

COMMENT ON COLUMN holdfast.student_proficiencies.proficiency_value IS 'posterior mean on the scale of ability';

COMMENT ON COLUMN holdfast.student_proficiencies.variance IS 'posterior variance';

COMMENT ON COLUMN holdfast.student_proficiencies.covariances IS 'by other concept';

COMMENT ON COLUMN holdfast.student_proficiencies.confidence IS '0 to 1';

COMMENT ON COLUMN holdfast.student_proficiencies.responses IS 'that loaded on it';

CREATE TRIGGER question_pools_updated_at BEFORE UPDATE ON holdfast.question_pools
    FOR EACH ROW EXECUTE FUNCTION holdfast.keep_updated_at();

CREATE TRIGGER questions_updated_at BEFORE UPDATE ON holdfast.questions
    FOR EACH ROW EXECUTE FUNCTION holdfast.keep_updated_at();

CREATE TRIGGER adaptive_tests_updated_at BEFORE UPDATE ON holdfast.adaptive_tests
    FOR EACH ROW EXECUTE FUNCTION holdfast.keep_updated_at();

CREATE TRIGGER student_proficiencies_updated_at BEFORE UPDATE ON holdfast.student_proficiencies
    FOR EACH ROW EXECUTE FUNCTION holdfast.keep_updated_at();

CREATE VIEW holdfast.test_sessions AS
SELECT t.session_id AS id, t.student_id, t.question_pool_id,
       CASE WHEN t.expired_at IS NOT NULL AND s.status = 'ABANDONED' THEN 'expired'
            WHEN s.status = 'IN_PROGRESS' THEN 'active'
            ELSE lower(s.status) END AS status,
       t.initial_proficiency, t.final_proficiency, t.total_questions, t.correct_responses, t.accuracy,
       t.learning_gain, t.test_efficiency, s.started_at, s.completed_at, s.last_activity
FROM holdfast.adaptive_tests t JOIN holdfast.sessions s USING (session_id);
