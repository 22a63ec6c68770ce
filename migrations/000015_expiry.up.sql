-- Cards that are about to expire: who is reminded of them and when, what takes their place, and orders of new cards for many of them at once.
--
-- A reminder is a row whose key makes it happen once, whoever looks for what is due and however often. It is due for a week, so that an
-- outage is caught up and a register that was newly loaded sends nothing late. The mail is written in the transaction of the row.
BEGIN;

CREATE TABLE reminder_steps (
    step     text     CONSTRAINT reminder_steps_pkey PRIMARY KEY,
    position smallint NOT NULL CONSTRAINT reminder_steps_position_unique UNIQUE,
    before   interval NOT NULL CONSTRAINT reminder_steps_before_unique UNIQUE CONSTRAINT reminder_steps_before_some CHECK (before >= interval '7 days')
);
COMMENT ON TABLE reminder_steps IS 'How long before a card''s last day people are reminded of it, and by which a list of expiring cards is narrowed.';
COMMENT ON COLUMN reminder_steps.step IS 'A word of its own in pages and mails.';
COMMENT ON COLUMN reminder_steps.before IS 'The reminder is due from so long before the last day, for a week. No two weeks meet.';
INSERT INTO reminder_steps (position, step, before) VALUES
    (1, 'six_months', '6 months'), (2, 'three_months', '3 months'), (3, 'one_month', '1 month'), (4, 'one_week', '7 days');

INSERT INTO message_templates (template) VALUES ('cards_expire');

CREATE TABLE reminder_readers (
    reader   text CONSTRAINT reminder_readers_pkey PRIMARY KEY CONSTRAINT reminder_readers_role REFERENCES roles,
    template text NOT NULL CONSTRAINT reminder_readers_template REFERENCES message_templates
);
COMMENT ON TABLE reminder_readers IS 'Who is reminded that cards expire, and by which mail.';
COMMENT ON COLUMN reminder_readers.reader IS 'The holder of a card, or the orderer who is responsible for it.';
COMMENT ON COLUMN reminder_readers.template IS 'A holder gets a mail for each card, an orderer one a day for all cards of a company.';
INSERT INTO reminder_readers (reader, template) VALUES ('holder', 'card_expires'), ('orderer', 'cards_expire');

CREATE TABLE card_reminders (
    card_id    bigint      NOT NULL CONSTRAINT card_reminders_card REFERENCES cards,
    step       text        NOT NULL CONSTRAINT card_reminders_step REFERENCES reminder_steps,
    reader     text        NOT NULL CONSTRAINT card_reminders_reader REFERENCES reminder_readers,
    person_id  bigint      NOT NULL CONSTRAINT card_reminders_person REFERENCES persons,
    message_id bigint      CONSTRAINT card_reminders_message REFERENCES messages,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT card_reminders_pkey PRIMARY KEY (card_id, step, reader)
);
COMMENT ON TABLE card_reminders IS 'Each reminder that a card expires, once. Written by remind_holders and remind_orderers alone.';
COMMENT ON COLUMN card_reminders.step IS 'How long before the last day.';
COMMENT ON COLUMN card_reminders.reader IS 'As what the person was reminded.';
COMMENT ON COLUMN card_reminders.message_id IS 'The mail; null for a person without an address. An orderer''s is the same for many cards.';

CREATE INDEX cards_by_last_day ON cards (valid_to, id) WHERE valid_to IS NOT NULL;
CREATE INDEX cards_by_last_day_of_company ON cards (company_id, valid_to, id) WHERE valid_to IS NOT NULL;

CREATE VIEW card_successors AS
SELECT o.replaces_id AS card_id, n.id AS successor_id, (SELECT w.role FROM card_waits w WHERE w.kind = n.kind AND w.status = n.status) AS waits_for
FROM card_orders o
JOIN cards n ON n.id = o.card_id
JOIN card_statuses s ON s.status = n.status
WHERE o.replaces_id IS NOT NULL AND NOT s.final
UNION ALL
SELECT c.id, n.id, (SELECT w.role FROM card_waits w WHERE w.kind = n.kind AND w.status = n.status)
FROM cards c
JOIN cards n ON n.company_id = c.company_id AND n.person_id = c.person_id AND n.kind = c.kind AND n.id > c.id
JOIN card_statuses s ON s.status = n.status
WHERE NOT s.final AND (n.valid_to IS NULL OR n.valid_to > c.valid_to);
COMMENT ON VIEW card_successors IS
    'Which cards take the place of a card: ordered to replace it, or newer and for the same person, company and kind, and not at an end themselves. '
    'To be asked for one card at a time.';

