-- Retention: personal data have an end. How long each is kept is a row with its reason; what is due goes by functions of the schema alone,
-- so that the application can delete nothing early. Of a picture it is kept that there was one.
-- And of the mails that are there: which of them may be sent again, and when.
BEGIN;

CREATE TABLE retention_rules (
    what  text     CONSTRAINT retention_rules_pkey PRIMARY KEY,
    keep  interval NOT NULL CONSTRAINT retention_rules_keep_some CHECK (keep > interval '0'),
    since text     NOT NULL,
    why   text     NOT NULL,
    CONSTRAINT retention_rules_keep_enough CHECK (what NOT IN ('message', 'reminder') OR keep >= interval '30 days')
);
COMMENT ON TABLE retention_rules IS 'How long personal data are kept. The owner changes a period with UPDATE; it holds from the next hour on.';
COMMENT ON COLUMN retention_rules.what IS 'Each has its place in pictures_kept or in forget_rows.';
COMMENT ON COLUMN retention_rules.keep IS 'From since on.';
COMMENT ON CONSTRAINT retention_rules_keep_enough ON retention_rules IS 'A message is tried for a day, and a reminder is due for a week.';
COMMENT ON COLUMN retention_rules.since IS 'From when it is counted, in words.';
COMMENT ON COLUMN retention_rules.why IS 'What it is kept for so long, and no longer.';
INSERT INTO retention_rules (what, keep, since, why) VALUES
    ('card_photo',      '90 days', 'the card has expired or is terminated', 'Whoever orders the next card soon does not have to take a new photo.'),
    ('cancelled_photo', '30 days', 'the order was cancelled',               'An order cancelled by mistake is made again.'),
    ('corrected_photo', '7 days',  'a correction brought another photo',    'The issuer may be asked what it rejected.'),
    ('upload',          '1 day',   'it was uploaded',                       'An order is finished the same day, or never.'),
    ('claim_picture',   '90 days', 'the claim was decided',                 'The claimant may ask why.'),
    ('order_import',    '1 hour',  'the file was uploaded',                 'The orderer looks at what would be ordered, and orders.'),
    ('renewal',         '1 day',   'the cards were chosen',                 'The orderer looks at what would be ordered, and orders.'),
    ('message',         '1 year',  'it was written',                        'Whoever did not get a mail asks within the year; the card''s events stay.'),
    ('reminder',        '1 year',  'it was due',                            'A card''s page says who was reminded; it is long past the week in which it could be due again.'),
    ('link',            '30 days', 'it expired',                            'An old link says what became of it instead of being unknown.'),
    ('activation_try',  '30 days', 'the try',                               'Help with a card that cannot be activated.'),
    ('review_hold',     '1 day',   'it ended',                              'Nothing; the next look of the clerk replaces it.'),
    ('issuer_look',     '2 years', 'the look',                              'Companies and people may ask who looked at their cards.');
GRANT SELECT ON retention_rules TO kortportal_app;

CREATE FUNCTION retention(p_what text) RETURNS interval LANGUAGE plpgsql STABLE AS
$$
DECLARE
    period interval;
BEGIN
    SELECT r.keep INTO STRICT period FROM retention_rules r WHERE r.what = p_what;
    RETURN period;
END
$$;
COMMENT ON FUNCTION retention IS 'How long something is kept. It fails for what has no rule, so that a row deleted by mistake deletes nothing else.';

CREATE OR REPLACE VIEW live_order_imports AS
SELECT i.*
FROM order_imports i
WHERE i.created_at > clock_now() - (SELECT r.keep FROM retention_rules r WHERE r.what = 'order_import');
COMMENT ON TABLE order_imports IS 'Spreadsheets of orders from upload until their time by retention_rules is out.';
COMMENT ON VIEW live_order_imports IS 'Those that their orderer can still open.';

CREATE OR REPLACE VIEW live_renewals AS
SELECT r.*
FROM renewals r
WHERE r.created_at > clock_now() - (SELECT r.keep FROM retention_rules r WHERE r.what = 'renewal');
COMMENT ON TABLE renewals IS 'New cards for many that expire, from the choice of the cards until their time by retention_rules is out.';

