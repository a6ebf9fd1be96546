-- name: count_backup(student_id, skill_type, begins, ends)$
-- How many assessments a backup with these filters holds; a null filter means all, the end is excluded.
SELECT count(*) FROM holdfast.skill_assessments a
WHERE (:student_id::uuid IS NULL OR a.student_id = :student_id)
  AND (:skill_type::text IS NULL OR a.skill_type = :skill_type)
  AND (:begins::timestamptz IS NULL OR a.created_at >= :begins)
  AND (:ends::timestamptz IS NULL OR a.created_at < :ends);

-- name: backup_records(student_id, skill_type, begins, ends)
-- Assessments with their evidence, each as the JSON of the backup format; oldest first, times in UTC.
SELECT row_to_json(record)::text AS record
FROM (
    SELECT a.id, a.student_id, a.skill_type, a.score, a.confidence, a.reasoning, a.recommendations,
           a.feature_importance, a.created_at AT TIME ZONE 'UTC' AS created_at,
           a.updated_at AT TIME ZONE 'UTC' AS updated_at,
           (SELECT coalesce(json_agg(row_to_json(piece)), '[]')
            FROM (SELECT e.id, e.assessment_id, e.evidence_type, e.source, e.content, e.relevance_score,
                         e.created_at AT TIME ZONE 'UTC' AS created_at,
                         e.updated_at AT TIME ZONE 'UTC' AS updated_at
                  FROM holdfast.evidence e WHERE e.assessment_id = a.id
                  ORDER BY e.created_at, e.id) piece) AS evidence
    FROM holdfast.skill_assessments a
    WHERE (:student_id::uuid IS NULL OR a.student_id = :student_id)
      AND (:skill_type::text IS NULL OR a.skill_type = :skill_type)
      AND (:begins::timestamptz IS NULL OR a.created_at >= :begins)
      AND (:ends::timestamptz IS NULL OR a.created_at < :ends)
    ORDER BY a.created_at, a.id
) record;

-- name: known_students(ids)
-- Which of these students there are.
SELECT student_id FROM holdfast.students WHERE student_id = ANY(:ids);

-- name: owners_of_assessments(ids)
-- Which of these assessments exist, and whose they are.
SELECT id, student_id FROM holdfast.skill_assessments WHERE id = ANY(:ids);

-- name: delete_assessments(ids)!
-- Remove assessments; their evidence goes with them.
DELETE FROM holdfast.skill_assessments WHERE id = ANY(:ids);

-- name: counts_by_skill()
-- Assessments of each skill.
SELECT skill_type, count(*) AS count FROM holdfast.skill_assessments GROUP BY skill_type;

-- name: totals()^
-- All evidence, and the students who have any input for skills or an assessment.
SELECT (SELECT count(*) FROM holdfast.evidence) AS evidence,
       (SELECT count(*) FROM (SELECT student_id FROM holdfast.transcripts
                              UNION SELECT student_id FROM holdfast.game_sessions
                              UNION SELECT student_id FROM holdfast.skill_assessments) s) AS students;

-- name: scores_out_of_range(limit)
-- Assessments whose score is not from 0 to 1.
SELECT id::text AS subject, 'score ' || score AS detail, count(*) OVER () AS total
FROM holdfast.skill_assessments WHERE NOT (score >= 0 AND score <= 1) ORDER BY id LIMIT :limit;

-- name: confidences_out_of_range(limit)
-- Assessments whose confidence is not from 0 to 1.
SELECT id::text AS subject, 'confidence ' || confidence AS detail, count(*) OVER () AS total
FROM holdfast.skill_assessments WHERE NOT (confidence >= 0 AND confidence <= 1) ORDER BY id LIMIT :limit;

