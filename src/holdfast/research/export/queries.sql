-- name: insert_export(export_id, requested_by, cohort, identified, options)!
-- An export is asked for.
INSERT INTO holdfast.research_exports (export_id, requested_by, cohort, identified, options, status)
VALUES (:export_id, :requested_by, :cohort, :identified, :options, 'waiting');

-- name: find_export(export_id)^
-- One export by its id.
SELECT * FROM holdfast.research_exports WHERE export_id = :export_id;

-- name: list_exports(identified, limit, offset)
-- Exports, newest first; identified ones only for those who may have them.
SELECT *, count(*) OVER () AS found
FROM holdfast.research_exports
WHERE :identified OR NOT identified
ORDER BY created_at DESC, export_id DESC
LIMIT :limit OFFSET :offset;

-- name: count_exports(identified)$
-- How many exports there are for a caller.
SELECT count(*) FROM holdfast.research_exports WHERE :identified OR NOT identified;

-- name: claim_export(worker, lease_s)^
-- The oldest export that waits, or whose worker was not heard of past its lease; nobody else gets it.
UPDATE holdfast.research_exports
SET status = 'running', worker = :worker, attempts = attempts + 1,
    lease_until = clock_timestamp() + make_interval(secs => :lease_s::double precision)
WHERE export_id = (
    SELECT export_id FROM holdfast.research_exports
    WHERE status = 'waiting' OR (status = 'running' AND lease_until < clock_timestamp())
    ORDER BY created_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING *;

-- name: keep_lease(done, total, step, lease_s, export_id, worker)!
-- A worker tells how far it is; no row when the export is not its own any more.
UPDATE holdfast.research_exports
SET done = :done, total = :total, step = :step,
    lease_until = clock_timestamp() + make_interval(secs => :lease_s::double precision)
WHERE export_id = :export_id AND worker = :worker AND status = 'running';

-- name: finish_export(status, problem, reconciliation, bytes, export_id, worker)!
-- A worker ends its export: done with counts and size, or failed with the reason.
UPDATE holdfast.research_exports
SET status = :status, problem = :problem, reconciliation = :reconciliation, bytes = :bytes,
    step = '', lease_until = NULL, worker = NULL, finished_at = clock_timestamp()
WHERE export_id = :export_id AND worker = :worker AND status = 'running';

-- name: give_back_export(export_id, worker)!
-- A worker that has to stop lets another begin again.
UPDATE holdfast.research_exports
SET status = 'waiting', worker = NULL, lease_until = NULL, done = 0, total = 0, step = '',
    attempts = attempts - 1
WHERE export_id = :export_id AND worker = :worker AND status = 'running';

-- name: cancel_export(export_id)!
-- An export that has not ended is not wanted any more; its worker finds its lease gone.
UPDATE holdfast.research_exports
SET status = 'cancelled', step = '', lease_until = NULL, worker = NULL, finished_at = clock_timestamp()
WHERE export_id = :export_id AND status IN ('waiting', 'running');

-- name: delete_export(export_id)!
-- The row of an export that has ended goes; its files were removed.
DELETE FROM holdfast.research_exports WHERE export_id = :export_id AND status NOT IN ('waiting', 'running');
