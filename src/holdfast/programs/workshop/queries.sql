-- name: store_definition(content_hash, workshop_id, version, title, total_steps, document)!
-- Keep a workshop as it was when a session began with it.
INSERT INTO holdfast.workshop_definitions (content_hash, workshop_id, version, title, total_steps, document)
VALUES (:content_hash, :workshop_id, :version, :title, :total_steps, :document)
ON CONFLICT (content_hash) DO NOTHING;
