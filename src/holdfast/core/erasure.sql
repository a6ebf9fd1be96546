-- name: barred(fingerprint, key_id)^
-- Whether this identity was erased, and whether any was erased under another key, so that nobody can tell.
SELECT EXISTS (SELECT FROM holdfast.erased_identities WHERE fingerprint = :fingerprint) AS erased,
       EXISTS (SELECT FROM holdfast.erased_identities WHERE key_id <> :key_id) AS unknowable;

-- name: identities_of(student_id)
-- How outside systems name a student.
SELECT system, external_id FROM holdfast.student_identities WHERE student_id = :student_id FOR UPDATE;

-- name: bar(fingerprints, key_id)!
-- Keep these identities from coming back, by their fingerprints alone.
INSERT INTO holdfast.erased_identities (fingerprint, key_id)
SELECT fingerprint, :key_id FROM unnest(:fingerprints::bytea[]) AS given(fingerprint)
ON CONFLICT (fingerprint) DO NOTHING;
