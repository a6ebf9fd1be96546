-- name: known_questions(ids)
-- Which of some questions exist, where, and the hash of what was last uploaded (not calibrated).
SELECT q.id, q.pool_id, q.ordinal, q.version, q.content_hash,
       (SELECT v.content_hash FROM holdfast.question_versions v
        WHERE v.question_id = q.id AND v.origin IN ('upload', 'import')
        ORDER BY v.version DESC LIMIT 1) AS uploaded_hash
FROM holdfast.questions q WHERE q.id = ANY(:ids::text[]);

-- name: insert_pool(pool_id, name, scale, parameterisation, concept_names, rules)!
-- A new pool. Violates question_pools_name_key when the name is taken.
INSERT INTO holdfast.question_pools (pool_id, name, scale, parameterisation, concept_names, rules)
VALUES (:pool_id, :name, :scale, :parameterisation, :concept_names, :rules);

-- name: pool_by_id(pool_id)^
-- One pool.
SELECT pool_id, name, scale, parameterisation, concept_names, rules, revision, tests_started, created_at
FROM holdfast.question_pools WHERE pool_id = :pool_id;

-- name: pool_by_name(name)^
-- One pool by its name.
SELECT pool_id, name, scale, parameterisation, concept_names, rules, revision, tests_started, created_at
FROM holdfast.question_pools WHERE name = :name;

-- name: newest_pool()^
-- The pool of those who name none: the newest.
SELECT pool_id, name, scale, parameterisation, concept_names, rules, revision, tests_started, created_at
FROM holdfast.question_pools ORDER BY created_at DESC, pool_id LIMIT 1;

-- name: list_pools(limit, offset)
-- Pools by name, with how many questions each has, and the true total.
SELECT p.pool_id, p.name, p.scale, p.parameterisation, p.concept_names, p.revision, p.tests_started,
       p.created_at, count(q.id) AS question_count, count(q.id) FILTER (WHERE q.status = 'active') AS active,
       count(*) OVER () AS total
FROM holdfast.question_pools p LEFT JOIN holdfast.questions q USING (pool_id)
GROUP BY p.pool_id ORDER BY p.name LIMIT :limit OFFSET :offset;

-- name: lock_pool(pool_id)^
-- Take the pool's row lock and wait for whoever has it.
SELECT revision, concept_names, parameterisation,
       coalesce((SELECT max(ordinal) + 1 FROM holdfast.questions q WHERE q.pool_id = p.pool_id), 0) AS next_ordinal
FROM holdfast.question_pools p WHERE pool_id = :pool_id FOR UPDATE OF p;

-- name: set_pool_rules(pool_id, rules)!
-- Other rules for the tests that start from now on.
UPDATE holdfast.question_pools SET rules = :rules WHERE pool_id = :pool_id;

-- name: pool_question_ids(pool_id)
-- The ids of a pool's questions.
SELECT id FROM holdfast.questions WHERE pool_id = :pool_id ORDER BY ordinal;

