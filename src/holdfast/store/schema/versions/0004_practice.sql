CREATE TABLE holdfast.erased_identities (
    fingerprint BYTEA NOT NULL,
    key_id BYTEA NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT erased_identities_pkey PRIMARY KEY (fingerprint)
);

COMMENT ON COLUMN holdfast.erased_identities.fingerprint IS 'HMAC-SHA-256 of system and external id';

COMMENT ON COLUMN holdfast.erased_identities.key_id IS 'which key made the fingerprint';

CREATE TABLE holdfast.session_results (
    session_result_id UUID NOT NULL,
    student_id UUID NOT NULL,
    session_id TEXT NOT NULL,
    session_type TEXT NOT NULL,
    duration_seconds INTEGER NOT NULL,
    words_spoken INTEGER DEFAULT 0 NOT NULL,
    pronunciation_score DOUBLE PRECISION,
    fluency_score DOUBLE PRECISION,
    grammar_score DOUBLE PRECISION,
    topics TEXT[] DEFAULT '{}' NOT NULL,
    vocabulary_learned TEXT[] DEFAULT '{}' NOT NULL,
    areas_to_improve TEXT[] DEFAULT '{}' NOT NULL,
    topics_spelled TEXT[] DEFAULT '{}' NOT NULL,
    vocabulary_learned_spelled TEXT[] DEFAULT '{}' NOT NULL,
    areas_to_improve_spelled TEXT[] DEFAULT '{}' NOT NULL,
    metadata JSONB DEFAULT '{}' NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT session_results_pkey PRIMARY KEY (session_result_id),
    CONSTRAINT session_results_session_id_key UNIQUE (session_id),
    CONSTRAINT session_results_session_type_check CHECK (session_type IN ('conversation', 'pronunciation', 'roleplay')),
    CONSTRAINT session_results_duration_seconds_check CHECK (duration_seconds >= 0),
    CONSTRAINT session_results_words_spoken_check CHECK (words_spoken >= 0),
    CONSTRAINT session_results_pronunciation_score_check CHECK (pronunciation_score >= 0 AND pronunciation_score <= 100),
    CONSTRAINT session_results_fluency_score_check CHECK (fluency_score >= 0 AND fluency_score <= 100),
    CONSTRAINT session_results_grammar_score_check CHECK (grammar_score >= 0 AND grammar_score <= 100),
    CONSTRAINT session_results_topics_check CHECK (cardinality(topics) = cardinality(topics_spelled)),
    CONSTRAINT session_results_vocabulary_learned_check CHECK (cardinality(vocabulary_learned) = cardinality(vocabulary_learned_spelled)),
    CONSTRAINT session_results_areas_to_improve_check CHECK (cardinality(areas_to_improve) = cardinality(areas_to_improve_spelled)),
    CONSTRAINT session_results_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE,
    CONSTRAINT session_results_session_id_fkey FOREIGN KEY(session_id) REFERENCES holdfast.sessions (session_id) ON DELETE CASCADE
);

CREATE INDEX session_results_areas_to_improve_idx ON holdfast.session_results USING gin (areas_to_improve);

CREATE INDEX session_results_student_id_created_at_idx ON holdfast.session_results (student_id, created_at DESC, session_result_id DESC);

CREATE INDEX session_results_topics_idx ON holdfast.session_results USING gin (topics);

CREATE INDEX session_results_vocabulary_learned_idx ON holdfast.session_results USING gin (vocabulary_learned);

COMMENT ON COLUMN holdfast.session_results.pronunciation_score IS '0 to 100; null when it was not scored';

COMMENT ON COLUMN holdfast.session_results.fluency_score IS '0 to 100; null when it was not scored';

COMMENT ON COLUMN holdfast.session_results.grammar_score IS '0 to 100; null when it was not scored';

COMMENT ON COLUMN holdfast.session_results.topics IS 'trimmed and case-folded: what is counted';

COMMENT ON COLUMN holdfast.session_results.vocabulary_learned IS 'trimmed and case-folded: what is counted';

COMMENT ON COLUMN holdfast.session_results.areas_to_improve IS 'trimmed and case-folded: what is counted';

COMMENT ON COLUMN holdfast.session_results.topics_spelled IS 'the same phrases as they are shown, side by side';

COMMENT ON COLUMN holdfast.session_results.vocabulary_learned_spelled IS 'the same phrases as they are shown, side by side';