-- name: students_without_assessments(limit)
-- Students who have input for skills and no assessment.
SELECT s.student_code AS subject, 'has input and no assessment' AS detail, count(*) OVER () AS total
FROM holdfast.students s
WHERE (EXISTS (SELECT FROM holdfast.transcripts t WHERE t.student_id = s.student_id)
       OR EXISTS (SELECT FROM holdfast.game_sessions g WHERE g.student_id = s.student_id))
  AND NOT EXISTS (SELECT FROM holdfast.skill_assessments a WHERE a.student_id = s.student_id)
ORDER BY s.student_code LIMIT :limit;

-- name: students_missing_primary(primary, limit)
-- Students with some assessment but not of every primary skill.
SELECT s.student_code AS subject, 'lacks ' || array_to_string(m.missing, ', ') AS detail,
       count(*) OVER () AS total
FROM (SELECT student_id, array_agg(DISTINCT skill_type) AS present
      FROM holdfast.skill_assessments GROUP BY student_id) a
JOIN holdfast.students s USING (student_id)
CROSS JOIN LATERAL (SELECT array_agg(p) AS missing FROM unnest(:primary::text[]) p
                    WHERE p <> ALL(a.present)) m
WHERE m.missing IS NOT NULL
ORDER BY s.student_code LIMIT :limit;

-- name: orphaned_evidence(limit)
-- Evidence whose assessment does not exist.
SELECT e.id::text AS subject, 'names the assessment ' || e.assessment_id AS detail, count(*) OVER () AS total
FROM holdfast.evidence e
WHERE NOT EXISTS (SELECT FROM holdfast.skill_assessments a WHERE a.id = e.assessment_id)
ORDER BY e.id LIMIT :limit;

-- name: delete_orphans()!
-- Remove evidence whose assessment does not exist.
DELETE FROM holdfast.evidence e
WHERE NOT EXISTS (SELECT FROM holdfast.skill_assessments a WHERE a.id = e.assessment_id);

-- name: assessments_without_evidence(limit)
-- Assessments without any evidence.
SELECT a.id::text AS subject, a.skill_type || ' without evidence' AS detail, count(*) OVER () AS total
FROM holdfast.skill_assessments a
WHERE NOT EXISTS (SELECT FROM holdfast.evidence e WHERE e.assessment_id = a.id)
ORDER BY a.id LIMIT :limit;

-- name: unreasonable_evidence(fewest, most, limit)
-- Assessments with some evidence, but fewer or more pieces than is reasonable.
SELECT assessment_id::text AS subject, count(*) || ' pieces of evidence' AS detail,
       count(*) OVER () AS total
FROM holdfast.evidence e
WHERE EXISTS (SELECT FROM holdfast.skill_assessments a WHERE a.id = e.assessment_id)
GROUP BY assessment_id HAVING count(*) < :fewest OR count(*) > :most
ORDER BY assessment_id LIMIT :limit;

-- name: future_timestamps(limit)
-- Assessments and evidence from the future.
SELECT subject, detail, count(*) OVER () AS total
FROM (SELECT id::text AS subject, 'assessment of ' || greatest(created_at, updated_at) AS detail
      FROM holdfast.skill_assessments WHERE greatest(created_at, updated_at) > clock_timestamp()
      UNION ALL
      SELECT id::text, 'evidence of ' || greatest(created_at, updated_at)
      FROM holdfast.evidence WHERE greatest(created_at, updated_at) > clock_timestamp()) f
ORDER BY subject LIMIT :limit;

-- name: backward_timestamps(limit)
-- Assessments and evidence that were changed before they were made.
SELECT subject, detail, count(*) OVER () AS total
FROM (SELECT id::text AS subject, 'assessment changed before it was made' AS detail
      FROM holdfast.skill_assessments WHERE updated_at < created_at
      UNION ALL
      SELECT id::text, 'evidence changed before it was made'
      FROM holdfast.evidence WHERE updated_at < created_at) b
ORDER BY subject LIMIT :limit;

