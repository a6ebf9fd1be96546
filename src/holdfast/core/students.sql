-- name: insert_student(student_id, student_code, name, email)!
-- A new student. Violates students_email_key when the e-mail is known.
INSERT INTO holdfast.students (student_id, student_code, name, email)
VALUES (:student_id, :student_code, :name, :email);

-- name: student_by_id(student_id)^
-- One student.
SELECT student_id, student_code, name, email, created_at FROM holdfast.students WHERE student_id = :student_id;

-- name: student_by_code(student_code)^
-- One student by the readable code.
SELECT student_id, student_code, name, email, created_at
FROM holdfast.students WHERE student_code = :student_code;

-- name: list_students(cohort_id, limit, offset)
-- Students, newest first, of one cohort or (null) of all, with their enrolment and the true total.
SELECT s.student_id, s.student_code, s.name, s.email, s.created_at, c.name AS cohort, e.arm,
       e.withdrawn_at, count(*) OVER () AS total
FROM holdfast.students s
LEFT JOIN holdfast.enrolments e USING (student_id)
LEFT JOIN holdfast.cohorts c USING (cohort_id)
WHERE :cohort_id::uuid IS NULL OR e.cohort_id = :cohort_id
ORDER BY s.created_at DESC, s.student_id
LIMIT :limit OFFSET :offset;

-- name: erase_student(student_id)!
-- Delete a student and, by cascade, every row that belongs to the student.
DELETE FROM holdfast.students WHERE student_id = :student_id;

-- name: insert_link(link_hash, student_id, created_by, seconds)$
-- A one-time link that returns a lost token; the time until which it works.
INSERT INTO holdfast.access_links (link_hash, student_id, created_by, expires_at)
VALUES (:link_hash, :student_id, :created_by, clock_timestamp() + make_interval(secs => :seconds))
RETURNING expires_at;

-- name: use_link(link_hash)$
-- Use a link up; the student it belongs to, or nothing when it is unknown, used or too old.
UPDATE holdfast.access_links SET used_at = clock_timestamp()
WHERE link_hash = :link_hash AND used_at IS NULL AND expires_at > clock_timestamp()
RETURNING student_id;

-- name: insert_account(account_id, email, name, role, password_hash)!
-- A new account of staff.
INSERT INTO holdfast.accounts (account_id, email, name, role, password_hash)
VALUES (:account_id, :email, :name, :role, :password_hash);

-- name: account_by_email(email)^
-- An account that is not disabled.
SELECT account_id, email, name, role, password_hash
FROM holdfast.accounts WHERE email = :email AND disabled_at IS NULL;