-- name: write_questions(pool_id, revision, origin, actor, questions)!
-- New questions and new versions of known ones, as one revision of their pool. Violates
-- question_versions_pkey when somebody else wrote the same version.
WITH given AS (
    SELECT * FROM jsonb_to_recordset(:questions::jsonb) AS g(
        id text, ordinal integer, version integer, content_hash text, record jsonb, calibration jsonb)
), current AS (
    INSERT INTO holdfast.questions
        (id, pool_id, ordinal, version, content_hash, content, options, correct_answer, concepts, difficulty,
         discrimination, guessing, slipping, status, content_area, enemies)
    SELECT id, :pool_id, ordinal, version, content_hash, record->>'content', record->'options',
           record->>'correct_answer', record->'concepts', (record->>'difficulty')::double precision,
           (record->>'discrimination')::double precision, (record->>'guessing')::double precision,
           (record->>'slipping')::double precision, record->>'status', record->>'content_area',
           ARRAY(SELECT jsonb_array_elements_text(record->'enemies'))
    FROM given
    ON CONFLICT (id) DO UPDATE
    SET version = excluded.version, content_hash = excluded.content_hash, content = excluded.content,
        options = excluded.options, correct_answer = excluded.correct_answer, concepts = excluded.concepts,
        difficulty = excluded.difficulty, discrimination = excluded.discrimination,
        guessing = excluded.guessing, slipping = excluded.slipping, status = excluded.status,
        content_area = excluded.content_area, enemies = excluded.enemies
), version AS (
    INSERT INTO holdfast.question_versions
        (question_id, version, pool_id, ordinal, revision, content_hash, record, origin, calibration, created_by)
    SELECT id, version, :pool_id, ordinal, :revision, content_hash, record, :origin, calibration, :actor
    FROM given
), counter AS (
    INSERT INTO holdfast.question_exposures (question_id, pool_id, tests_before)
    SELECT g.id, :pool_id, p.tests_started
    FROM given g JOIN holdfast.question_pools p ON p.pool_id = :pool_id WHERE g.version = 1
), activated AS (
    UPDATE holdfast.question_exposures e
    SET tests_before = p.tests_started, administered_before = e.administered
    FROM given g, holdfast.questions q, holdfast.question_pools p
    WHERE e.question_id = g.id AND q.id = g.id AND p.pool_id = :pool_id
      AND q.status <> 'active' AND g.record->>'status' = 'active'
)
UPDATE holdfast.question_pools SET revision = :revision WHERE pool_id = :pool_id;

-- name: list_questions(pool_id, status, limit, offset)
-- Questions of one pool or (null) of all, in their order, with their use and the true total.
SELECT q.id, q.pool_id, p.name AS pool, q.ordinal, q.version, q.content, q.options, q.correct_answer,
       q.concepts, q.difficulty, q.discrimination, q.guessing, q.slipping, q.status, q.content_area,
       q.enemies, q.created_at, q.updated_at, e.administered, p.tests_started, count(*) OVER () AS total
FROM holdfast.questions q
JOIN holdfast.question_pools p USING (pool_id)
JOIN holdfast.question_exposures e ON e.question_id = q.id
WHERE (:pool_id::uuid IS NULL OR q.pool_id = :pool_id) AND (:status::text IS NULL OR q.status = :status)
ORDER BY p.name, q.ordinal LIMIT :limit OFFSET :offset;

-- name: pool_records(pool_id)
-- Every question of a pool as its canonical record.
SELECT v.question_id, v.version, v.ordinal, v.record
FROM holdfast.questions q
JOIN holdfast.question_versions v ON v.question_id = q.id AND v.version = q.version
WHERE q.pool_id = :pool_id ORDER BY q.ordinal;

-- name: bank_at(pool_id, revision)
-- A pool's questions as they were at a revision, without their words.
SELECT DISTINCT ON (ordinal) ordinal, question_id, version,
       record - '{content,options,correct_answer}'::text[] AS record
FROM holdfast.question_versions
WHERE pool_id = :pool_id AND revision <= :revision
ORDER BY ordinal, version DESC;

-- name: question_words(question_id, version)^
-- What a student sees of a question, and what only grading may know.
SELECT record->>'content' AS content, record->'options' AS options, record->>'correct_answer' AS correct_answer,
       record->'concepts' AS concepts
FROM holdfast.question_versions WHERE question_id = :question_id AND version = :version;

-- name: versions_of(question_id)
-- Every version of a question, oldest first.
SELECT question_id, version, revision, content_hash, record, origin, calibration, created_by, created_at
FROM holdfast.question_versions WHERE question_id = :question_id ORDER BY version;

-- name: exposures(pool_id)
-- In how many of how many tests each question of a pool was given since it became active.
SELECT e.question_id, p.tests_started - e.tests_before AS tests,
       e.administered - e.administered_before AS administered
FROM holdfast.question_exposures e JOIN holdfast.question_pools p USING (pool_id)
WHERE pool_id = :pool_id;

