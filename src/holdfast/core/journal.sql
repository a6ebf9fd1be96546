-- name: insert_event(event_id, student_id, session_id, actor, type, object, result, data)!
-- One thing that happened, written in the transaction in which it happened.
INSERT INTO holdfast.events (event_id, student_id, session_id, actor, type, object, result, data)
VALUES (:event_id, :student_id, :session_id, :actor, :type, :object, :result, :data);

-- name: events_after(txid, event_id, limit)
-- Events a reader has not seen, in an order that never skips one: only those of transactions that
-- every running transaction is younger than, ordered by transaction and then by id.
SELECT event_id, txid::text::bigint AS txid, student_id, session_id, actor, type, object, result, data, created_at
FROM holdfast.events
WHERE (txid, event_id) > (:txid::bigint::text::xid8, :event_id)
  AND txid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY txid, event_id LIMIT :limit;

-- name: claim_key(owner, key, student_id, request_hash)!
-- Claim an idempotency key. Waits for a transaction that is claiming it; violates
-- idempotency_keys_pkey when the request was answered before.
INSERT INTO holdfast.idempotency_keys (owner, key, student_id, request_hash)
VALUES (:owner, :key, :student_id, :request_hash);

-- name: keep_answer(owner, key, status, answer)!
-- Keep the first answer beside its key.
UPDATE holdfast.idempotency_keys SET status = :status, answer = :answer WHERE owner = :owner AND key = :key;

-- name: kept_answer(owner, key)^
-- The first answer.
SELECT request_hash, status, answer FROM holdfast.idempotency_keys WHERE owner = :owner AND key = :key;

-- name: forget_keys(older_than_s)!
-- Drop keys whose requests nobody will repeat any more.
DELETE FROM holdfast.idempotency_keys
WHERE created_at < clock_timestamp() - make_interval(secs => :older_than_s);

-- name: insert_usage(usage_id, student_id, session_id, seq, agent, provider, model, input_tokens, output_tokens, cached_tokens, attempts, latency_s, outcome, cost_usd)!
-- What a model call cost.
INSERT INTO holdfast.model_usage
    (usage_id, student_id, session_id, seq, agent, provider, model, input_tokens, output_tokens,
     cached_tokens, attempts, latency_s, outcome, cost_usd)
VALUES (:usage_id, :student_id, :session_id, :seq, :agent, :provider, :model, :input_tokens, :output_tokens,
        :cached_tokens, :attempts, :latency_s, :outcome, :cost_usd);

-- name: usage_of_session(session_id)
-- The ledger of one session by agent and model.
SELECT agent, provider, model, count(*) AS calls, sum(input_tokens) AS input_tokens,
       sum(output_tokens) AS output_tokens, sum(cost_usd) AS cost_usd
FROM holdfast.model_usage WHERE session_id = :session_id GROUP BY agent, provider, model ORDER BY agent, model;

-- name: claim_chore(name, every_s, lease_s)$
-- Claim a chore that is due and that nobody else is at; the moment of the claim, or nothing.
INSERT INTO holdfast.chores AS c (name, begun_at) VALUES (:name, clock_timestamp())
ON CONFLICT (name) DO UPDATE SET begun_at = excluded.begun_at
WHERE (c.done_at IS NULL OR c.done_at < clock_timestamp() - make_interval(secs => :every_s))
  AND (c.begun_at IS NULL OR c.begun_at < c.done_at
       OR c.begun_at < clock_timestamp() - make_interval(secs => :lease_s))
RETURNING begun_at;

-- name: end_chore(name)!
-- A chore is done.
UPDATE holdfast.chores SET done_at = clock_timestamp() WHERE name = :name;

-- name: drop_chore(name)!
-- A chore has failed and may be tried again.
UPDATE holdfast.chores SET begun_at = NULL WHERE name = :name;
