CREATE TABLE holdfast.chores (
    name TEXT NOT NULL,
    begun_at TIMESTAMP WITH TIME ZONE,
    done_at TIMESTAMP WITH TIME ZONE,
    CONSTRAINT chores_pkey PRIMARY KEY (name)
);

COMMENT ON COLUMN holdfast.chores.begun_at IS 'by whichever process claimed it; null after a failure';

COMMENT ON COLUMN holdfast.chores.done_at IS 'null until it is done for the first time';

CREATE TABLE holdfast.student_profiles (
    student_id UUID NOT NULL,
    first_name TEXT,
    last_name TEXT,
    grade_level SMALLINT,
    school_id TEXT,
    birth_date DATE,
    external_id TEXT,
    demographics JSONB DEFAULT '{}' NOT NULL,
    is_active BOOLEAN DEFAULT true NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT student_profiles_pkey PRIMARY KEY (student_id),
    CONSTRAINT student_profiles_grade_level_check CHECK (grade_level BETWEEN 0 AND 13),
    CONSTRAINT student_profiles_demographics_check CHECK (jsonb_typeof(demographics) = 'object'),
    CONSTRAINT student_profiles_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

COMMENT ON COLUMN holdfast.student_profiles.grade_level IS 'school year, 0 (before the first) to 13';

COMMENT ON COLUMN holdfast.student_profiles.external_id IS 'as the school''s own system calls the student';

CREATE TABLE holdfast.transcripts (
    transcript_id UUID NOT NULL,
    student_id UUID NOT NULL,
    source TEXT NOT NULL,
    language TEXT NOT NULL,
    speaker TEXT NOT NULL,
    recorded_at TIMESTAMP WITH TIME ZONE,
    content_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT transcripts_pkey PRIMARY KEY (transcript_id),
    CONSTRAINT transcripts_student_id_content_hash_key UNIQUE (student_id, content_hash),
    CONSTRAINT transcripts_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

COMMENT ON COLUMN holdfast.transcripts.source IS 'where it was recorded, such as classroom';

COMMENT ON COLUMN holdfast.transcripts.language IS 'BCP 47, such as en';

COMMENT ON COLUMN holdfast.transcripts.speaker IS 'under which name the student speaks in it';

COMMENT ON COLUMN holdfast.transcripts.recorded_at IS 'when it began; null when nobody knows';

COMMENT ON COLUMN holdfast.transcripts.content_hash IS 'SHA-256 of what came in: the same input is stored once';

CREATE TABLE holdfast.transcript_turns (
    transcript_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    student_id UUID NOT NULL,
    speaker TEXT NOT NULL,
    begins_s DOUBLE PRECISION,
    ends_s DOUBLE PRECISION,
    content TEXT NOT NULL,
    CONSTRAINT transcript_turns_pkey PRIMARY KEY (transcript_id, seq),
    CONSTRAINT transcript_turns_transcript_id_fkey FOREIGN KEY(transcript_id) REFERENCES holdfast.transcripts (transcript_id) ON DELETE CASCADE
);

COMMENT ON COLUMN holdfast.transcript_turns.seq IS '1-based order';

COMMENT ON COLUMN holdfast.transcript_turns.student_id IS 'of the transcript';

COMMENT ON COLUMN holdfast.transcript_turns.begins_s IS 'seconds into the recording';

COMMENT ON COLUMN holdfast.transcript_turns.ends_s IS 'seconds into the recording';

CREATE TABLE holdfast.game_sessions (
    game_session_id UUID NOT NULL,
    student_id UUID NOT NULL,
    game TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE,
    ends_s DOUBLE PRECISION,
    content_hash TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT game_sessions_pkey PRIMARY KEY (game_session_id),
    CONSTRAINT game_sessions_student_id_content_hash_key UNIQUE (student_id, content_hash),
    CONSTRAINT game_sessions_ends_s_check CHECK (ends_s >= 0),
    CONSTRAINT game_sessions_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

COMMENT ON COLUMN holdfast.game_sessions.started_at IS 'null when nobody knows';

COMMENT ON COLUMN holdfast.game_sessions.ends_s IS 'seconds from the start; null means with the last event';

COMMENT ON COLUMN holdfast.game_sessions.content_hash IS 'SHA-256 of what came in: the same input is stored once';

CREATE TABLE holdfast.game_telemetry (
    game_session_id UUID NOT NULL,
    seq INTEGER NOT NULL,
    student_id UUID NOT NULL,
    event_type TEXT NOT NULL,
    at_s DOUBLE PRECISION NOT NULL,
    data JSONB DEFAULT '{}' NOT NULL,
    CONSTRAINT game_telemetry_pkey PRIMARY KEY (game_session_id, seq),
    CONSTRAINT game_telemetry_game_session_id_fkey FOREIGN KEY(game_session_id) REFERENCES holdfast.game_sessions (game_session_id) ON DELETE CASCADE
);

COMMENT ON COLUMN holdfast.game_telemetry.seq IS '1-based order';

COMMENT ON COLUMN holdfast.game_telemetry.student_id IS 'of the game session';

COMMENT ON COLUMN holdfast.game_telemetry.at_s IS 'seconds into the session';

CREATE TABLE holdfast.linguistic_features (
    transcript_id UUID NOT NULL,
    version INTEGER NOT NULL,
    student_id UUID NOT NULL,
    features JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT linguistic_features_pkey PRIMARY KEY (transcript_id, version),
    CONSTRAINT linguistic_features_transcript_id_fkey FOREIGN KEY(transcript_id) REFERENCES holdfast.transcripts (transcript_id) ON DELETE CASCADE,
    CONSTRAINT linguistic_features_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

CREATE INDEX linguistic_features_student_id_created_at_idx ON holdfast.linguistic_features (student_id, created_at);

COMMENT ON COLUMN holdfast.linguistic_features.version IS 'of the extraction';

COMMENT ON COLUMN holdfast.linguistic_features.features IS 'name to number';

CREATE TABLE holdfast.behavioral_features (
    game_session_id UUID NOT NULL,
    version INTEGER NOT NULL,
    student_id UUID NOT NULL,
    features JSONB NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT behavioral_features_pkey PRIMARY KEY (game_session_id, version),
    CONSTRAINT behavioral_features_game_session_id_fkey FOREIGN KEY(game_session_id) REFERENCES holdfast.game_sessions (game_session_id) ON DELETE CASCADE,
    CONSTRAINT behavioral_features_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

CREATE INDEX behavioral_features_student_id_created_at_idx ON holdfast.behavioral_features (student_id, created_at);

COMMENT ON COLUMN holdfast.behavioral_features.version IS 'of the extraction';

COMMENT ON COLUMN holdfast.behavioral_features.features IS 'name to number';

CREATE TABLE holdfast.skill_assessments (
    id UUID NOT NULL,
    student_id UUID NOT NULL,
    skill_type TEXT NOT NULL,
    score DOUBLE PRECISION NOT NULL,
    confidence DOUBLE PRECISION NOT NULL,
    reasoning TEXT NOT NULL,
    recommendations TEXT,
    feature_importance TEXT,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT skill_assessments_pkey PRIMARY KEY (id),
    CONSTRAINT skill_assessments_skill_type_check CHECK (skill_type IN ('empathy', 'problem_solving', 'self_regulation', 'resilience', 'adaptability', 'communication', 'collaboration')),
    CONSTRAINT skill_assessments_score_check CHECK (score BETWEEN 0 AND 1),
    CONSTRAINT skill_assessments_confidence_check CHECK (confidence BETWEEN 0 AND 1),
    CONSTRAINT skill_assessments_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

CREATE INDEX skill_assessments_created_at_id_idx ON holdfast.skill_assessments (created_at, id);

CREATE INDEX skill_assessments_student_id_skill_type_created_at_idx ON holdfast.skill_assessments (student_id, skill_type, created_at);

COMMENT ON COLUMN holdfast.skill_assessments.score IS '0 to 1';

COMMENT ON COLUMN holdfast.skill_assessments.confidence IS '0 to 1';

COMMENT ON COLUMN holdfast.skill_assessments.recommendations IS 'one to a line';

COMMENT ON COLUMN holdfast.skill_assessments.feature_importance IS 'text that holds JSON, as in the backup format';

CREATE TABLE holdfast.evidence (
    id UUID NOT NULL,
    assessment_id UUID NOT NULL,
    student_id UUID NOT NULL,
    evidence_type TEXT NOT NULL,
    source TEXT NOT NULL,
    content TEXT NOT NULL,
    relevance_score DOUBLE PRECISION NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT evidence_pkey PRIMARY KEY (id),
    CONSTRAINT evidence_evidence_type_check CHECK (evidence_type IN ('linguistic', 'behavioral', 'contextual')),
    CONSTRAINT evidence_relevance_score_check CHECK (relevance_score BETWEEN 0 AND 1),
    CONSTRAINT evidence_assessment_id_fkey FOREIGN KEY(assessment_id) REFERENCES holdfast.skill_assessments (id) ON DELETE CASCADE
);

CREATE INDEX evidence_assessment_id_idx ON holdfast.evidence (assessment_id);

COMMENT ON COLUMN holdfast.evidence.student_id IS 'of the assessment';

COMMENT ON COLUMN holdfast.evidence.source IS 'transcript, game_telemetry, transcript_analysis and the like';

COMMENT ON COLUMN holdfast.evidence.relevance_score IS '0 to 1';

CREATE TRIGGER student_profiles_updated_at BEFORE UPDATE ON holdfast.student_profiles
    FOR EACH ROW EXECUTE FUNCTION holdfast.keep_updated_at();

CREATE TRIGGER skill_assessments_updated_at BEFORE UPDATE ON holdfast.skill_assessments
    FOR EACH ROW EXECUTE FUNCTION holdfast.keep_updated_at();

CREATE TRIGGER evidence_updated_at BEFORE UPDATE ON holdfast.evidence
    FOR EACH ROW EXECUTE FUNCTION holdfast.keep_updated_at();

-- A model may be asked outside a session, as the assessment of skills does.
ALTER TABLE holdfast.model_usage ALTER COLUMN session_id DROP NOT NULL;
