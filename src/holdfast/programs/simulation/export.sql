-- What research reads of the simulation. A student counts with one session: the first that was begun in
-- the enrolment and not voided. Every statement is for a few hundred students at once.

-- name: exported_members(enrolments)
-- Each enrolment with its session, if one was begun, and what was said in it.
SELECT e.enrolment_id, s.session_id, s.status, s.started_at, s.completed_at, s.sessions,
       p.phase, p.challenge_points_enabled, cardinality(p.scenario_queue) AS scenarios_assigned, p.time_scale,
       p.coach, p.pattern_analysis, m.total_messages, m.student_messages, m.student_words
FROM unnest(:enrolments::uuid[]) AS e(enrolment_id)
LEFT JOIN LATERAL (
    SELECT session_id, status, started_at, completed_at, count(*) OVER () AS sessions
    FROM holdfast.sessions
    WHERE enrolment_id = e.enrolment_id AND program = 'simulation' AND status <> 'VOID'
    ORDER BY started_at, session_id LIMIT 1) s ON true
LEFT JOIN holdfast.simulation_sessions p ON p.session_id = s.session_id
LEFT JOIN LATERAL (
    SELECT count(*) AS total_messages, count(*) FILTER (WHERE role = 'user') AS student_messages,
           coalesce(sum(cardinality(regexp_split_to_array(btrim(content, E' \t\n\r'), E'\\s+')))
                    FILTER (WHERE role = 'user' AND content ~ E'\\S'), 0)::bigint AS student_words
    FROM holdfast.messages WHERE session_id = s.session_id) m ON s.session_id IS NOT NULL;

-- name: exported_runs(sessions)
-- The scenarios that were begun, with their last vital signs and the kinds of their treatments.
SELECT r.session_id, r.scenario_index, r.scenario_id, c.title, c.version, r.engine_version, r.status,
       r.started_at, r.ended_at, r.elapsed_s, r.final_state, r.outcome, r.performance,
       v.heart_rate, v.respiratory_rate, v.spo2, v.systolic, v.diastolic, v.temperature, v.gcs, v.glucose,
       v.pain, v.patient_state, r.content_hash
FROM holdfast.simulation_runs r
JOIN holdfast.scenarios c USING (content_hash)
LEFT JOIN LATERAL (
    SELECT * FROM holdfast.vital_signs g
    WHERE g.session_id = r.session_id AND g.scenario_index = r.scenario_index
    ORDER BY g.ordinal DESC LIMIT 1) v ON true
WHERE r.session_id = ANY(:sessions::text[])
ORDER BY r.session_id, r.scenario_index;

-- name: treatments_of(hashes)
-- Which treatments of some scenarios are medications, oxygen or fluids.
SELECT c.content_hash, t.key AS treatment
FROM holdfast.scenarios c CROSS JOIN LATERAL jsonb_each(c.document->'treatments') t
WHERE c.content_hash = ANY(:hashes::text[]) AND t.value->>'kind' IN ('medication', 'oxygen', 'fluid');

-- name: exported_occurrences(sessions)
-- What came to light, except what an examination showed.
SELECT session_id, scenario_index, ordinal, at_s, type, subject, detail, created_at
FROM holdfast.simulation_occurrences
WHERE session_id = ANY(:sessions::text[]) AND type NOT IN ('finding_revealed', 'run_ended')
ORDER BY session_id, scenario_index, ordinal;

-- name: exported_judgements(sessions)
-- The ratings of instructors, which stand in place of those of the rules.
SELECT session_id, scenario_index, decision, rating, explanation, created_at
FROM holdfast.instructor_judgements
WHERE session_id = ANY(:sessions::text[]) ORDER BY session_id, scenario_index, decision;

-- name: exported_vital_signs(sessions)
-- The log of vital signs.
SELECT session_id, scenario_index, ordinal, at_s, created_at, heart_rate, respiratory_rate, spo2, systolic,
       diastolic, temperature, gcs, glucose, pain, patient_state
FROM holdfast.vital_signs WHERE session_id = ANY(:sessions::text[])
ORDER BY session_id, scenario_index, ordinal;

-- name: exported_messages(sessions)
-- What was said.
SELECT session_id, seq, part, role, agent, clinical_s, created_at, content
FROM holdfast.messages WHERE session_id = ANY(:sessions::text[]) ORDER BY session_id, seq;