COMMENT ON COLUMN holdfast.session_results.areas_to_improve_spelled IS 'the same phrases as they are shown, side by side';

CREATE TABLE holdfast.vocabulary_cards (
    student_id UUID NOT NULL,
    word TEXT NOT NULL,
    spelled TEXT NOT NULL,
    stability DOUBLE PRECISION NOT NULL,
    difficulty DOUBLE PRECISION NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reviewed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    reviews INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT vocabulary_cards_pkey PRIMARY KEY (student_id, word),
    CONSTRAINT vocabulary_cards_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

CREATE INDEX vocabulary_cards_student_id_due_at_idx ON holdfast.vocabulary_cards (student_id, due_at, word);

COMMENT ON COLUMN holdfast.vocabulary_cards.word IS 'trimmed and case-folded';

COMMENT ON COLUMN holdfast.vocabulary_cards.spelled IS 'as it was last shown';

COMMENT ON COLUMN holdfast.vocabulary_cards.stability IS 'days until recall has fallen to 0.9';

COMMENT ON COLUMN holdfast.vocabulary_cards.difficulty IS '1 to 10';

COMMENT ON COLUMN holdfast.vocabulary_cards.reviews IS 'how often it has come up';

CREATE TABLE holdfast.vocabulary_reviews (
    session_result_id UUID NOT NULL,
    word TEXT NOT NULL,
    student_id UUID NOT NULL,
    rating SMALLINT NOT NULL,
    rated BOOLEAN NOT NULL,
    reviewed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT vocabulary_reviews_pkey PRIMARY KEY (session_result_id, word),
    CONSTRAINT vocabulary_reviews_rating_check CHECK (rating >= 1 AND rating <= 4),
    CONSTRAINT vocabulary_reviews_session_result_id_fkey FOREIGN KEY(session_result_id) REFERENCES holdfast.session_results (session_result_id) ON DELETE CASCADE
);

COMMENT ON COLUMN holdfast.vocabulary_reviews.student_id IS 'of the session';

COMMENT ON COLUMN holdfast.vocabulary_reviews.rating IS '1 again, 2 hard, 3 good, 4 easy';

COMMENT ON COLUMN holdfast.vocabulary_reviews.rated IS 'false: it came up again, and nobody rated it';

CREATE TABLE holdfast.practice_standings (
    student_id UUID NOT NULL,
    sessions INTEGER NOT NULL,
    seconds BIGINT NOT NULL,
    words_spoken BIGINT NOT NULL,
    words_learned INTEGER NOT NULL,
    streak_days INTEGER NOT NULL,
    last_day DATE,
    CONSTRAINT practice_standings_pkey PRIMARY KEY (student_id),
    CONSTRAINT practice_standings_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

COMMENT ON COLUMN holdfast.practice_standings.words_learned IS 'different words';

COMMENT ON COLUMN holdfast.practice_standings.streak_days IS 'days in a row (UTC) up to last_day';

CREATE TABLE holdfast.practice_milestones (
    student_id UUID NOT NULL,
    milestone TEXT NOT NULL,
    session_result_id UUID NOT NULL,
    reached_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT practice_milestones_pkey PRIMARY KEY (student_id, milestone),
    CONSTRAINT practice_milestones_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE,
    CONSTRAINT practice_milestones_session_result_id_fkey FOREIGN KEY(session_result_id) REFERENCES holdfast.session_results (session_result_id) ON DELETE CASCADE
);

CREATE INDEX practice_milestones_session_result_id_idx ON holdfast.practice_milestones (session_result_id);

COMMENT ON COLUMN holdfast.practice_milestones.milestone IS 'such as sessions_10';

CREATE TABLE holdfast.practice_shares (
    share_id UUID NOT NULL,
    student_id UUID NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT practice_shares_pkey PRIMARY KEY (share_id),
    CONSTRAINT practice_shares_student_id_fkey FOREIGN KEY(student_id) REFERENCES holdfast.students (student_id) ON DELETE CASCADE
);

CREATE INDEX practice_shares_student_id_idx ON holdfast.practice_shares (student_id);

CREATE TRIGGER session_results_updated_at BEFORE UPDATE ON holdfast.session_results
    FOR EACH ROW EXECUTE FUNCTION holdfast.keep_updated_at();