-- name: seen_questions(student_id, pool_id)
-- Questions of a pool that a student was given in any test, also one that is still under way.
SELECT r.question_id FROM holdfast.adaptive_tests t JOIN holdfast.test_responses r USING (session_id)
WHERE t.student_id = :student_id AND t.question_pool_id = :pool_id
UNION
SELECT t.pending->>'question_id' FROM holdfast.adaptive_tests t
WHERE t.student_id = :student_id AND t.question_pool_id = :pool_id AND t.pending IS NOT NULL;

-- name: count_test(pool_id)$
-- One more test on a pool; its number. Starts on one pool come one after another from here on.
UPDATE holdfast.question_pools SET tests_started = tests_started + 1
WHERE pool_id = :pool_id RETURNING tests_started;

-- name: prepare_proficiencies(student_id, scale, names, mean, variance)!
-- Rows of concepts that a student meets for the first time on a scale: nothing known but the prior.
INSERT INTO holdfast.student_proficiencies
    (student_id, scale, concept_name, proficiency_value, variance)
SELECT :student_id, :scale, name, :mean, :variance FROM unnest(:names::text[]) AS name ORDER BY name
ON CONFLICT (student_id, scale, concept_name) DO NOTHING;

-- name: lock_proficiencies(student_id, scale)
-- What is known of a student's concepts on a scale, under row locks taken in one order.
SELECT concept_name, proficiency_value, variance, covariances, confidence, responses
FROM holdfast.student_proficiencies
WHERE student_id = :student_id AND scale = :scale
ORDER BY concept_name FOR UPDATE;

-- name: insert_test(session_id, student_id, pool_id, pool_revision, scale, concept_names, rules, opening, engine_version, initial_proficiency, ability, standard_error, pending, event_id, actor, data)!
-- A new test with its first question (or none), the exposure that it is, and the event.
WITH test AS (
    INSERT INTO holdfast.adaptive_tests
        (session_id, student_id, question_pool_id, pool_revision, scale, concept_names, rules, opening,
         engine_version, initial_proficiency, initial_ability, initial_standard_error, ability, standard_error,
         pending, presented_at)
    VALUES (:session_id, :student_id, :pool_id, :pool_revision, :scale, :concept_names, :rules, :opening,
            :engine_version, :initial_proficiency, :ability, :standard_error, :ability,
            :standard_error, :pending, clock_timestamp())
), exposed AS (
    UPDATE holdfast.question_exposures SET administered = administered + 1
    WHERE question_id = (:pending::jsonb)->>'question_id'
)
INSERT INTO holdfast.events (event_id, student_id, session_id, actor, type, object, data)
VALUES (:event_id, :student_id, :session_id, :actor, 'test.started', :pool_id::text, :data);

-- name: read_test(session_id)^
-- All that a look at a test needs: the session, the test, the pending question, the service's clock.
SELECT s.session_id, s.student_id, s.status, s.version, s.started_at, s.completed_at, s.last_activity,
       s.expires_at, s.downtime_s AS session_downtime_s, s.paused_at, s.paused_s, s.paused_outage_s,
       s.pause_downtime_s, t.question_pool_id, t.pool_revision, t.scale, t.concept_names, t.rules, t.opening,
       t.engine_version, t.initial_proficiency, t.final_proficiency, t.initial_ability,
       t.initial_standard_error, t.ability, t.standard_error, t.pending, t.presented_at, t.total_questions,
       t.scored_questions, t.correct_responses, t.accuracy, t.learning_gain, t.test_efficiency, t.end_reason,
       t.expired_at, p.parameterisation, p.name AS pool, p.concept_names AS pool_concepts, clock_timestamp() AS now, c.beat_at,
       c.downtime_s AS service_downtime_s
FROM holdfast.sessions s
JOIN holdfast.adaptive_tests t USING (session_id)
JOIN holdfast.question_pools p ON p.pool_id = t.question_pool_id
CROSS JOIN holdfast.service_clock c
WHERE s.session_id = :session_id;

-- name: responses_of(session_id)
-- The answers of a test in their order.
SELECT id, question_id, question_version, position, response, chosen, graded_by, is_correct, scored,
       ability_before, standard_error_before, ability_after, standard_error_after, at_bound,
       proficiency_before, proficiency_after, choice, draw, eligible_digest, eligible_count, prior,
       engine_version, response_s, presented_at, "timestamp"