-- A picture may be used by several orders: the card that replaces another takes its photo over. What has used it last decides.
CREATE VIEW pictures_kept AS
SELECT p.id, greatest(
    p.created_at + (SELECT retention('upload')),
    (SELECT max(CASE
                    WHEN corrected.at IS NOT NULL THEN corrected.at + (SELECT retention('corrected_photo'))
                    WHEN EXISTS (SELECT FROM claims x WHERE x.card_id = c.id AND x.accepted IS NULL) THEN 'infinity'
                    ELSE coalesce(least((c.valid_to + 1)::timestamp AT TIME ZONE 'Europe/Stockholm', ended.at), 'infinity')
                         + CASE WHEN c.status = 'cancelled' THEN (SELECT retention('cancelled_photo')) ELSE (SELECT retention('card_photo')) END
                END)
     FROM card_orders o
     JOIN cards c ON c.id = o.card_id
     JOIN card_statuses s ON s.status = c.status
     LEFT JOIN LATERAL (
         SELECT e.occurred_at AS at FROM card_orders n JOIN card_events e ON e.card_id = n.card_id AND e.seq = n.seq
         WHERE n.card_id = o.card_id AND n.seq > o.seq ORDER BY n.seq LIMIT 1) corrected ON true
     LEFT JOIN LATERAL (
         SELECT e.occurred_at AS at FROM card_events e
         WHERE s.final AND e.card_id = c.id AND e.from_status <> e.to_status ORDER BY e.seq DESC LIMIT 1) ended ON true
     WHERE o.photo_id = p.id),
    (SELECT max(coalesce(x.decided_at, 'infinity') + (SELECT retention('claim_picture'))) FROM claims x WHERE x.picture_id = p.id)) AS until
FROM pictures p
WHERE p.jpeg IS NOT NULL;
COMMENT ON VIEW pictures_kept IS 'Until when each picture is kept; infinity while an order, a card in use or an undecided claim needs it.';
CREATE INDEX pictures_there ON pictures (id) WHERE jpeg IS NOT NULL;
CREATE INDEX claims_by_picture ON claims (picture_id) WHERE picture_id IS NOT NULL;

