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
    INSERT INTO holdfast.question_exposures (question_id, pool_id)
    SELECT id, :pool_id FROM given WHERE version = 1
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
-- How often each question of a pool was given, and how often a test drew that it may not be.
SELECT question_id, administered, ineligible FROM holdfast.question_exposures WHERE pool_id = :pool_id;