CREATE VIEW cards_in_use AS
SELECT c.id, c.company_id, c.kind, c.person_id, c.orderer_id, c.valid_to,
       (SELECT max(x.successor_id) FROM card_successors x WHERE x.card_id = c.id) AS successor_id
FROM cards c
JOIN card_statuses s ON s.status = c.status
WHERE s.can_expire AND NOT s.final AND NOT EXISTS (SELECT FROM card_waits w WHERE w.kind = c.kind AND w.status = c.status);
COMMENT ON VIEW cards_in_use IS
    'Cards that exist and wait for nobody: a standard card that was activated, a visitor card that was produced. The last day may have passed. '
    'successor_id is the newest card that takes its place, null when none does.';

-- In plpgsql, so that the clock is asked once for a statement and not once for each card.
CREATE FUNCTION reminder_days() RETURNS TABLE (last_day date, step text) LANGUAGE plpgsql STABLE ROWS 28 AS
$$
DECLARE
    here timestamp := clock_now() AT TIME ZONE 'Europe/Stockholm';
BEGIN
    RETURN QUERY
    SELECT (here::date + s.before)::date - n.day, s.step
    FROM reminder_steps s CROSS JOIN generate_series(0, 6) n (day)
    WHERE here::time >= '06:00';
END
$$;
COMMENT ON FUNCTION reminder_days IS 'Of cards with which last day people are to be reminded now. None before six in the morning: nobody is woken.';

CREATE VIEW due_reminders AS
SELECT c.id AS card_id, c.company_id, c.orderer_id, c.valid_to, d.step, r.reader, r.person_id
FROM reminder_days() d
JOIN cards_in_use c ON c.valid_to = d.last_day
CROSS JOIN LATERAL (VALUES ('holder', c.person_id), ('orderer', c.orderer_id)) r (reader, person_id)
WHERE r.person_id IS NOT NULL
  -- What comes in its place keeps people quiet, but not an order that was rejected and waits for its orderer. A maximum, because it is asked for
  -- one card at a time, where a NOT EXISTS would be made a join over all.
  AND (SELECT max(x.successor_id) FROM card_successors x WHERE x.card_id = c.id AND x.waits_for IS DISTINCT FROM 'orderer') IS NULL
  AND NOT EXISTS (SELECT FROM card_reminders x WHERE x.card_id = c.id AND x.step = d.step AND x.reader = r.reader)
  AND (r.reader = 'holder'
       OR EXISTS (SELECT FROM memberships m
                  WHERE m.company_id = c.company_id AND m.person_id = r.person_id AND m.role = 'orderer' AND m.ended_at IS NULL));
COMMENT ON VIEW due_reminders IS
    'The reminders to be sent now: of cards in use in whose place nothing comes, to the holder, and to the responsible orderer while he or she is one.';

