-- What a dataset reads of the shared tables, in one snapshot.

-- name: snapshot_time()$
-- The moment of this transaction's snapshot.
SELECT transaction_timestamp();

-- name: enrolled(cohorts)
-- Everybody who was allocated in some cohorts, in the order of allocation.
SELECT e.enrolment_id, e.student_id, t.student_code, t.name, t.email, t.created_at AS registered_at,
       e.arm, c.name AS cohort, c.block_size, e.allocation_number, e.consented_at, e.consent_version,
       e.withdrawn_at, e.cluster, dense_rank() OVER (ORDER BY c.begun, c.name) - 1 AS cohort_order
FROM holdfast.enrolments e
JOIN holdfast.students t USING (student_id)
JOIN (SELECT cohort_id, name, block_size,
             (SELECT min(f.created_at) FROM holdfast.enrolments f WHERE f.cohort_id = d.cohort_id) AS begun
      FROM holdfast.cohorts d) c USING (cohort_id)
WHERE c.name = ANY(:cohorts::text[])
ORDER BY e.created_at, e.enrolment_id;

-- name: cohort_names()
-- The cohorts there are.
SELECT name FROM holdfast.cohorts ORDER BY name;

-- name: everybody()
-- Everybody whose name may stand in a text, and what else they are called.
SELECT t.name, t.email, ARRAY[t.student_code, t.student_id::text]
       || ARRAY(SELECT i.external_id FROM holdfast.student_identities i WHERE i.student_id = t.student_id)
       AS codes
FROM holdfast.students t
UNION ALL
SELECT a.name, a.email, ARRAY[a.account_id::text] FROM holdfast.accounts a;

-- name: other_names()
-- Names that a school's own system gives, where skills were assessed.
SELECT concat_ws(' ', first_name, last_name) AS name, external_id FROM holdfast.student_profiles;

-- name: covariates(enrolments)
-- What was measured before the study.
SELECT v.student_id, v.name AS covariate, v.value, v.source
FROM holdfast.research_covariates v
JOIN holdfast.enrolments e ON e.student_id = v.student_id AND e.cohort_id = v.cohort_id
WHERE e.enrolment_id = ANY(:enrolments::uuid[]) ORDER BY v.student_id, v.name;

-- name: has_table(name)$
-- Whether a table is there: a database of an older version is read too.
SELECT to_regclass(:name::text) IS NOT NULL;