-- name: insert_transcript(transcript_id, student_id, source, language, speaker, recorded_at, content_hash, seqs, speakers, contents, begins, ends, version, features)$
-- A transcript with its turns and features; null when the student has this very transcript already.
WITH own AS (
    INSERT INTO holdfast.transcripts
        (transcript_id, student_id, source, language, speaker, recorded_at, content_hash)
    VALUES (:transcript_id, :student_id, :source, :language, :speaker, :recorded_at, :content_hash)
    ON CONFLICT (student_id, content_hash) DO NOTHING
    RETURNING transcript_id
), turns AS (
    INSERT INTO holdfast.transcript_turns
        (transcript_id, seq, student_id, speaker, begins_s, ends_s, content)
    SELECT own.transcript_id, t.seq, :student_id, t.speaker, t.begins_s, t.ends_s, t.content
    FROM own CROSS JOIN unnest(:seqs::int[], :speakers::text[], :contents::text[], :begins::float8[],
                               :ends::float8[]) AS t (seq, speaker, content, begins_s, ends_s)
), measured AS (
    INSERT INTO holdfast.linguistic_features (transcript_id, version, student_id, features)
    SELECT transcript_id, :version, :student_id, :features FROM own
)
SELECT transcript_id FROM own;

-- name: insert_game_session(game_session_id, student_id, game, started_at, ends_s, content_hash, seqs, types, moments, data, version, features)$
-- A game session with its events and features; null when the student has this very session already.
WITH own AS (
    INSERT INTO holdfast.game_sessions (game_session_id, student_id, game, started_at, ends_s, content_hash)
    VALUES (:game_session_id, :student_id, :game, :started_at, :ends_s, :content_hash)
    ON CONFLICT (student_id, content_hash) DO NOTHING
    RETURNING game_session_id
), telemetry AS (
    INSERT INTO holdfast.game_telemetry (game_session_id, seq, student_id, event_type, at_s, data)
    SELECT own.game_session_id, t.seq, :student_id, t.event_type, t.at_s, t.data
    FROM own CROSS JOIN unnest(:seqs::int[], :types::text[], :moments::float8[], :data::jsonb[])
        AS t (seq, event_type, at_s, data)
), measured AS (
    INSERT INTO holdfast.behavioral_features (game_session_id, version, student_id, features)
    SELECT game_session_id, :version, :student_id, :features FROM own
)
SELECT game_session_id FROM own;

-- name: transcript_by_hash(student_id, content_hash)$
-- The transcript that says this.
SELECT transcript_id FROM holdfast.transcripts WHERE student_id = :student_id AND content_hash = :content_hash;

-- name: game_session_by_hash(student_id, content_hash)$
-- The game session in which this happened.
SELECT game_session_id FROM holdfast.game_sessions
WHERE student_id = :student_id AND content_hash = :content_hash;

-- name: student_by_identity(system, external_id)$
-- The student whom another system calls so.
SELECT student_id FROM holdfast.student_identities WHERE system = :system AND external_id = :external_id;

-- name: insert_identity(system, external_id, student_id)!
-- How another system calls a student.
INSERT INTO holdfast.student_identities (system, external_id, student_id)
VALUES (:system, :external_id, :student_id);

-- name: transcripts_of(student_id, limit, offset)
-- A student's transcripts, newest first, without their turns, with the true total.
SELECT t.transcript_id, t.source, t.language, t.speaker, t.recorded_at, t.created_at,
       (SELECT count(*) FROM holdfast.transcript_turns u WHERE u.transcript_id = t.transcript_id) AS turns,
       f.version, f.features, count(*) OVER () AS total
FROM holdfast.transcripts t
LEFT JOIN LATERAL (SELECT version, features FROM holdfast.linguistic_features f
                   WHERE f.transcript_id = t.transcript_id ORDER BY version DESC LIMIT 1) f ON true
WHERE t.student_id = :student_id
ORDER BY t.created_at DESC, t.transcript_id
LIMIT :limit OFFSET :offset;

