CREATE TABLE holdfast.accounts (
    account_id UUID NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT,
    disabled_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT accounts_pkey PRIMARY KEY (account_id),
    CONSTRAINT accounts_email_key UNIQUE (email),
    CONSTRAINT accounts_role_check CHECK (role IN ('instructor', 'researcher', 'admin'))
);

COMMENT ON COLUMN holdfast.accounts.email IS 'lower case';

COMMENT ON COLUMN holdfast.accounts.password_hash IS 'argon2id; none means that only tokens work';

CREATE TABLE holdfast.cohorts (
    cohort_id UUID NOT NULL,
    name TEXT NOT NULL,
    join_code TEXT NOT NULL,
    arms TEXT[] NOT NULL,
    block_size SMALLINT NOT NULL,
    allocation_seed BIGINT NOT NULL,
    next_allocation INTEGER DEFAULT 0 NOT NULL,
    plan JSONB DEFAULT '{}' NOT NULL,
    consent_version TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT cohorts_pkey PRIMARY KEY (cohort_id),
    CONSTRAINT cohorts_name_key UNIQUE (name),
    CONSTRAINT cohorts_join_code_key UNIQUE (join_code),
    CONSTRAINT cohorts_arms_check CHECK (cardinality(arms) >= 1),
    CONSTRAINT cohorts_block_size_check CHECK (block_size > 0 AND block_size % cardinality(arms) = 0)
);

COMMENT ON COLUMN holdfast.cohorts.arms IS 'names of the study groups, usually A and B';

COMMENT ON COLUMN holdfast.cohorts.block_size IS 'a multiple of the number of arms';

COMMENT ON COLUMN holdfast.cohorts.consent_version IS 'the text that newcomers consent to';

CREATE TABLE holdfast.consent_texts (
    version TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT consent_texts_pkey PRIMARY KEY (version)
);

COMMENT ON COLUMN holdfast.consent_texts.text IS 'what was shown to the person who consented; never changed';

CREATE TABLE holdfast.outages (
    outage_id UUID NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE NOT NULL,
    seconds DOUBLE PRECISION NOT NULL,
    CONSTRAINT outages_pkey PRIMARY KEY (outage_id)
);

CREATE TABLE holdfast.scenarios (
    content_hash TEXT NOT NULL,
    scenario_id TEXT NOT NULL,
    version TEXT NOT NULL,
    title TEXT NOT NULL,
    origin TEXT NOT NULL,
    document JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT scenarios_pkey PRIMARY KEY (content_hash),
    CONSTRAINT scenarios_origin_check CHECK (origin IN ('shipped', 'imported'))
);

CREATE INDEX scenarios_scenario_id_created_at_idx ON holdfast.scenarios (scenario_id, created_at);

COMMENT ON COLUMN holdfast.scenarios.content_hash IS 'SHA-256 of the canonical document';

COMMENT ON COLUMN holdfast.scenarios.origin IS 'shipped or imported';

CREATE TABLE holdfast.service_clock (
    id SMALLSERIAL NOT NULL,
    beat_at TIMESTAMP WITH TIME ZONE NOT NULL,
    downtime_s DOUBLE PRECISION NOT NULL,
    CONSTRAINT service_clock_pkey PRIMARY KEY (id),
    CONSTRAINT service_clock_one_row_check CHECK (id = 1)
);

COMMENT ON COLUMN holdfast.service_clock.beat_at IS 'when some process last said that the service is up';

COMMENT ON COLUMN holdfast.service_clock.downtime_s IS 'seconds of all recorded outages';

CREATE TABLE holdfast.students (
    student_id UUID NOT NULL,
    student_code TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT students_pkey PRIMARY KEY (student_id),
    CONSTRAINT students_student_code_key UNIQUE (student_code),
    CONSTRAINT students_email_key UNIQUE (email)
);

COMMENT ON COLUMN holdfast.students.student_code IS 'readable, unique; what people write down';

COMMENT ON COLUMN holdfast.students.email IS 'lower case';