FROM holdfast.test_responses WHERE session_id = :session_id ORDER BY position;

-- name: response_to(session_id, question_id)^
-- One answer, and which question came after it.
SELECT r.position, r.response, r.chosen, r.ability_after, r.standard_error_after, r.proficiency_after,
       n.question_id AS next_id, n.question_version AS next_version
FROM holdfast.test_responses r
LEFT JOIN holdfast.test_responses n ON n.session_id = r.session_id AND n.position = r.position + 1
WHERE r.session_id = :session_id AND r.question_id = :question_id;

-- name: count_answer(session_id, question_id, question_version, position, response, chosen, graded_by, scored, ability_before, standard_error_before, ability, standard_error, at_bound, proficiency_before, proficiency_after, choice, draw, eligible_digest, eligible_count, prior, engine_version, response_s, presented_at, pending, status, end_reason, accuracy, learning_gain, test_efficiency, proficiencies, events)$
-- An answer with all that follows from it: the response, the next question (or the end) and the exposure
-- that it is, the student's proficiencies, the events. Violates test_responses_session_id_question_id_key
-- when the question was answered. The session's version.
WITH session AS (
    UPDATE holdfast.sessions
    SET version = version + 1, last_activity = clock_timestamp(), status = coalesce(:status, status),
        completed_at = CASE WHEN :status::text = 'COMPLETED' THEN clock_timestamp() ELSE completed_at END
    WHERE session_id = :session_id AND status = 'IN_PROGRESS'
    RETURNING session_id, student_id, version
), answered AS (
    INSERT INTO holdfast.test_responses
        (student_id, session_id, question_id, question_version, position, response, chosen, graded_by,
         is_correct, scored, ability_before, standard_error_before, ability_after, standard_error_after,
         at_bound, proficiency_before, proficiency_after, choice, draw, eligible_digest, eligible_count,
         prior, engine_version, response_s, presented_at)
    SELECT student_id, session_id, :question_id, :question_version, :position, :response::integer, :chosen,
           :graded_by, :response::integer = 1, :scored, :ability_before, :standard_error_before, :ability, :standard_error,
           :at_bound, :proficiency_before, :proficiency_after, :choice, :draw, :eligible_digest,
           :eligible_count, :prior, :engine_version, :response_s, :presented_at
    FROM session
), test AS (
    UPDATE holdfast.adaptive_tests t
    SET ability = :ability, standard_error = :standard_error, pending = :pending,
        presented_at = CASE WHEN :pending::jsonb IS NULL THEN NULL ELSE clock_timestamp() END,
        total_questions = total_questions + 1,
        scored_questions = scored_questions + CASE WHEN :scored THEN 1 ELSE 0 END,
        correct_responses = correct_responses + CASE WHEN :scored THEN :response::integer ELSE 0 END,
        end_reason = :end_reason, accuracy = :accuracy, learning_gain = :learning_gain,
        test_efficiency = :test_efficiency, expired_at = NULL,
        final_proficiency = CASE WHEN :end_reason::text IS NULL THEN NULL ELSE :proficiency_after END
    FROM session WHERE t.session_id = session.session_id
), known AS (
    UPDATE holdfast.student_proficiencies p
    SET proficiency_value = g.mean, variance = g.variance, covariances = g.covariances,
        confidence = g.confidence, responses = p.responses + g.responses
    FROM session, holdfast.adaptive_tests t, jsonb_to_recordset(:proficiencies::jsonb) AS g(
        name text, mean double precision, variance double precision, covariances jsonb,
        confidence double precision, responses integer)
    WHERE t.session_id = session.session_id AND p.student_id = session.student_id AND p.scale = t.scale
      AND p.concept_name = g.name
), exposed AS (
    UPDATE holdfast.question_exposures SET administered = administered + 1
    WHERE question_id = (:pending::jsonb)->>'question_id'
), journalled AS (
    INSERT INTO holdfast.events (event_id, student_id, session_id, actor, type, object, result, data)
    SELECT e.event_id, session.student_id, session.session_id, e.actor, e.type, e.object, e.result, e.data
    FROM session, jsonb_to_recordset(:events::jsonb) AS e(
        event_id uuid, actor text, type text, object text, result text, data jsonb)
)
SELECT version FROM session;