-- name: game_sessions_of(student_id, limit, offset)
-- A student's game sessions, newest first, without their events, with the true total.
SELECT g.game_session_id, g.game, g.started_at, g.ends_s, g.created_at,
       (SELECT count(*) FROM holdfast.game_telemetry e
        WHERE e.game_session_id = g.game_session_id) AS events,
       f.version, f.features, count(*) OVER () AS total
FROM holdfast.game_sessions g
LEFT JOIN LATERAL (SELECT version, features FROM holdfast.behavioral_features f
                   WHERE f.game_session_id = g.game_session_id ORDER BY version DESC LIMIT 1) f ON true
WHERE g.student_id = :student_id
ORDER BY g.created_at DESC, g.game_session_id
LIMIT :limit OFFSET :offset;

-- name: material_of(student_id, newest, version)
-- The newest transcripts and game sessions of a student, each whole as JSON with its features of a version (null where there are none); oldest first.
SELECT kind, id, created_at, head, parts, version, features
FROM (
    SELECT 'transcript' AS kind, t.transcript_id AS id, t.created_at,
           jsonb_build_object('speaker', t.speaker, 'source', t.source) AS head,
           (SELECT jsonb_agg(jsonb_build_array(u.speaker, u.content, u.begins_s, u.ends_s) ORDER BY u.seq)
            FROM holdfast.transcript_turns u WHERE u.transcript_id = t.transcript_id) AS parts,
           f.version, f.features
    FROM (SELECT * FROM holdfast.transcripts WHERE student_id = :student_id
          ORDER BY created_at DESC, transcript_id LIMIT :newest) t
    LEFT JOIN holdfast.linguistic_features f
           ON f.transcript_id = t.transcript_id AND f.version = :version
    UNION ALL
    SELECT 'game_session', g.game_session_id, g.created_at,
           jsonb_build_object('game', g.game, 'ends_s', g.ends_s),
           (SELECT jsonb_agg(jsonb_build_array(e.event_type, e.at_s, e.data) ORDER BY e.seq)
            FROM holdfast.game_telemetry e WHERE e.game_session_id = g.game_session_id),
           f.version, f.features
    FROM (SELECT * FROM holdfast.game_sessions WHERE student_id = :student_id
          ORDER BY created_at DESC, game_session_id LIMIT :newest) g
    LEFT JOIN holdfast.behavioral_features f
           ON f.game_session_id = g.game_session_id AND f.version = :version
) m
ORDER BY created_at, id;

-- name: keep_linguistic_features(transcript_id, version, features)!
-- The features of another extraction, beside those that are there; nothing where the transcript is gone.
INSERT INTO holdfast.linguistic_features (transcript_id, version, student_id, features)
SELECT transcript_id, :version, student_id, :features FROM holdfast.transcripts
WHERE transcript_id = :transcript_id
ON CONFLICT (transcript_id, version) DO NOTHING;

-- name: keep_behavioral_features(game_session_id, version, features)!
-- The features of another extraction, beside those that are there; nothing where the session is gone.
INSERT INTO holdfast.behavioral_features (game_session_id, version, student_id, features)
SELECT game_session_id, :version, student_id, :features FROM holdfast.game_sessions
WHERE game_session_id = :game_session_id
ON CONFLICT (game_session_id, version) DO NOTHING;

-- name: profile(student_id)^
-- What the school says about a student.
SELECT p.*, s.student_code, s.name, s.email FROM holdfast.students s
LEFT JOIN holdfast.student_profiles p USING (student_id) WHERE s.student_id = :student_id;

-- name: store_profile(student_id, first_name, last_name, grade_level, school_id, birth_date, external_id, demographics, is_active)!
-- Replace what the school says about a student.
INSERT INTO holdfast.student_profiles
    (student_id, first_name, last_name, grade_level, school_id, birth_date, external_id, demographics, is_active)
VALUES (:student_id, :first_name, :last_name, :grade_level, :school_id, :birth_date, :external_id,
        :demographics, :is_active)