CREATE TABLE holdfast.access_links (
    link_hash BYTEA NOT NULL,
    student_id UUID NOT NULL,
    created_by TEXT NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT access_links_pkey PRIMARY KEY (link_hash),
    CONSTRAINT access_links_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

CREATE INDEX access_links_student_id_idx ON holdfast.access_links (student_id);

COMMENT ON COLUMN holdfast.access_links.link_hash IS 'SHA-256 of the secret in the link';

CREATE TABLE holdfast.enrolments (
    enrolment_id UUID NOT NULL,
    student_id UUID NOT NULL,
    cohort_id UUID NOT NULL,
    arm TEXT NOT NULL,
    allocation_number INTEGER NOT NULL,
    consent_version TEXT,
    consented_at TIMESTAMP WITH TIME ZONE,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT enrolments_pkey PRIMARY KEY (enrolment_id),
    CONSTRAINT enrolments_cohort_id_student_id_key UNIQUE (cohort_id, student_id),
    CONSTRAINT enrolments_cohort_id_allocation_number_key UNIQUE (cohort_id, allocation_number),
    CONSTRAINT enrolments_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE,
    CONSTRAINT enrolments_cohort_id_fkey FOREIGN KEY(cohort_id) REFERENCES holdfast.cohorts (cohort_id) ON DELETE CASCADE
);

CREATE INDEX enrolments_student_id_idx ON holdfast.enrolments (student_id);

COMMENT ON COLUMN holdfast.enrolments.allocation_number IS '0-based order of allocation';

COMMENT ON COLUMN holdfast.enrolments.withdrawn_at IS 'consent withdrawn: kept for care, left out of research';

CREATE TABLE holdfast.events (
    event_id UUID NOT NULL,
    txid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    student_id UUID,
    session_id TEXT,
    actor TEXT NOT NULL,
    type TEXT NOT NULL,
    object TEXT,
    result TEXT,
    data JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (event_id),
    CONSTRAINT events_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

CREATE INDEX events_session_id_idx ON holdfast.events (session_id);

CREATE INDEX events_student_id_idx ON holdfast.events (student_id);

CREATE INDEX events_txid_idx ON holdfast.events (txid);

COMMENT ON COLUMN holdfast.events.session_id IS 'no foreign key: the trail outlives a deleted session';

COMMENT ON COLUMN holdfast.events.actor IS 'role and id, such as student:…';

COMMENT ON COLUMN holdfast.events.type IS 'what happened, past tense';

COMMENT ON COLUMN holdfast.events.object IS 'what it happened to';

CREATE TABLE holdfast.idempotency_keys (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    student_id UUID,
    request_hash BYTEA NOT NULL,
    status SMALLINT,
    answer JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (owner, key),
    CONSTRAINT idempotency_keys_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

CREATE INDEX idempotency_keys_created_at_idx ON holdfast.idempotency_keys USING brin (created_at);

CREATE INDEX idempotency_keys_student_id_idx ON holdfast.idempotency_keys (student_id);

COMMENT ON COLUMN holdfast.idempotency_keys.owner IS 'the subject of the caller''s token, or public';

COMMENT ON COLUMN holdfast.idempotency_keys.status IS 'the HTTP status of the first answer';

CREATE TABLE holdfast.student_identities (
    system TEXT NOT NULL,
    external_id TEXT NOT NULL,
    student_id UUID NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT student_identities_pkey PRIMARY KEY (system, external_id),
    CONSTRAINT student_identities_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

CREATE INDEX student_identities_student_id_idx ON holdfast.student_identities (student_id);

COMMENT ON COLUMN holdfast.student_identities.system IS 'the outside system or token issuer that knows the student';

CREATE TABLE holdfast.sessions (
    session_id TEXT NOT NULL,
    student_id UUID NOT NULL,
    enrolment_id UUID,
    program TEXT NOT NULL,
    status TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    last_activity TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    completed_at TIMESTAMP WITH TIME ZONE,
    expires_at TIMESTAMP WITH TIME ZONE,
    downtime_s DOUBLE PRECISION DEFAULT 0 NOT NULL,
    paused_at TIMESTAMP WITH TIME ZONE,
    paused_s DOUBLE PRECISION DEFAULT 0 NOT NULL,
    pause_downtime_s DOUBLE PRECISION,
    paused_outage_s DOUBLE PRECISION DEFAULT 0 NOT NULL,
    version INTEGER DEFAULT 0 NOT NULL,
    last_seq INTEGER DEFAULT 0 NOT NULL,
    turn_owner UUID,
    turn_until TIMESTAMP WITH TIME ZONE,
    CONSTRAINT sessions_pkey PRIMARY KEY (session_id),
    CONSTRAINT sessions_status_check CHECK (status IN ('IN_PROGRESS', 'PAUSED', 'COMPLETED', 'ABANDONED', 'VOID')),
    CONSTRAINT sessions_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE,
    CONSTRAINT sessions_enrolment_id_fkey FOREIGN KEY(enrolment_id) REFERENCES holdfast.enrolments (enrolment_id) ON DELETE CASCADE
)
 WITH (fillfactor = 70);

CREATE INDEX sessions_enrolment_id_idx ON holdfast.sessions (enrolment_id);

CREATE INDEX sessions_last_activity_idx ON holdfast.sessions USING brin (last_activity);

CREATE INDEX sessions_program_started_at_idx ON holdfast.sessions (program, started_at);

CREATE INDEX sessions_student_id_idx ON holdfast.sessions (student_id);

COMMENT ON COLUMN holdfast.sessions.expires_at IS 'extended by outages: see downtime_s';

COMMENT ON COLUMN holdfast.sessions.downtime_s IS 'outages before the start';

COMMENT ON COLUMN holdfast.sessions.paused_s IS 'seconds of ended pauses';

COMMENT ON COLUMN holdfast.sessions.pause_downtime_s IS 'all outages up to the moment the present pause began';

COMMENT ON COLUMN holdfast.sessions.paused_outage_s IS 'outages in pauses';

COMMENT ON COLUMN holdfast.sessions.version IS 'moves with every change';

COMMENT ON COLUMN holdfast.sessions.last_seq IS 'newest message';

COMMENT ON COLUMN holdfast.sessions.turn_owner IS 'who is answering the newest message';

COMMENT ON COLUMN holdfast.sessions.turn_until IS 'until when that claim holds';

CREATE TABLE holdfast.messages (
    session_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    student_id UUID NOT NULL,
    role TEXT NOT NULL,
    agent TEXT NOT NULL,
    part INTEGER,
    content TEXT NOT NULL,
    clinical_s DOUBLE PRECISION,
    reply_to INTEGER,
    client_key TEXT,
    answer JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT messages_pkey PRIMARY KEY (session_id, seq),
    CONSTRAINT messages_role_check CHECK (role IN ('user', 'assistant')),
    CONSTRAINT messages_session_id_fkey FOREIGN KEY(session_id) REFERENCES holdfast.sessions (session_id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX messages_client_key_key ON holdfast.messages (session_id, client_key) WHERE client_key IS NOT NULL;

CREATE UNIQUE INDEX messages_reply_to_key ON holdfast.messages (session_id, reply_to) WHERE reply_to IS NOT NULL;

COMMENT ON COLUMN holdfast.messages.seq IS '1-based order within the session';

COMMENT ON COLUMN holdfast.messages.student_id IS 'of the session';

COMMENT ON COLUMN holdfast.messages.agent IS 'who speaks or is spoken to';

COMMENT ON COLUMN holdfast.messages.part IS 'which scenario run of the session, 0-based';

COMMENT ON COLUMN holdfast.messages.clinical_s IS 'clinical seconds into the run';

COMMENT ON COLUMN holdfast.messages.reply_to IS 'the student''s message that this answers';

COMMENT ON COLUMN holdfast.messages.client_key IS 'the client''s idempotency key';

COMMENT ON COLUMN holdfast.messages.answer IS 'what the client was answered beside the content';

CREATE TABLE holdfast.model_usage (
    usage_id UUID NOT NULL,
    student_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    seq INTEGER,
    agent TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    attempts SMALLINT NOT NULL,
    latency_s DOUBLE PRECISION NOT NULL,
    outcome TEXT NOT NULL,
    cost_usd NUMERIC(12, 6),
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT model_usage_pkey PRIMARY KEY (usage_id),
    CONSTRAINT model_usage_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE,
    CONSTRAINT model_usage_session_id_fkey FOREIGN KEY(session_id) REFERENCES holdfast.sessions (session_id) ON DELETE CASCADE
);

CREATE INDEX model_usage_session_id_idx ON holdfast.model_usage (session_id);

CREATE INDEX model_usage_student_id_idx ON holdfast.model_usage (student_id);

COMMENT ON COLUMN holdfast.model_usage.seq IS 'the message that was answered';

COMMENT ON COLUMN holdfast.model_usage.outcome IS 'whose words were used, or silence';

COMMENT ON COLUMN holdfast.model_usage.cost_usd IS 'null when the model''s price is not known';

CREATE TABLE holdfast.performance (
    session_id TEXT NOT NULL,
    student_id UUID NOT NULL,
    total_messages INTEGER NOT NULL,
    total_duration DOUBLE PRECISION NOT NULL,
    scenarios_completed INTEGER NOT NULL,
    overall_score DOUBLE PRECISION,
    optimal_total INTEGER NOT NULL,
    acceptable_total INTEGER NOT NULL,
    suboptimal_total INTEGER NOT NULL,
    dangerous_total INTEGER NOT NULL,
    not_performed_total INTEGER NOT NULL,
    critical_actions_completed INTEGER NOT NULL,
    critical_actions_missed INTEGER NOT NULL,
    medication_error_count INTEGER NOT NULL,
    medication_warning_count INTEGER NOT NULL,
    safety_score DOUBLE PRECISION,
    challenge_points_count INTEGER NOT NULL,
    pattern_analysis_results JSONB,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT performance_pkey PRIMARY KEY (session_id),
    CONSTRAINT performance_session_id_fkey FOREIGN KEY(session_id) REFERENCES holdfast.sessions (session_id) ON DELETE CASCADE,
    CONSTRAINT performance_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

CREATE INDEX performance_overall_score_idx ON holdfast.performance (overall_score);

CREATE INDEX performance_student_id_idx ON holdfast.performance (student_id);

COMMENT ON COLUMN holdfast.performance.total_duration IS 'seconds from start to completion';

COMMENT ON COLUMN holdfast.performance.overall_score IS '0 to 100; null when nothing was rated';

COMMENT ON COLUMN holdfast.performance.safety_score IS '0 to 100; null when no scenario was played';

CREATE TABLE holdfast.simulation_runs (
    session_id TEXT NOT NULL,
    scenario_index INTEGER NOT NULL,
    student_id UUID NOT NULL,
    scenario_id TEXT NOT NULL,
    content_hash TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    seed BIGINT NOT NULL,
    time_scale DOUBLE PRECISION NOT NULL,
    status TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    as_of TIMESTAMP WITH TIME ZONE NOT NULL,
    elapsed_s DOUBLE PRECISION NOT NULL,
    downtime_s DOUBLE PRECISION NOT NULL,
    paused_s DOUBLE PRECISION NOT NULL,
    state JSONB NOT NULL,
    actions_count INTEGER NOT NULL,
    occurrences_count INTEGER NOT NULL,
    final_state TEXT,
    outcome TEXT,
    performance JSONB,
    CONSTRAINT simulation_runs_pkey PRIMARY KEY (session_id, scenario_index),
    CONSTRAINT simulation_runs_status_check CHECK (status IN ('RUNNING', 'COMPLETED')),
    CONSTRAINT simulation_runs_session_id_fkey FOREIGN KEY(session_id) REFERENCES holdfast.sessions (session_id) ON DELETE CASCADE,
    CONSTRAINT simulation_runs_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE,
    CONSTRAINT simulation_runs_content_hash_fkey FOREIGN KEY(content_hash) REFERENCES holdfast.scenarios (content_hash)
)
 WITH (fillfactor = 50);

CREATE INDEX simulation_runs_content_hash_idx ON holdfast.simulation_runs (content_hash);

CREATE INDEX simulation_runs_student_id_idx ON holdfast.simulation_runs (student_id);

COMMENT ON COLUMN holdfast.simulation_runs.as_of IS 'the moment at which elapsed_s was right';

COMMENT ON COLUMN holdfast.simulation_runs.elapsed_s IS 'clinical seconds at as_of';

COMMENT ON COLUMN holdfast.simulation_runs.downtime_s IS 'outages outside pauses, up to as_of';

COMMENT ON COLUMN holdfast.simulation_runs.paused_s IS 'the session''s ended pauses at as_of';

COMMENT ON COLUMN holdfast.simulation_runs.state IS 'the engine''s state; replaying the actions gives the same';

COMMENT ON COLUMN holdfast.simulation_runs.performance IS 'the scores of this run, once it is complete';

CREATE TABLE holdfast.simulation_sessions (
    session_id TEXT NOT NULL,
    student_id UUID NOT NULL,
    phase TEXT NOT NULL,
    current_agent TEXT NOT NULL,
    scenario_queue TEXT[] NOT NULL,
    current_scenario_index INTEGER NOT NULL,
    challenge_points_enabled BOOLEAN NOT NULL,
    seed BIGINT NOT NULL,
    coach JSONB NOT NULL,
    review JSONB,
    pattern_analysis JSONB,
    time_scale DOUBLE PRECISION NOT NULL,
    outages_count BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT simulation_sessions_pkey PRIMARY KEY (session_id),
    CONSTRAINT simulation_sessions_phase_check CHECK (phase IN ('coach', 'ready', 'scenario', 'between', 'review_due', 'review', 'complete')),
    CONSTRAINT simulation_sessions_time_scale_check CHECK (time_scale > 0),
    CONSTRAINT simulation_sessions_agent_check CHECK (current_agent IN ('cognitive_coach', 'core_agent', 'aar_agent')),
    CONSTRAINT simulation_sessions_session_id_fkey FOREIGN KEY(session_id) REFERENCES holdfast.sessions (session_id) ON DELETE CASCADE,
    CONSTRAINT simulation_sessions_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

CREATE INDEX simulation_sessions_student_id_idx ON holdfast.simulation_sessions (student_id);

COMMENT ON COLUMN holdfast.simulation_sessions.phase IS 'coach, ready, scenario, between, review_due, review, complete';

COMMENT ON COLUMN holdfast.simulation_sessions.scenario_queue IS 'as the client or the plan names them';

COMMENT ON COLUMN holdfast.simulation_sessions.seed IS 'of the coach''s questions and of the runs';

COMMENT ON COLUMN holdfast.simulation_sessions.time_scale IS 'clinical seconds per second';

COMMENT ON COLUMN holdfast.simulation_sessions.outages_count IS 'does the clinical clock run through outages';

CREATE TABLE holdfast.instructor_judgements (
    session_id TEXT NOT NULL,
    scenario_index INTEGER NOT NULL,
    decision TEXT NOT NULL,
    student_id UUID NOT NULL,
    rating TEXT NOT NULL,
    explanation TEXT NOT NULL,
    judged_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT instructor_judgements_pkey PRIMARY KEY (session_id, scenario_index, decision),
    CONSTRAINT instructor_judgements_rating_check CHECK (rating IN ('optimal', 'acceptable', 'suboptimal', 'dangerous', 'not_performed')),
    CONSTRAINT instructor_judgements_run_fkey FOREIGN KEY(session_id, scenario_index) REFERENCES holdfast.simulation_runs (session_id, scenario_index) ON DELETE CASCADE,
    CONSTRAINT instructor_judgements_session_id_fkey FOREIGN KEY(session_id) REFERENCES holdfast.sessions (session_id) ON DELETE CASCADE,
    CONSTRAINT instructor_judgements_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

CREATE INDEX instructor_judgements_student_id_idx ON holdfast.instructor_judgements (student_id);

COMMENT ON COLUMN holdfast.instructor_judgements.decision IS 'a critical decision point that no rule rates';

CREATE TABLE holdfast.simulation_actions (
    session_id TEXT NOT NULL,
    scenario_index INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    student_id UUID NOT NULL,
    batch INTEGER NOT NULL,
    at_s DOUBLE PRECISION NOT NULL,
    kind TEXT NOT NULL,
    target TEXT NOT NULL,
    known BOOLEAN NOT NULL,
    dose DOUBLE PRECISION,
    unit TEXT,
    route TEXT,
    phrases TEXT[] NOT NULL,
    text TEXT NOT NULL,
    message_seq INTEGER,
    client_key TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT simulation_actions_pkey PRIMARY KEY (session_id, scenario_index, ordinal),
    CONSTRAINT simulation_actions_run_fkey FOREIGN KEY(session_id, scenario_index) REFERENCES holdfast.simulation_runs (session_id, scenario_index) ON DELETE CASCADE
);

COMMENT ON COLUMN holdfast.simulation_actions.ordinal IS '0-based order within the run';

COMMENT ON COLUMN holdfast.simulation_actions.student_id IS 'of the session';

COMMENT ON COLUMN holdfast.simulation_actions.batch IS 'the ordinal of the first action given together with it';

COMMENT ON COLUMN holdfast.simulation_actions.at_s IS 'clinical seconds';

COMMENT ON COLUMN holdfast.simulation_actions.message_seq IS 'the message it came with; none for a structured action';

CREATE TABLE holdfast.simulation_occurrences (
    session_id TEXT NOT NULL,
    scenario_index INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    student_id UUID NOT NULL,
    at_s DOUBLE PRECISION NOT NULL,
    type TEXT NOT NULL,
    subject TEXT,
    detail JSONB NOT NULL,
    message_seq INTEGER,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT simulation_occurrences_pkey PRIMARY KEY (session_id, scenario_index, ordinal),
    CONSTRAINT simulation_occurrences_run_fkey FOREIGN KEY(session_id, scenario_index) REFERENCES holdfast.simulation_runs (session_id, scenario_index) ON DELETE CASCADE
);

COMMENT ON COLUMN holdfast.simulation_occurrences.ordinal IS '0-based order within the run';

COMMENT ON COLUMN holdfast.simulation_occurrences.student_id IS 'of the session';

COMMENT ON COLUMN holdfast.simulation_occurrences.at_s IS 'clinical seconds';

COMMENT ON COLUMN holdfast.simulation_occurrences.type IS 'the engine''s name of it, such as treatment_given';

COMMENT ON COLUMN holdfast.simulation_occurrences.subject IS 'the treatment, finding, decision or state it is about';

COMMENT ON COLUMN holdfast.simulation_occurrences.detail IS 'every field of the engine''s record';

COMMENT ON COLUMN holdfast.simulation_occurrences.message_seq IS 'the message after which it came to light';

CREATE TABLE holdfast.vital_signs (
    session_id TEXT NOT NULL,
    scenario_index INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    student_id UUID NOT NULL,
    at_s DOUBLE PRECISION NOT NULL,
    heart_rate DOUBLE PRECISION,
    respiratory_rate DOUBLE PRECISION,
    spo2 DOUBLE PRECISION,
    systolic DOUBLE PRECISION,
    diastolic DOUBLE PRECISION,
    temperature DOUBLE PRECISION,
    gcs DOUBLE PRECISION,
    glucose DOUBLE PRECISION,
    pain DOUBLE PRECISION,
    patient_state TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT vital_signs_pkey PRIMARY KEY (session_id, scenario_index, ordinal),
    CONSTRAINT vital_signs_run_fkey FOREIGN KEY(session_id, scenario_index) REFERENCES holdfast.simulation_runs (session_id, scenario_index) ON DELETE CASCADE
);

COMMENT ON COLUMN holdfast.vital_signs.student_id IS 'of the session';

COMMENT ON COLUMN holdfast.vital_signs.at_s IS 'clinical seconds';

COMMENT ON COLUMN holdfast.vital_signs.heart_rate IS '1/min';

COMMENT ON COLUMN holdfast.vital_signs.respiratory_rate IS '1/min';

COMMENT ON COLUMN holdfast.vital_signs.spo2 IS 'percent';

COMMENT ON COLUMN holdfast.vital_signs.systolic IS 'mmHg';

COMMENT ON COLUMN holdfast.vital_signs.diastolic IS 'mmHg';

COMMENT ON COLUMN holdfast.vital_signs.temperature IS 'degrees Celsius';

COMMENT ON COLUMN holdfast.vital_signs.gcs IS '3 to 15';

COMMENT ON COLUMN holdfast.vital_signs.glucose IS 'mmol/L';

COMMENT ON COLUMN holdfast.vital_signs.pain IS '0 to 10';

CREATE FUNCTION holdfast.keep_updated_at() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A restore states the time itself and is believed; any other change is stamped now.
    IF NEW.updated_at IS NOT DISTINCT FROM OLD.updated_at THEN
        NEW.updated_at := clock_timestamp();
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER students_updated_at BEFORE UPDATE ON holdfast.students
    FOR EACH ROW EXECUTE FUNCTION holdfast.keep_updated_at();

CREATE TRIGGER accounts_updated_at BEFORE UPDATE ON holdfast.accounts
    FOR EACH ROW EXECUTE FUNCTION holdfast.keep_updated_at();

CREATE TRIGGER cohorts_updated_at BEFORE UPDATE ON holdfast.cohorts
    FOR EACH ROW EXECUTE FUNCTION holdfast.keep_updated_at();

CREATE TRIGGER enrolments_updated_at BEFORE UPDATE ON holdfast.enrolments
    FOR EACH ROW EXECUTE FUNCTION holdfast.keep_updated_at();

CREATE TRIGGER simulation_sessions_updated_at BEFORE UPDATE ON holdfast.simulation_sessions
    FOR EACH ROW EXECUTE FUNCTION holdfast.keep_updated_at();

CREATE VIEW holdfast.state_history AS
SELECT session_id, scenario_index, ordinal, student_id, at_s, detail->>'previous' AS previous_state, detail->>'state' AS state, detail->>'reason' AS reason, detail->'vitals' AS vitals, detail->'previous_vitals' AS previous_vitals,
       message_seq, created_at
FROM holdfast.simulation_occurrences
WHERE type = 'state_changed';

CREATE VIEW holdfast.treatments_given AS
SELECT session_id, scenario_index, ordinal, student_id, at_s, subject AS treatment, detail->>'name' AS name, (detail->>'dose')::double precision AS dose, detail->>'unit' AS unit, detail->>'route' AS route, detail->>'impact' AS impact, (detail->>'safe')::boolean AS safe,
       message_seq, created_at
FROM holdfast.simulation_occurrences
WHERE type = 'treatment_given';

CREATE VIEW holdfast.medication_events AS
SELECT session_id, scenario_index, ordinal, student_id, at_s, detail->>'severity' AS severity, detail->>'kind' AS kind, subject AS treatment, detail->>'name' AS name, detail->>'reason' AS reason,
       message_seq, created_at
FROM holdfast.simulation_occurrences
WHERE type = 'medication_event';

CREATE VIEW holdfast.cdp_evaluations AS
SELECT session_id, scenario_index, ordinal, student_id, at_s, subject AS cdp_id, detail->>'title' AS cdp_title, detail->>'rating' AS rating, detail->>'explanation' AS explanation,
       message_seq, created_at
FROM holdfast.simulation_occurrences
WHERE type = 'decision_rated';

CREATE VIEW holdfast.critical_actions AS
SELECT session_id, scenario_index, ordinal, student_id, at_s, subject AS item, detail->>'action' AS action, detail->>'category' AS category, detail->>'importance' AS importance, (detail->>'points')::double precision AS points, (detail->>'on_time')::boolean AS on_time,
       message_seq, created_at
FROM holdfast.simulation_occurrences
WHERE type = 'checklist_done';

CREATE VIEW holdfast.challenge_points_opened AS
SELECT session_id, scenario_index, ordinal, student_id, at_s, subject AS challenge_id, detail->>'question' AS question, detail->>'context' AS context,
       message_seq, created_at
FROM holdfast.simulation_occurrences
WHERE type = 'challenge_opened';

CREATE VIEW holdfast.challenge_points_answered AS
SELECT session_id, scenario_index, ordinal, student_id, at_s, subject AS challenge_id, detail->>'response' AS response, (detail->>'skipped')::boolean AS skipped, detail->>'quality' AS quality, (detail->>'response_s')::double precision AS response_s,
       message_seq, created_at
FROM holdfast.simulation_occurrences
WHERE type = 'challenge_answered';

CREATE VIEW holdfast.patient_notes AS
SELECT session_id, scenario_index, ordinal, student_id, at_s, subject AS finding, detail->>'name' AS name, detail->>'category' AS category, detail->>'text' AS text, detail->'measured' AS measured,
       message_seq, created_at
FROM holdfast.simulation_occurrences
WHERE type = 'finding_revealed';

INSERT INTO holdfast.service_clock (id, beat_at, downtime_s) VALUES (1, clock_timestamp(), 0);