-- name: end_test(session_id, end_reason, final_proficiency, accuracy, learning_gain, test_efficiency)$
-- End a test before its stop rule does; the question that waits stays on record. The session's version.
WITH session AS (
    UPDATE holdfast.sessions
    SET version = version + 1, status = 'COMPLETED', completed_at = clock_timestamp(),
        last_activity = clock_timestamp()
    WHERE session_id = :session_id AND status IN ('IN_PROGRESS', 'PAUSED')
    RETURNING session_id, version
), test AS (
    UPDATE holdfast.adaptive_tests t
    SET end_reason = :end_reason, final_proficiency = :final_proficiency, accuracy = :accuracy,
        learning_gain = :learning_gain, test_efficiency = :test_efficiency
    FROM session WHERE t.session_id = session.session_id
)
SELECT version FROM session;

-- name: mark_expired(session_id, final_proficiency, accuracy, learning_gain, test_efficiency)!
-- What an idle test came to; its session is abandoned in the same transaction.
UPDATE holdfast.adaptive_tests
SET expired_at = clock_timestamp(), end_reason = 'idle', final_proficiency = :final_proficiency,
    accuracy = :accuracy, learning_gain = :learning_gain, test_efficiency = :test_efficiency
WHERE session_id = :session_id;

-- name: mark_resumed(session_id)!
-- An expired test is under way again, at the question that waited.
UPDATE holdfast.adaptive_tests
SET expired_at = NULL, end_reason = NULL, final_proficiency = NULL, accuracy = NULL, learning_gain = NULL,
    test_efficiency = NULL, presented_at = clock_timestamp()
WHERE session_id = :session_id;

-- name: idle_tests(idle_s, limit)
-- Tests under way whose student has not been heard of for a while, oldest first. A pause is not idleness.
SELECT s.session_id FROM holdfast.sessions s JOIN holdfast.adaptive_tests t USING (session_id)
WHERE s.program = 'adaptive_test' AND s.status = 'IN_PROGRESS'
  AND s.last_activity < clock_timestamp() - make_interval(secs => :idle_s)
ORDER BY s.last_activity, s.session_id LIMIT :limit;

-- name: history_of(student_id, limit, offset)
-- A student's tests, newest first, and the true total.
SELECT v.*, p.name AS pool, t.ability, t.standard_error, t.scored_questions, t.end_reason, t.concept_names,
       t.scale, count(*) OVER () AS total
FROM holdfast.test_sessions v
JOIN holdfast.adaptive_tests t ON t.session_id = v.id
JOIN holdfast.question_pools p ON p.pool_id = t.question_pool_id
WHERE v.student_id = :student_id ORDER BY v.started_at DESC, v.id LIMIT :limit OFFSET :offset;

-- name: responses_of_student(student_id, session_ids)
-- The answers of some tests of a student, in their order.
SELECT r.session_id, r.position, r.question_id, r.question_version, r.response, r.is_correct, r.scored,
       r.proficiency_after, r.response_s, r."timestamp"
FROM holdfast.test_responses r
WHERE r.session_id = ANY(:session_ids::text[]) AND r.student_id = :student_id
ORDER BY r.session_id, r.position;

-- name: proficiencies_of(student_id)
-- What is known of a student's concepts, on every scale.
SELECT scale, concept_name, proficiency_value, variance, covariances, confidence, responses, created_at,
       updated_at
FROM holdfast.student_proficiencies WHERE student_id = :student_id ORDER BY scale, concept_name;

-- name: progress_of(student_id)
-- A student's ended tests on every scale, oldest first.
SELECT v.id, v.question_pool_id, v.status, v.initial_proficiency, v.final_proficiency, v.total_questions,
       v.accuracy, v.learning_gain, v.test_efficiency, v.started_at, v.completed_at, t.scale, t.ability,
       t.standard_error, t.scored_questions, t.rules,
       (SELECT r.at_bound FROM holdfast.test_responses r WHERE r.session_id = t.session_id AND r.scored
        ORDER BY r.position DESC LIMIT 1) AS at_bound
