-- name: insert_cohort(cohort_id, name, join_code, arms, block_size, allocation_seed, plan, consent_version)!
-- A new cohort. Violates cohorts_name_key or cohorts_join_code_key when it exists.
INSERT INTO holdfast.cohorts
    (cohort_id, name, join_code, arms, block_size, allocation_seed, plan, consent_version)
VALUES (:cohort_id, :name, :join_code, :arms, :block_size, :allocation_seed, :plan, :consent_version);

-- name: cohort_by_name(name)^
-- One cohort.
SELECT cohort_id, name, join_code, arms, block_size, allocation_seed, plan, consent_version, created_at
FROM holdfast.cohorts WHERE name = :name;

-- name: cohort_by_join_code(join_code)^
-- One cohort by the code that students type.
SELECT cohort_id, name, join_code, arms, block_size, allocation_seed, plan, consent_version, created_at
FROM holdfast.cohorts WHERE join_code = :join_code;

-- name: list_cohorts()
-- All cohorts with the number of students in each arm.
SELECT c.cohort_id, c.name, c.join_code, c.arms, c.block_size, c.allocation_seed, c.plan,
       c.consent_version, c.created_at,
       coalesce((SELECT jsonb_object_agg(arm, n) FROM
           (SELECT arm, count(*) AS n FROM holdfast.enrolments e
            WHERE e.cohort_id = c.cohort_id GROUP BY arm) a), '{}') AS sizes
FROM holdfast.cohorts c ORDER BY c.created_at, c.name;

-- name: next_allocation(cohort_id)^
-- Take the next allocation number. The row stays locked until the registration commits, so that
-- concurrent registrations get consecutive numbers and one that fails leaves no gap.
UPDATE holdfast.cohorts SET next_allocation = next_allocation + 1
WHERE cohort_id = :cohort_id
RETURNING next_allocation - 1 AS number, arms, block_size, allocation_seed, consent_version;

-- name: insert_enrolment(enrolment_id, student_id, cohort_id, arm, allocation_number, consent_version, consented)!
-- Enrol a student. Violates enrolments_cohort_id_student_id_key when enrolled already.
INSERT INTO holdfast.enrolments
    (enrolment_id, student_id, cohort_id, arm, allocation_number, consent_version, consented_at)
VALUES (:enrolment_id, :student_id, :cohort_id, :arm, :allocation_number, :consent_version,
        CASE WHEN :consented THEN clock_timestamp() END);

-- name: enrolment_for_session(student_id, cohort_name)^
-- The enrolment a new session belongs to: the named cohort's, or else the student's newest.
SELECT e.enrolment_id, e.arm, e.withdrawn_at, c.cohort_id, c.name AS cohort, c.plan
FROM holdfast.enrolments e JOIN holdfast.cohorts c USING (cohort_id)
WHERE e.student_id = :student_id AND (:cohort_name::text IS NULL OR c.name = :cohort_name)
ORDER BY e.created_at DESC, e.enrolment_id LIMIT 1;

-- name: enrolments_of(student_id)
-- Every enrolment of a student, oldest first.
SELECT e.enrolment_id, e.arm, e.consent_version, e.consented_at, e.withdrawn_at, e.cluster, c.name AS cohort
FROM holdfast.enrolments e JOIN holdfast.cohorts c USING (cohort_id)
WHERE e.student_id = :student_id ORDER BY e.created_at, e.enrolment_id;

-- name: withdraw_consent(student_id, cohort_name)!
-- Withdraw consent in one cohort or (null) in all; what was withdrawn before keeps its time.
UPDATE holdfast.enrolments e SET withdrawn_at = clock_timestamp()
FROM holdfast.cohorts c
WHERE c.cohort_id = e.cohort_id AND e.student_id = :student_id AND e.withdrawn_at IS NULL
  AND (:cohort_name::text IS NULL OR c.name = :cohort_name);

-- name: give_consent(student_id, cohort_name, version)!
-- Consent again, or to a newer text.
UPDATE holdfast.enrolments e
SET consented_at = clock_timestamp(), consent_version = :version, withdrawn_at = NULL
FROM holdfast.cohorts c
WHERE c.cohort_id = e.cohort_id AND e.student_id = :student_id AND c.name = :cohort_name;

-- name: insert_consent_text(version, text)!
-- A version of the consent text. Violates consent_texts_pkey when the version exists.
INSERT INTO holdfast.consent_texts (version, text) VALUES (:version, :text);

-- name: consent_text(version)$
-- The text of one version.
SELECT text FROM holdfast.consent_texts WHERE version = :version;

-- name: change_consent_version(cohort_id, version)!
-- From now on newcomers of the cohort consent to this version.
UPDATE holdfast.cohorts SET consent_version = :version WHERE cohort_id = :cohort_id;
