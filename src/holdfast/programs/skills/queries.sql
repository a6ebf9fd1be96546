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

-- name: insert_assessments(ids, student_ids, skill_types, scores, confidences, reasonings, recommendations, importances, created, updated)!
-- New assessments, one from each place of the arrays. Violates skill_assessments_pkey when one exists.
INSERT INTO holdfast.skill_assessments
    (id, student_id, skill_type, score, confidence, reasoning, recommendations, feature_importance,
     created_at, updated_at)
SELECT * FROM unnest(:ids::uuid[], :student_ids::uuid[], :skill_types::text[], :scores::float8[],
                     :confidences::float8[], :reasonings::text[], :recommendations::text[],
                     :importances::text[], :created::timestamptz[], :updated::timestamptz[]);

-- name: insert_evidence(ids, assessment_ids, student_ids, kinds, sources, contents, relevances, created, updated)!
-- New evidence, one piece from each place of the arrays. Violates evidence_pkey when one exists.
INSERT INTO holdfast.evidence
    (id, assessment_id, student_id, evidence_type, source, content, relevance_score, created_at, updated_at)
SELECT * FROM unnest(:ids::uuid[], :assessment_ids::uuid[], :student_ids::uuid[], :kinds::text[],
                     :sources::text[], :contents::text[], :relevances::float8[], :created::timestamptz[],
                     :updated::timestamptz[]);

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
