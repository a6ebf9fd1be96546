-- name: student_of_identity(system, external_id)$
-- The student whom an outside system knows by this id.
SELECT student_id FROM holdfast.student_identities WHERE system = :system AND external_id = :external_id;

-- name: insert_identity(system, external_id, student_id)!
-- How an outside system names a student. Violates student_identities_pkey when it names one already.
INSERT INTO holdfast.student_identities (system, external_id, student_id)
VALUES (:system, :external_id, :student_id);

-- name: exists(student_id)$
-- Whether there is such a student.
SELECT EXISTS (SELECT FROM holdfast.students WHERE student_id = :student_id);