ON CONFLICT (student_id) DO UPDATE
SET first_name = excluded.first_name, last_name = excluded.last_name, grade_level = excluded.grade_level,
    school_id = excluded.school_id, birth_date = excluded.birth_date, external_id = excluded.external_id,
    demographics = excluded.demographics, is_active = excluded.is_active;

-- name: assessments_of(student_id, skill_type, begins, ends, limit, offset)
-- A student's assessments, newest first, each with all its evidence, and the true total: one statement.
SELECT a.*, count(*) OVER () AS total, e.evidence
FROM holdfast.skill_assessments a
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(to_jsonb(e) - 'student_id' ORDER BY e.relevance_score DESC, e.id), '[]') AS evidence
    FROM holdfast.evidence e WHERE e.assessment_id = a.id) e
WHERE a.student_id = :student_id
  AND (:skill_type::text IS NULL OR a.skill_type = :skill_type)
  AND (:begins::timestamptz IS NULL OR a.created_at >= :begins)
  AND (:ends::timestamptz IS NULL OR a.created_at < :ends)
ORDER BY a.created_at DESC, a.id
LIMIT :limit OFFSET :offset;

-- name: count_assessments_of(student_id, skill_type, begins, ends)$
-- How many there are, for a page beyond the last one.
SELECT count(*) FROM holdfast.skill_assessments a
WHERE a.student_id = :student_id
  AND (:skill_type::text IS NULL OR a.skill_type = :skill_type)
  AND (:begins::timestamptz IS NULL OR a.created_at >= :begins)
  AND (:ends::timestamptz IS NULL OR a.created_at < :ends);

-- name: latest_of(student_id, skills, within_s)
-- The newest assessment of each of these skills, with its evidence; not older than so many seconds, or (null) of any age.
SELECT DISTINCT ON (a.skill_type) a.*, e.evidence
FROM holdfast.skill_assessments a
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(to_jsonb(e) - 'student_id' ORDER BY e.relevance_score DESC, e.id), '[]') AS evidence
    FROM holdfast.evidence e WHERE e.assessment_id = a.id) e
WHERE a.student_id = :student_id AND a.skill_type = ANY(:skills)
  AND (:within_s::float8 IS NULL OR a.created_at >= clock_timestamp() - make_interval(secs => :within_s))
ORDER BY a.skill_type, a.created_at DESC, a.id;

-- name: assessment_of(assessment_id)^
-- One assessment and its evidence, each piece with the place in a transcript where its words stand.
SELECT a.*, (
    SELECT coalesce(jsonb_agg((to_jsonb(e) - 'student_id') || jsonb_build_object('found_in', f.place)
                              ORDER BY e.relevance_score DESC, e.id), '[]')
    FROM holdfast.evidence e
    LEFT JOIN LATERAL (
        SELECT jsonb_build_object('transcript_id', u.transcript_id, 'turn', u.seq, 'speaker', u.speaker,
                                  'begins_s', u.begins_s, 'text', u.content,
                                  'before', (SELECT b.content FROM holdfast.transcript_turns b
                                             WHERE b.transcript_id = u.transcript_id AND b.seq = u.seq - 1),
                                  'after', (SELECT n.content FROM holdfast.transcript_turns n
                                            WHERE n.transcript_id = u.transcript_id AND n.seq = u.seq + 1)) AS place
        FROM holdfast.transcripts t
        JOIN holdfast.transcript_turns u USING (transcript_id)
        WHERE t.student_id = a.student_id AND e.evidence_type = 'linguistic' AND u.speaker = t.speaker
          AND length(e.content) > 0 AND position(lower(e.content) IN lower(u.content)) > 0
        ORDER BY t.created_at DESC, u.transcript_id, u.seq LIMIT 1) f ON true
    WHERE e.assessment_id = a.id) AS evidence
FROM holdfast.skill_assessments a WHERE a.id = :assessment_id;

