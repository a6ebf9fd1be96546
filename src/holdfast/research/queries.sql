-- name: first_outcome(cohort_id, programs)^
-- When a cohort's first session of some programs was completed (of any, when none is named).
SELECT min(s.completed_at) AS first_outcome_at
FROM holdfast.sessions s JOIN holdfast.enrolments e USING (enrolment_id)
WHERE e.cohort_id = :cohort_id AND s.status = 'COMPLETED'
  AND (cardinality(:programs::text[]) = 0 OR s.program = ANY(:programs::text[]));

-- name: insert_plan(plan_id, cohort_id, sha256, title, toml, registered_by, programs)!
-- Register a plan, with the moment of the first outcome as the database knows it now. Violates
-- research_plans_cohort_id_sha256_key when this very plan is registered.
INSERT INTO holdfast.research_plans
    (plan_id, cohort_id, sha256, title, toml, registered_by, first_outcome_at, after_first_outcome)
SELECT :plan_id, :cohort_id, :sha256, :title, :toml, :registered_by, f.first_at, f.first_at IS NOT NULL
FROM (SELECT min(s.completed_at) AS first_at
      FROM holdfast.sessions s JOIN holdfast.enrolments e USING (enrolment_id)
      WHERE e.cohort_id = :cohort_id AND s.status = 'COMPLETED'
        AND (cardinality(:programs::text[]) = 0 OR s.program = ANY(:programs::text[]))) f;

-- name: plan_of_hash(cohort_id, sha256)^
-- The registration of one very plan.
SELECT p.plan_id, c.name AS cohort, p.cohort_id, p.sha256, p.title, p.toml, p.registered_by, p.registered_at,
       p.first_outcome_at, p.after_first_outcome
FROM holdfast.research_plans p JOIN holdfast.cohorts c USING (cohort_id)
WHERE p.cohort_id = :cohort_id AND p.sha256 = :sha256;

-- name: newest_plan(cohort_id)^
-- The plan that was registered last.
SELECT p.plan_id, c.name AS cohort, p.cohort_id, p.sha256, p.title, p.toml, p.registered_by, p.registered_at,
       p.first_outcome_at, p.after_first_outcome
FROM holdfast.research_plans p JOIN holdfast.cohorts c USING (cohort_id)
WHERE p.cohort_id = :cohort_id ORDER BY p.registered_at DESC, p.plan_id DESC LIMIT 1;

-- name: plan_by_id(plan_id)^
-- One registration.
SELECT p.plan_id, c.name AS cohort, p.cohort_id, p.sha256, p.title, p.toml, p.registered_by, p.registered_at,
       p.first_outcome_at, p.after_first_outcome
FROM holdfast.research_plans p JOIN holdfast.cohorts c USING (cohort_id)
WHERE p.plan_id = :plan_id;

-- name: list_plans(cohort_id, limit, offset)
-- Registrations of one cohort or (null) of all, newest first, with the true total.
SELECT p.plan_id, c.name AS cohort, p.cohort_id, p.sha256, p.title, p.toml, p.registered_by, p.registered_at,
       p.first_outcome_at, p.after_first_outcome, count(*) OVER () AS total
FROM holdfast.research_plans p JOIN holdfast.cohorts c USING (cohort_id)
WHERE :cohort_id::uuid IS NULL OR p.cohort_id = :cohort_id
ORDER BY p.registered_at DESC, p.plan_id DESC LIMIT :limit OFFSET :offset;

-- name: insert_look(look_id, cohort_id, plan_sha256, observed, fraction, looked_by)!
-- Somebody looked at a cohort's outcomes; looks at several cohorts at once have one moment.
INSERT INTO holdfast.research_looks
    (look_id, cohort_id, plan_sha256, observed, fraction, looked_by, looked_at)
VALUES (:look_id, :cohort_id, :plan_sha256, :observed, :fraction, :looked_by, transaction_timestamp());

-- name: looks_of(cohort_id)
-- Every look at a cohort's outcomes, oldest first.
SELECT looked_at, plan_sha256, observed, fraction FROM holdfast.research_looks
WHERE cohort_id = :cohort_id ORDER BY looked_at, look_id;

-- name: members(cohort_id)
-- Everybody in a cohort by what a file may call them.
SELECT s.student_id, s.student_code, s.email
FROM holdfast.students s JOIN holdfast.enrolments e USING (student_id)
WHERE e.cohort_id = :cohort_id ORDER BY s.student_code;

-- name: covariates_of(cohort_id)
-- What is known of a cohort from before, by student and name.
SELECT student_id, name, value, source, imported_at FROM holdfast.research_covariates
WHERE cohort_id = :cohort_id ORDER BY student_id, name;

-- name: write_covariates(cohort_id, students, names, values, source)!
-- New values, and other values for known ones; equal ones stay untouched, with their source and time.
INSERT INTO holdfast.research_covariates AS known (student_id, cohort_id, name, value, source)
SELECT given.student_id, :cohort_id, given.name, given.value, :source
FROM unnest(:students::uuid[], :names::text[], :values::double precision[]) AS given(student_id, name, value)
ON CONFLICT (student_id, cohort_id, name) DO UPDATE
SET value = excluded.value, source = excluded.source, imported_at = clock_timestamp()
WHERE known.value <> excluded.value;

-- name: classes_of(cohort_id)
-- The classes of a cohort's members, of whom one is known.
SELECT student_id, cluster FROM holdfast.enrolments
WHERE cohort_id = :cohort_id AND cluster IS NOT NULL ORDER BY student_id;

-- name: write_classes(cohort_id, students, classes)!
-- Put members into classes; who is in that class already stays untouched.
UPDATE holdfast.enrolments e SET cluster = given.cluster
FROM unnest(:students::uuid[], :classes::text[]) AS given(student_id, cluster)
WHERE e.cohort_id = :cohort_id AND e.student_id = given.student_id
  AND e.cluster IS DISTINCT FROM given.cluster;

-- name: abilities_before(cohort_id, pool_id)
-- Each member's ability by the last test on a pool that ended before the first simulation session began.
SELECT DISTINCT ON (e.student_id) e.student_id, t.ability AS value
FROM holdfast.enrolments e
JOIN holdfast.adaptive_tests t USING (student_id)
JOIN holdfast.sessions s ON s.session_id = t.session_id
WHERE e.cohort_id = :cohort_id AND t.question_pool_id = :pool_id AND s.status = 'COMPLETED'
  AND t.scored_questions > 0
  AND NOT EXISTS (SELECT FROM holdfast.sessions b
                  WHERE b.enrolment_id = e.enrolment_id AND b.program = 'simulation'
                    AND b.started_at < s.completed_at)
ORDER BY e.student_id, s.completed_at DESC, s.session_id;