FROM holdfast.test_sessions v JOIN holdfast.adaptive_tests t ON t.session_id = v.id
WHERE v.student_id = :student_id AND v.status = 'completed' ORDER BY v.started_at, v.id;

-- name: count_active_tests(idle_s)$
-- Tests under way whose student was heard of lately.
SELECT count(*) FROM holdfast.sessions
WHERE program = 'adaptive_test' AND status = 'IN_PROGRESS'
  AND last_activity > clock_timestamp() - make_interval(secs => :idle_s);

-- name: questions_per_pool()
-- How many questions each pool has, by use.
SELECT p.pool_id, p.name, count(q.id) AS question_count, count(q.id) FILTER (WHERE q.status = 'active') AS active,
       p.tests_started
FROM holdfast.question_pools p LEFT JOIN holdfast.questions q USING (pool_id)
GROUP BY p.pool_id ORDER BY p.name, p.pool_id;

-- name: response_rates(limit, offset)
-- How many answers each student gave and how many were right, with the true number of students.
SELECT r.student_id, s.student_code, count(*) AS total_responses,
       avg(r.response) FILTER (WHERE r.scored) AS accuracy, max(r."timestamp") AS latest,
       avg(r.response_s) AS mean_response_s, count(*) OVER () AS total
FROM holdfast.test_responses r JOIN holdfast.students s USING (student_id)
GROUP BY r.student_id, s.student_code ORDER BY s.student_code LIMIT :limit OFFSET :offset;

-- name: all_tests()
-- The ids of all adaptive tests, oldest first.
SELECT session_id FROM holdfast.adaptive_tests ORDER BY created_at, session_id;

-- name: calibration_responses(pool_id)
-- Every answer to a pool's questions, for calibration; tests that were voided are left out.
SELECT r.session_id, r.student_id, r.question_id, r.response, r.response_s, r.graded_by
FROM holdfast.test_responses r
JOIN holdfast.sessions s USING (session_id)
JOIN holdfast.adaptive_tests t USING (session_id)
WHERE t.question_pool_id = :pool_id AND s.status <> 'VOID' ORDER BY r.session_id, r.position;

-- name: exported_tests(enrolments)
-- Tests of some enrolments for research, one row each.
SELECT t.student_id, t.session_id, v.status, p.name AS pool, t.scale, t.pool_revision, t.engine_version,
       v.started_at, v.completed_at, t.end_reason, t.initial_ability, t.ability, t.standard_error,
       t.total_questions, t.scored_questions, t.correct_responses, t.accuracy, t.learning_gain,
       t.test_efficiency
FROM holdfast.adaptive_tests t
JOIN holdfast.sessions s ON s.session_id = t.session_id AND s.status <> 'VOID'
JOIN holdfast.test_sessions v ON v.id = t.session_id
JOIN holdfast.question_pools p ON p.pool_id = t.question_pool_id
WHERE s.enrolment_id = ANY(:enrolments::uuid[])
ORDER BY t.student_id, v.started_at, t.session_id;

-- name: exported_responses(enrolments)
-- Answers of some enrolments for research, one row each.
SELECT r.student_id, r.session_id, r.position, r.question_id, r.question_version, r.response, r.scored,
       r.graded_by, r.ability_before, r.ability_after, r.standard_error_after, r.response_s, r."timestamp"
FROM holdfast.test_responses r
JOIN holdfast.sessions s ON s.session_id = r.session_id AND s.status <> 'VOID'
WHERE s.enrolment_id = ANY(:enrolments::uuid[])
ORDER BY r.student_id, r.session_id, r.position;

-- name: answer_keys(ids, versions)
-- The correct answers of some versions of questions.
SELECT v.question_id, v.version, v.record->>'correct_answer' AS correct_answer
FROM unnest(:ids::text[], :versions::integer[]) AS wanted(id, version)
JOIN holdfast.question_versions v ON v.question_id = wanted.id AND v.version = wanted.version;