-- name: course_of(student_id, skill_type, limit)
-- How a student's scores went, oldest first; of more than the limit the newest.
SELECT * FROM (
    SELECT id, skill_type, score, confidence, created_at FROM holdfast.skill_assessments
    WHERE student_id = :student_id AND (:skill_type::text IS NULL OR skill_type = :skill_type)
    ORDER BY created_at DESC, id LIMIT :limit) c
ORDER BY skill_type, created_at, id;

-- name: distribution(cohort_id, skill_type, high_from, medium_from)
-- The newest score of each student, by skill: moments, quartiles and tenths; of one cohort or (null) of all.
WITH newest AS (
    SELECT DISTINCT ON (a.student_id, a.skill_type) a.student_id, a.skill_type, a.score, a.confidence
    FROM holdfast.skill_assessments a
    WHERE (:skill_type::text IS NULL OR a.skill_type = :skill_type)
      AND (:cohort_id::uuid IS NULL
           OR a.student_id IN (SELECT student_id FROM holdfast.enrolments
                               WHERE cohort_id = :cohort_id AND withdrawn_at IS NULL))
    ORDER BY a.student_id, a.skill_type, a.created_at DESC, a.id
), tenths AS (
    SELECT skill_type, jsonb_object_agg(tenth, count) AS tenths
    FROM (SELECT skill_type, least(9, floor(score * 10))::int AS tenth, count(*) AS count
          FROM newest GROUP BY 1, 2) t
    GROUP BY skill_type
)
SELECT skill_type, count(*) AS students, avg(score) AS mean, stddev_samp(score) AS sd, min(score) AS lowest,
       percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY score) AS quartiles,
       max(score) AS highest, avg(confidence) AS mean_confidence,
       count(*) FILTER (WHERE score >= :high_from::float8) AS high,
       count(*) FILTER (WHERE score >= :medium_from::float8 AND score < :high_from::float8) AS medium,
       count(*) FILTER (WHERE score < :medium_from::float8) AS low, t.tenths
FROM newest JOIN tenths t USING (skill_type)
GROUP BY skill_type, t.tenths;

-- name: research_assessments(enrolments)
-- Every assessment of some enrolments' students.
SELECT a.student_id, a.id AS assessment_id, a.skill_type, a.score, a.confidence, a.created_at,
       count(v.id) AS evidence_count,
       count(v.id) FILTER (WHERE v.evidence_type = 'linguistic') AS linguistic_evidence,
       count(v.id) FILTER (WHERE v.evidence_type = 'behavioral') AS behavioral_evidence,
       avg(v.relevance_score) AS mean_relevance, a.reasoning, a.recommendations
FROM holdfast.skill_assessments a
LEFT JOIN holdfast.evidence v ON v.assessment_id = a.id
WHERE a.student_id IN (SELECT student_id FROM holdfast.enrolments WHERE enrolment_id = ANY(:enrolments::uuid[]))
GROUP BY a.id
ORDER BY a.student_id, a.created_at, a.id;

-- name: research_evidence(enrolments)
-- The evidence of those assessments, strongest first.
SELECT a.student_id, v.assessment_id, v.id AS evidence_id, a.skill_type, v.evidence_type, v.source,
       v.relevance_score, v.created_at, v.content
FROM holdfast.evidence v
JOIN holdfast.skill_assessments a ON a.id = v.assessment_id
WHERE a.student_id IN (SELECT student_id FROM holdfast.enrolments WHERE enrolment_id = ANY(:enrolments::uuid[]))
ORDER BY a.student_id, v.assessment_id, v.relevance_score DESC, v.id;

-- name: assessments_by_ids(ids)
-- These assessments with their evidence, in the order of the ids: one statement.
SELECT a.*, e.evidence
FROM holdfast.skill_assessments a
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_agg(to_jsonb(e) - 'student_id' ORDER BY e.relevance_score DESC, e.id), '[]') AS evidence
    FROM holdfast.evidence e WHERE e.assessment_id = a.id) e
WHERE a.id = ANY(:ids::uuid[])
ORDER BY array_position(:ids::uuid[], a.id);