CREATE FUNCTION remind_holders(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    d record;
    m bigint;
BEGIN
    -- Of two at once the second waits, and then finds what is left.
    PERFORM pg_advisory_xact_lock(hashtextextended('reminders', 0));
    message_ids := '{}';
    FOR d IN
        SELECT x.card_id, x.step, x.reader, x.person_id, r.template, c.company_id, c.kind, coalesce(l.email, o.email) AS email,
               CASE WHEN l.email IS NULL THEN o.language ELSE l.language END AS language,
               to_jsonb(t) AS data
        FROM due_reminders x
        JOIN reminder_readers r ON r.reader = x.reader
        JOIN cards c ON c.id = x.card_id
        CROSS JOIN LATERAL (SELECT c.printed_company AS company, c.number AS card_number, c.valid_to AS last_day) t
        LEFT JOIN logins l ON l.person_id = x.person_id AND l.disabled_at IS NULL
        LEFT JOIN LATERAL (SELECT y.email, y.language FROM card_orders y WHERE y.card_id = x.card_id ORDER BY y.seq DESC LIMIT 1) o ON true
        WHERE x.valid_to = p_day AND x.reader = 'holder' AND x.card_id > p_after
        ORDER BY x.card_id
        LIMIT p_limit
    LOOP
        m := NULL;
        IF d.email IS NOT NULL THEN
            INSERT INTO messages (company_id, person_id, card_id, card_kind, email, template, language, data)
            VALUES (d.company_id, d.person_id, d.card_id, d.kind, d.email, d.template, d.language, d.data)
            RETURNING id INTO m;
            message_ids := message_ids || m;
        END IF;
        INSERT INTO card_reminders (card_id, step, reader, person_id, message_id) VALUES (d.card_id, d.step, d.reader, d.person_id, m);
        last_card := d.card_id;
    END LOOP;
END
$$;
COMMENT ON FUNCTION remind_holders IS
    'Reminds the holders of cards with one last day, after a card and at most so many: writes down each reminder, and a mail to whoever has an '
    'address, that of the log-in before that of the order. last_card: where to go on, null when nothing was due. message_ids: the mails to be sent.';

CREATE FUNCTION remind_orderers(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    days date[] := ARRAY(SELECT r.last_day FROM reminder_days() r);
    d    record;
    m    bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('reminders', 0));
    message_ids := '{}';
    FOR d IN
        SELECT x.company_id, x.person_id, r.template, max(x.card_id) AS last_card
        FROM (SELECT y.* FROM due_reminders y
              WHERE y.valid_to = p_day AND y.reader = 'orderer' AND y.card_id > p_after ORDER BY y.card_id LIMIT p_limit) x
        JOIN reminder_readers r ON r.reader = x.reader
        GROUP BY x.company_id, x.person_id, r.template
    LOOP
        last_card := greatest(last_card, d.last_card);
        -- One mail a day: what became due after it waits until tomorrow.
        CONTINUE WHEN EXISTS (
            SELECT FROM messages x
            WHERE x.person_id = d.person_id AND x.company_id = d.company_id AND x.template = d.template
              AND x.created_at >= today()::timestamp AT TIME ZONE 'Europe/Stockholm');
        m := NULL;
        WITH due AS MATERIALIZED (
            -- The days say no more than the view itself, but before anything else about a card is asked.
            SELECT x.* FROM due_reminders x
            WHERE x.company_id = d.company_id AND x.orderer_id = d.person_id AND x.reader = 'orderer' AND x.valid_to = ANY (days)
        ), told AS (
            SELECT (SELECT co.name FROM companies co WHERE co.id = d.company_id) AS company, min(n.last_day) AS last_day,
                   jsonb_agg(jsonb_build_object('step', n.step, 'cards', n.cards) ORDER BY n.last_day) AS expiring
            FROM (SELECT x.step, count(*) AS cards, min(x.valid_to) AS last_day FROM due x GROUP BY x.step) n
        ), written AS (
            INSERT INTO messages (company_id, person_id, email, template, language, data)
            SELECT d.company_id, l.person_id, l.email, d.template, l.language, to_jsonb(t)
            FROM told t JOIN logins l ON l.person_id = d.person_id AND l.disabled_at IS NULL
            RETURNING id
        ), kept AS (
            INSERT INTO card_reminders (card_id, step, reader, person_id, message_id)
            SELECT x.card_id, x.step, x.reader, x.person_id, w.id FROM due x LEFT JOIN written w ON true
        )
        SELECT w.id INTO m FROM written w;
        IF m IS NOT NULL THEN
            message_ids := message_ids || m;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION remind_orderers IS
    'Reminds the orderers who are responsible for cards with one last day, after a card and at most so many: each of all cards of the company that '
    'are due, by one mail a day. Answers as remind_holders.';

-- What replaces a card is ordered by whoever is responsible for it; what renews one is ordered once, and the holder can be asked to approve it.
CREATE FUNCTION card_orders_replace() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    replaced cards;
    ordered  cards;
    rule     text;
BEGIN
    -- Two orders in one card's place queue up here.
    SELECT c.* INTO STRICT replaced FROM cards c WHERE c.id = NEW.replaces_id FOR NO KEY UPDATE;
    SELECT c.* INTO STRICT ordered FROM cards c WHERE c.id = NEW.card_id;
    rule := card_guard(replaced, 'order', ordered.ordered_by, 'orderer');
    IF rule IS NULL AND NEW.replace_reason = 'expires' THEN
        rule := CASE
            WHEN EXISTS (SELECT FROM card_successors x WHERE x.card_id = replaced.id AND x.successor_id <> NEW.card_id) THEN 'card_orders_renewed_once'
            WHEN NEW.kind = 'standard' AND NEW.email IS NULL AND NOT EXISTS (
                SELECT FROM logins l WHERE l.person_id = ordered.person_id AND l.disabled_at IS NULL)
                THEN 'card_orders_renewed_with_address'
        END;
    END IF;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'card_orders', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER card_orders_replace AFTER INSERT ON card_orders FOR EACH ROW WHEN (NEW.replaces_id IS NOT NULL AND NEW.seq = 1)
    EXECUTE FUNCTION card_orders_replace();
ALTER TABLE card_orders ENABLE ALWAYS TRIGGER card_orders_replace;

CREATE TABLE renewals (
    id         bigint      GENERATED BY DEFAULT AS IDENTITY CONSTRAINT renewals_pkey PRIMARY KEY,
    company_id bigint      NOT NULL CONSTRAINT renewals_company REFERENCES companies,
    made_by    bigint      NOT NULL CONSTRAINT renewals_made_by REFERENCES persons,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    deliver_to text        NOT NULL DEFAULT '' CONSTRAINT renewals_deliver_to_length CHECK (length(deliver_to) <= 400),
    reference  text        NOT NULL DEFAULT '' CONSTRAINT renewals_reference_length CHECK (length(reference) <= 100),
    applied_at timestamptz,
    CONSTRAINT renewals_company_id_unique UNIQUE (company_id, id)
);
COMMENT ON TABLE renewals IS 'New cards for many that expire, from the choice of the cards until a day later.';
COMMENT ON COLUMN renewals.made_by IS 'The orderer, who alone sees it.';
COMMENT ON COLUMN renewals.deliver_to IS 'Where all of the new cards go; empty when each goes where the old one went.';
COMMENT ON COLUMN renewals.reference IS 'The company''s own order number for all of them; empty when each keeps the old one''s.';
COMMENT ON COLUMN renewals.applied_at IS 'When the cards were ordered; null until then.';

CREATE TABLE renewal_cards (
    renewal_id    bigint NOT NULL,
    company_id    bigint NOT NULL,
    card_id       bigint NOT NULL,
    kind          text   NOT NULL,
    email         text   CONSTRAINT renewal_cards_email_format CHECK (email = lower(email) AND email LIKE '%_@_%' AND length(email) <= 254),
    refused_by    text,
    order_card_id bigint,
    CONSTRAINT renewal_cards_pkey PRIMARY KEY (renewal_id, card_id),
    CONSTRAINT renewal_cards_renewal FOREIGN KEY (company_id, renewal_id) REFERENCES renewals (company_id, id) ON DELETE CASCADE,
    CONSTRAINT renewal_cards_card FOREIGN KEY (company_id, card_id, kind) REFERENCES cards (company_id, id, kind),
    CONSTRAINT renewal_cards_order_card FOREIGN KEY (company_id, order_card_id, kind) REFERENCES cards (company_id, id, kind),
    CONSTRAINT renewal_cards_ordered_or_refused CHECK (num_nonnulls(refused_by, order_card_id) <= 1)
);
COMMENT ON TABLE renewal_cards IS 'The cards of a renewal.';
COMMENT ON COLUMN renewal_cards.renewal_id IS 'The renewal.';
COMMENT ON COLUMN renewal_cards.kind IS 'Of the card; the new one is of the same.';
COMMENT ON COLUMN renewal_cards.email IS 'Where the holder is asked to approve, as the orderer typed it; null for the address of the old order.';
COMMENT ON COLUMN renewal_cards.refused_by IS 'The rule in the way when the order was last tried; null when there is none.';
COMMENT ON COLUMN renewal_cards.order_card_id IS 'The new card.';

CREATE VIEW live_renewals AS
SELECT r.*
FROM renewals r
WHERE r.created_at > clock_now() - interval '1 day';
COMMENT ON VIEW live_renewals IS 'Those that their orderer can still open.';

REVOKE EXECUTE ON FUNCTION reminder_days, remind_holders, remind_orderers, card_orders_replace FROM PUBLIC;
GRANT SELECT ON reminder_steps, card_reminders, cards_in_use, live_renewals TO kortportal_app;
GRANT EXECUTE ON FUNCTION reminder_days, remind_holders, remind_orderers TO kortportal_app;
GRANT SELECT, INSERT (company_id, made_by), UPDATE (deliver_to, reference, applied_at) ON renewals TO kortportal_app;
GRANT SELECT, INSERT (renewal_id, company_id, card_id, kind), UPDATE (email, refused_by, order_card_id) ON renewal_cards TO kortportal_app;

COMMIT;