CREATE FUNCTION forget_pictures(p_after bigint, p_limit integer, OUT last bigint, OUT forgotten integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    ids bigint[];
BEGIN
    SELECT max(x.id) INTO last FROM (SELECT p.id FROM pictures p WHERE p.jpeg IS NOT NULL AND p.id > p_after ORDER BY p.id LIMIT p_limit) x;
    -- An order on its way with the picture holds it by its foreign key: the picture is passed over.
    ids := ARRAY(
        SELECT p.id FROM pictures p JOIN pictures_kept k ON k.id = p.id
        WHERE p.jpeg IS NOT NULL AND p.id > p_after AND p.id <= last AND k.until <= clock_now()
        ORDER BY p.id FOR UPDATE OF p SKIP LOCKED);
    -- Looked at again with the lock held: an order may have come between the look and the lock. Later
    -- ones wait, and hear that it is gone.
    UPDATE pictures p SET jpeg = NULL, deleted_at = clock_now()
    FROM pictures_kept k
    WHERE p.id = ANY (ids) AND k.id = p.id AND k.until <= clock_now();
    GET DIAGNOSTICS forgotten = ROW_COUNT;
END
$$;
COMMENT ON FUNCTION forget_pictures IS
    'Deletes those of the next pictures after p_after, at most so many, whose time is out by pictures_kept. last: where the next call goes on; '
    'null when none was left. forgotten: how many were deleted.';

CREATE INDEX messages_by_age ON messages (created_at);
CREATE INDEX links_by_end ON links (expires_at);
CREATE INDEX links_by_message ON links (message_id);
CREATE INDEX issuer_looks_by_age ON issuer_looks (looked_at);
CREATE INDEX activation_tries_by_age ON activation_tries (tried_at);
CREATE INDEX order_imports_by_age ON order_imports (created_at);
CREATE INDEX renewals_by_age ON renewals (created_at);
CREATE INDEX card_reminders_by_age ON card_reminders (created_at);
CREATE INDEX card_reminders_by_message ON card_reminders (message_id) WHERE message_id IS NOT NULL;

CREATE FUNCTION forget_rows(p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    gone bigint[];
    n    integer;
    most integer := 0;
BEGIN
    DELETE FROM order_imports WHERE id IN (
        SELECT i.id FROM order_imports i WHERE i.created_at <= clock_now() - retention('order_import')
        ORDER BY i.created_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    most := greatest(most, n);

    DELETE FROM renewals WHERE id IN (
        SELECT r.id FROM renewals r WHERE r.created_at <= clock_now() - retention('renewal')
        ORDER BY r.created_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    most := greatest(most, n);

    DELETE FROM links WHERE token_hash IN (
        SELECT l.token_hash FROM links l WHERE l.expires_at <= clock_now() - retention('link')
        ORDER BY l.expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    most := greatest(most, n);

    -- With what hangs on it. The lock is the one under which attempts and links are made.
    gone := ARRAY(
        SELECT m.id FROM messages m WHERE m.created_at <= clock_now() - retention('message')
        ORDER BY m.created_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    DELETE FROM links l WHERE l.message_id = ANY (gone);
    DELETE FROM message_attempts a WHERE a.message_id = ANY (gone);
    DELETE FROM card_reminders r WHERE r.message_id = ANY (gone);
    DELETE FROM messages m WHERE m.id = ANY (gone);
    most := greatest(most, cardinality(gone));

    DELETE FROM card_reminders WHERE (card_id, step, reader) IN (
        SELECT r.card_id, r.step, r.reader FROM card_reminders r WHERE r.created_at <= clock_now() - retention('reminder')
        ORDER BY r.created_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    most := greatest(most, n);

    DELETE FROM activation_tries WHERE (card_id, tried_on, nth) IN (
        SELECT a.card_id, a.tried_on, a.nth FROM activation_tries a WHERE a.tried_at <= clock_now() - retention('activation_try')
        ORDER BY a.tried_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    most := greatest(most, n);

    DELETE FROM review_holds WHERE card_id IN (
        SELECT h.card_id FROM review_holds h WHERE h.until <= clock_now() - retention('review_hold') LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    most := greatest(most, n);

    DELETE FROM issuer_looks WHERE id IN (
        SELECT l.id FROM issuer_looks l WHERE l.looked_at <= clock_now() - retention('issuer_look')
        ORDER BY l.looked_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN greatest(most, n);
END
$$;
COMMENT ON FUNCTION forget_rows IS
    'Deletes rows whose time is out by retention_rules, at most so many of each table. Returns how many of the table that lost most: with '
    'p_limit there may be more.';

-- Whoever orders with a photo that is being deleted at the same moment waits for that, and then hears that it is gone.
CREATE FUNCTION card_orders_photo() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    IF NOT EXISTS (SELECT FROM pictures p WHERE p.id = NEW.photo_id AND p.jpeg IS NOT NULL) THEN
        RAISE EXCEPTION 'the photo was deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_orders_photo_there', TABLE = 'card_orders', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER card_orders_photo AFTER INSERT ON card_orders FOR EACH ROW WHEN (NEW.photo_id IS NOT NULL) EXECUTE FUNCTION card_orders_photo();
ALTER TABLE card_orders ENABLE ALWAYS TRIGGER card_orders_photo;

ALTER TABLE issuer_looks DROP CONSTRAINT issuer_looks_page_known;
ALTER TABLE issuer_looks ADD CONSTRAINT issuer_looks_page_known
    CHECK (page IN ('card_search', 'card', 'desk', 'review', 'photo', 'production', 'claims'));

ALTER TABLE message_templates
    ADD COLUMN while_status text CONSTRAINT message_templates_while_status REFERENCES card_statuses
        CONSTRAINT message_templates_while_status_unique UNIQUE;
COMMENT ON COLUMN message_templates.while_status IS 'The mail asks the holder of a card in this status for the next step, and may be sent again; null for others.';
UPDATE message_templates SET while_status = 'reviewed' WHERE template = 'order_to_approve';
UPDATE message_templates SET while_status = 'produced' WHERE template = 'card_produced';

CREATE FUNCTION resend_refusal(c cards) RETURNS text LANGUAGE plpgsql STABLE AS
$$
BEGIN
    IF c.person_id IS NULL OR c.valid_to < today() OR NOT EXISTS (SELECT FROM message_templates t WHERE t.while_status = c.status) THEN
        RETURN 'messages_holder_waited_for';
    END IF;
    IF NOT EXISTS (SELECT FROM current_orders o WHERE o.card_id = c.id AND o.email IS NOT NULL)
       AND NOT EXISTS (SELECT FROM logins l WHERE l.person_id = c.person_id AND l.disabled_at IS NULL) THEN
        RETURN 'messages_address_known';
    END IF;
    IF EXISTS (SELECT FROM messages m WHERE m.card_id = c.id AND m.created_at > clock_now() - interval '1 hour') THEN
        RETURN 'messages_once_an_hour';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION resend_refusal IS
    'Why the holder of a card cannot be written to once more about the next step, by the name of the first rule in the way; null when nothing is. '
    'messages_once_an_hour: somebody was written to about the card within the hour.';

REVOKE UPDATE (jpeg, deleted_at) ON pictures FROM kortportal_app;
-- DELETE on order_imports stays for one more release: the last one deletes old uploads by itself.
REVOKE EXECUTE ON FUNCTION retention, forget_pictures, forget_rows, card_orders_photo, resend_refusal FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_pictures, forget_rows, resend_refusal TO kortportal_app;

COMMIT;
