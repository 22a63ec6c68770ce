-- Orders and production by sets: five thousand rows of a spreadsheet, or the answer of the card bureau, in a few statements. Every row is still
-- judged by every rule; what is gone is work that changed nothing. And what a replacement replaces, and what a photo is, become rules.
BEGIN;

-- The same words as before, without a plan to be made for each call.
CREATE OR REPLACE FUNCTION key_words(key text) RETURNS SETOF text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE ROWS 3 AS
$$
DECLARE
    word  text;
    words text[] := '{}';
BEGIN
    FOREACH word IN ARRAY string_to_array(key, ' ') LOOP
        IF word <> '' AND word <> ALL (words) THEN
            words := words || word;
        END IF;
        IF fold_key(word) <> word AND '~' || fold_key(word) <> ALL (words) THEN
            words := words || ('~' || fold_key(word));
        END IF;
    END LOOP;
    RETURN QUERY SELECT unnest(words);
END
$$;

-- A new card has its keys from the beginning, whether the order's names are given with it or follow beside its event.
CREATE OR REPLACE FUNCTION cards_derive() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    p persons;
BEGIN
    NEW.orderer_id := NEW.ordered_by;
    IF NEW.kind = 'visitor' THEN
        NEW.sort_key := name_key('Besökskort visitor card');
    ELSE
        SELECT x.* INTO p FROM persons x WHERE x.id = NEW.person_id;
        NEW.personal_key := p.personal_key;
        NEW.sort_key := coalesce(p.name_key, '');
        IF NEW.printed_given_name <> p.given_name OR NEW.printed_family_name <> p.family_name THEN
            NEW.sort_key := name_key(NEW.printed_family_name || ' ' || NEW.printed_given_name);
            NEW.other_key := CASE WHEN NEW.sort_key <> p.name_key THEN p.name_key END;
        END IF;
    END IF;
    RETURN NEW;
END
$$;

-- Triggers that have nothing to say of an event are not asked. A first event is an order (card_events_first_is_order), without a PIN.
DROP TRIGGER card_events_1_before ON card_events;
CREATE TRIGGER card_events_1_before BEFORE INSERT ON card_events FOR EACH ROW
    WHEN (NEW.actor_role = 'system' OR NEW.action IN ('activate', 'unblock')) EXECUTE FUNCTION card_events_before_insert();
DROP TRIGGER card_events_4_pin ON card_events;
CREATE TRIGGER card_events_4_pin AFTER INSERT ON card_events FOR EACH ROW WHEN (NEW.seq > 1) EXECUTE FUNCTION card_events_pin();
ALTER TABLE card_events ENABLE ALWAYS TRIGGER card_events_1_before, ENABLE ALWAYS TRIGGER card_events_4_pin;

-- As before; a card that already is what its first event says is not written again.
CREATE OR REPLACE FUNCTION card_events_apply() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF NEW.action = 'activate' THEN
        INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_role, reason)
        SELECT o.id, o.version + 1, o.company_id, o.kind, t.action, t.from_status, t.to_status, 'system',
               CASE WHEN EXISTS (SELECT FROM current_orders x WHERE x.card_id = c.id AND x.replaces_id = o.id AND x.replace_reason = 'reclaimed')
                    THEN 'reclaimed' ELSE 'superseded' END
        FROM cards c
        JOIN cards o ON o.company_id = c.company_id AND o.person_id = c.person_id AND o.kind = c.kind AND o.id < c.id
        JOIN card_transitions t ON t.kind = o.kind AND t.action = 'supersede' AND t.from_status = o.status
        WHERE c.id = NEW.card_id;
    END IF;
    IF NEW.action = 'approve' THEN
        UPDATE persons p SET given_name = o.given_name, family_name = o.family_name
        FROM cards c JOIN current_orders o ON o.card_id = c.id
        WHERE c.id = NEW.card_id AND p.id = c.person_id AND (p.given_name, p.family_name) IS DISTINCT FROM (o.given_name, o.family_name);
    END IF;
    UPDATE cards c
    SET status = NEW.to_status, version = NEW.seq, orderer_id = coalesce(NEW.successor_id, c.orderer_id)
    WHERE c.id = NEW.card_id AND (c.status, c.version, c.orderer_id) IS DISTINCT FROM (NEW.to_status, NEW.seq, coalesce(NEW.successor_id, c.orderer_id));
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION card_orders_judge() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    c cards;
BEGIN
    SELECT x.* INTO c FROM cards x JOIN card_events e ON e.card_id = x.id AND e.seq = x.version
    WHERE x.id = NEW.card_id AND e.seq = NEW.seq AND e.action IN ('order', 'correct');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an order''s data come with the order or its correction'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_orders_with_event', TABLE = 'card_orders', SCHEMA = 'public';
    END IF;
    IF NEW.kind = 'visitor' OR (c.printed_given_name, c.printed_family_name) IS NOT DISTINCT FROM (NEW.given_name, NEW.family_name) THEN
        RETURN NULL;
    END IF;
    UPDATE cards x SET printed_given_name = NEW.given_name, printed_family_name = NEW.family_name WHERE x.id = NEW.card_id;
    -- Apart, because the words by which a card is found follow whenever its keys are written.
    UPDATE cards x SET sort_key = k.key, other_key = CASE WHEN k.key <> p.name_key THEN p.name_key END
    FROM persons p CROSS JOIN name_key(NEW.family_name || ' ' || NEW.given_name) k (key)
    WHERE x.id = NEW.card_id AND p.id = x.person_id AND (x.sort_key <> k.key OR x.other_key IS NOT NULL);
    RETURN NULL;
END
$$;

-- A picture is what it was uploaded as: a photo is printed, a claim's picture shows a fault.
ALTER TABLE card_orders DROP CONSTRAINT card_orders_photo;
ALTER TABLE claims DROP CONSTRAINT claims_picture;
ALTER TABLE pictures DROP CONSTRAINT pictures_company_id_unique,
    ADD CONSTRAINT pictures_company_id_purpose_unique UNIQUE (company_id, id, purpose);
ALTER TABLE card_orders ADD COLUMN photo_purpose text NOT NULL DEFAULT 'photo' CONSTRAINT card_orders_photo_purpose CHECK (photo_purpose = 'photo'),
    ADD CONSTRAINT card_orders_photo FOREIGN KEY (company_id, photo_id, photo_purpose) REFERENCES pictures (company_id, id, purpose);
ALTER TABLE claims ADD COLUMN picture_purpose text NOT NULL DEFAULT 'claim' CONSTRAINT claims_picture_purpose CHECK (picture_purpose = 'claim'),
    ADD CONSTRAINT claims_picture FOREIGN KEY (company_id, picture_id, picture_purpose) REFERENCES pictures (company_id, id, purpose);
COMMENT ON COLUMN card_orders.photo_purpose IS 'What a picture must have been uploaded as.';
COMMENT ON COLUMN claims.picture_purpose IS 'What a picture must have been uploaded as.';

-- That both are of one company and kind is card_orders_replaces. A card's holder and number, once there, never change.
CREATE FUNCTION card_orders_replaced() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    rule text;
BEGIN
    SELECT CASE WHEN r.person_id IS DISTINCT FROM c.person_id THEN 'card_orders_replaces_same_holder'
                WHEN r.number IS NULL THEN 'card_orders_replaces_produced' END INTO rule
    FROM cards c JOIN cards r ON r.id = NEW.replaces_id
    WHERE c.id = NEW.card_id;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'card_orders', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER card_orders_replaced AFTER INSERT ON card_orders FOR EACH ROW WHEN (NEW.replaces_id IS NOT NULL)
    EXECUTE FUNCTION card_orders_replaced();
ALTER TABLE card_orders ENABLE ALWAYS TRIGGER card_orders_replaced;

CREATE TYPE new_order AS (
    kind             text,
    holder           bigint,
    identity_kind    text,
    identity_country text,
    identity_number  text,
    given_name       text,
    family_name      text,
    citizenship      text,
    photo_id         bigint,
    email            text,
    language         text,
    reference        text,
    deliver_to       text,
    replaces_id      bigint,
    replace_reason   text
);
COMMENT ON TYPE new_order IS
    'What is asked for with an order: for a holder whom the company knows, by id, or for whoever has an identity. A visitor card is for nobody.';

CREATE FUNCTION order_cards(p_company bigint, p_orderer bigint, p_orders jsonb) RETURNS SETOF bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    orders  new_order[] := ARRAY(SELECT jsonb_populate_record(NULL::new_order, e.element)
                                 FROM jsonb_array_elements(p_orders) WITH ORDINALITY e (element, nth) ORDER BY e.nth);
    holders bigint[];
    ids     bigint[];
BEGIN
    IF EXISTS (SELECT FROM unnest(orders) o WHERE o.holder IS NOT NULL
               AND NOT EXISTS (SELECT FROM cards c WHERE c.person_id = o.holder AND c.company_id = p_company)
               AND NOT EXISTS (SELECT FROM memberships m WHERE m.person_id = o.holder AND m.company_id = p_company)) THEN
        RAISE EXCEPTION 'the company does not know the holder'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'cards_holder_known', TABLE = 'cards', SCHEMA = 'public';
    END IF;
    -- Whoever is in the register keeps the name: it is the person's own to change.
    INSERT INTO persons (identity_kind, identity_country, identity_number, given_name, family_name)
    SELECT o.identity_kind, o.identity_country, o.identity_number, o.given_name, o.family_name
    FROM unnest(orders) WITH ORDINALITY o
    WHERE o.holder IS NULL AND o.kind <> 'visitor'
    ORDER BY o.ordinality
    ON CONFLICT ON CONSTRAINT persons_identity_unique DO NOTHING;
    -- A statement of its own: it sees whom another transaction has entered meanwhile.
    holders := ARRAY(
        SELECT coalesce(o.holder, p.id)
        FROM unnest(orders) WITH ORDINALITY o
        LEFT JOIN persons p ON o.holder IS NULL AND o.kind <> 'visitor' AND p.identity_country = o.identity_country
            AND p.identity_kind = o.identity_kind AND p.identity_number = o.identity_number
        ORDER BY o.ordinality);
    ids := ARRAY(SELECT nextval('cards_id_seq') FROM unnest(orders));
    INSERT INTO cards (id, company_id, kind, person_id, ordered_by, printed_given_name, printed_family_name)
    SELECT x.id, p_company, x.kind, x.person_id, p_orderer, nullif(x.given_name, ''), nullif(x.family_name, '')
    FROM ROWS FROM (unnest(ids), unnest(holders), unnest(orders)) x (id, person_id);
    INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
    SELECT x.id, 1, p_company, x.kind, t.action, t.from_status, t.to_status, p_orderer, 'orderer'
    FROM ROWS FROM (unnest(ids), unnest(orders)) x (id) JOIN card_transitions t ON t.kind = x.kind AND t.action = 'order';
    INSERT INTO card_orders (card_id, seq, company_id, kind, given_name, family_name, citizenship, photo_id, email, language, reference, deliver_to,
                             replaces_id, replace_reason)
    SELECT x.id, 1, p_company, x.kind, nullif(x.given_name, ''), nullif(x.family_name, ''), x.citizenship, x.photo_id, x.email, x.language,
           x.reference, x.deliver_to, x.replaces_id, x.replace_reason
    FROM ROWS FROM (unnest(ids), unnest(orders)) x (id);
    RETURN QUERY SELECT unnest(ids);
END
$$;
COMMENT ON FUNCTION order_cards IS
    'Orders a card for each new_order of a JSON array, all or none, on behalf of the orderer. A holder given by id is known to the company '
    '(cards_holder_known); one given by identity is entered in the register when it is nobody''s yet. Returns the cards.';

-- First all rows at once that nothing in sight speaks against, then the others one by one, each by itself. What is in sight are the tables'
-- own checks, an open order, and an earlier row for the same person; it decides which way a row goes, never whether it is refused.
CREATE OR REPLACE FUNCTION import_orders(p_company bigint, p_orderer bigint, p_rows jsonb) RETURNS TABLE (nth integer, rule text)
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
DECLARE
    orders  jsonb[] := ARRAY(SELECT e.element || '{"kind": "standard"}' FROM jsonb_array_elements(p_rows) WITH ORDINALITY e (element, nth) ORDER BY e.nth);
    broken  text;
    good    boolean[];
    element jsonb;
BEGIN
    SELECT string_agg(format('EXISTS (SELECT FROM jsonb_populate_record(NULL::%s, e.element) WHERE %s)', t.name, t.broken), ' OR ') INTO broken
    FROM (SELECT k.conrelid::regclass AS name, string_agg(format('(%s) IS FALSE', pg_get_expr(k.conbin, k.conrelid)), ' OR ') AS broken
          FROM pg_constraint k WHERE k.contype = 'c' AND k.conrelid IN ('persons'::regclass, 'card_orders'::regclass) GROUP BY k.conrelid) t;
    EXECUTE format($q$
        SELECT array_agg(NOT x.broken AND NOT x.open AND x.of_person = 1 ORDER BY x.nth)
        FROM (
            SELECT e.nth, b.broken,
                   row_number() OVER (PARTITION BY b.broken, o.identity_country, o.identity_kind, o.identity_number ORDER BY e.nth) AS of_person,
                   EXISTS (SELECT FROM cards c WHERE c.company_id = $2 AND c.person_id = p.id AND c.kind = 'standard'
                           AND c.status IN ('ordered', 'reviewed', 'approved', 'rejected')) AS open
            FROM unnest($1) WITH ORDINALITY e (element, nth)
            CROSS JOIN jsonb_populate_record(NULL::new_order, e.element) o
            CROSS JOIN LATERAL (SELECT %s AS broken) b
            LEFT JOIN persons p ON p.identity_country = o.identity_country AND p.identity_kind = o.identity_kind AND p.identity_number = o.identity_number
        ) x$q$, broken) INTO good USING orders, p_company;
    BEGIN
        PERFORM order_cards(p_company, p_orderer, (
            SELECT jsonb_agg(x.element ORDER BY x.nth) FROM unnest(orders, good) WITH ORDINALITY x (element, good, nth) WHERE x.good));
    EXCEPTION WHEN integrity_constraint_violation THEN
        GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
        -- Not a row is refused but whoever brings it, or by nothing that has a name.
        IF rule IN ('', 'card_events_member') THEN
            RAISE;
        END IF;
        good := array_fill(false, ARRAY[cardinality(orders)]);
    END;
    RETURN QUERY SELECT (x.element ->> 'row')::integer, NULL::text FROM unnest(orders, good) x (element, good) WHERE x.good;
    FOR element IN SELECT x.element FROM unnest(orders, good) WITH ORDINALITY x (element, good, nth) WHERE NOT x.good ORDER BY x.nth LOOP
        nth := element ->> 'row';
        rule := NULL;
        BEGIN
            PERFORM order_cards(p_company, p_orderer, jsonb_build_array(element));
        EXCEPTION WHEN integrity_constraint_violation THEN
            GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
            IF rule IN ('', 'card_events_member') THEN
                RAISE;
            END IF;
        END;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION import_orders IS
    'Orders a standard card for each row of a spreadsheet on behalf of the orderer, of the rows for one person the first that can be, and tells for each '
    'the rule that refused it, or null. The caller rolls back what is not to stay.';

-- The file for the bureau is made from what stands here, and so is the card: no name that changes in between comes between them.
ALTER TABLE production_cards ADD COLUMN printed_given_name text, ADD COLUMN printed_family_name text, ADD COLUMN printed_company text,
    ADD COLUMN printed_org_number text;
UPDATE production_cards b
SET printed_given_name = coalesce(c.printed_given_name, p.given_name), printed_family_name = coalesce(c.printed_family_name, p.family_name),
    printed_company = coalesce(c.printed_company, co.name), printed_org_number = coalesce(c.printed_org_number, co.org_number)
FROM cards c JOIN companies co ON co.id = c.company_id LEFT JOIN persons p ON p.id = c.person_id
WHERE c.id = b.card_id;
ALTER TABLE production_cards ALTER COLUMN printed_company SET NOT NULL, ALTER COLUMN printed_org_number SET NOT NULL;
COMMENT ON COLUMN production_cards.printed_given_name IS 'printed_*: what the bureau is asked to print, as it was when the batch was made.';

CREATE OR REPLACE FUNCTION make_batch(p_actor bigint, p_supplier text, p_limit integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    b     bigint;
    first bigint;
    ids   bigint[];
BEGIN
    PERFORM must_be_issuer(p_actor);
    -- Whoever comes second takes the cards that the first has left.
    ids := ARRAY(
        SELECT c.id FROM cards c
        WHERE c.status IN ('reviewed', 'approved') AND EXISTS (SELECT FROM cards_to_produce v WHERE v.id = c.id)
        ORDER BY c.id LIMIT least(p_limit, 10000) FOR UPDATE OF c SKIP LOCKED);
    -- Looked at again with the lock held: another batch may have taken them between the look and the lock.
    ids := ARRAY(SELECT i FROM unnest(ids) i WHERE NOT EXISTS (SELECT FROM production_cards p WHERE p.card_id = i AND p.outcome IS NULL) ORDER BY i);
    IF cardinality(ids) = 0 THEN
        RETURN NULL;
    END IF;
    UPDATE card_series s SET next_number = s.next_number + cardinality(ids) WHERE s.supplier = p_supplier
    RETURNING s.next_number - cardinality(ids) INTO first;
    IF first IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO production_batches (supplier, made_by) VALUES (p_supplier, p_actor) RETURNING id INTO b;
    INSERT INTO production_cards (batch_id, card_id, number, valid_to, version, printed_given_name, printed_family_name, printed_company, printed_org_number)
    SELECT b, c.id, format('%s-%s-%s', p_supplier, substr(n.digits, 1, 4), substr(n.digits, 5)), card_valid_to(c), c.version,
           coalesce(c.printed_given_name, p.given_name), coalesce(c.printed_family_name, p.family_name), co.name, co.org_number
    FROM unnest(ids) WITH ORDINALITY i (id, nth)
    JOIN cards c ON c.id = i.id
    JOIN companies co ON co.id = c.company_id
    LEFT JOIN persons p ON p.id = c.person_id
    CROSS JOIN LATERAL (SELECT lpad((first + i.nth - 1)::text, 10, '0') AS digits) n;
    RETURN b;
END
$$;
COMMENT ON FUNCTION make_batch IS
    'Puts the oldest cards that wait for production into a batch, at most so many, each with the next number of the series, its last day of '
    'validity and what is printed on it. Null: nothing waits, or no such series.';

-- A card whose number was drawn for it in a batch carries what the bureau was asked to print with that number.
CREATE OR REPLACE FUNCTION produce_card(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_number text, p_chip_uid text, p_valid_to date)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    c cards;
BEGIN
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card AND x.company_id = p_company FOR UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF c.number IS NULL THEN
        UPDATE cards x
        SET number = p_number, chip_uid = p_chip_uid, valid_to = p_valid_to,
            printed_given_name = coalesce(b.printed_given_name, x.printed_given_name, p.given_name),
            printed_family_name = coalesce(b.printed_family_name, x.printed_family_name, p.family_name),
            printed_company = coalesce(b.printed_company, co.name), printed_org_number = coalesce(b.printed_org_number, co.org_number)
        FROM companies co LEFT JOIN persons p ON p.id = c.person_id
        LEFT JOIN production_cards b ON b.card_id = c.id AND b.number = p_number AND b.version = c.version
        WHERE x.id = c.id AND co.id = c.company_id;
    END IF;
    INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
    SELECT c.id, p_version + 1, c.company_id, c.kind, 'produce', c.status, coalesce(t.to_status, c.status), p_actor, 'issuer'
    FROM (SELECT) one LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = 'produce' AND t.from_status = c.status;
    RETURN p_version + 1;
END
$$;

CREATE OR REPLACE FUNCTION answer_batch(p_actor bigint, p_batch bigint, p_numbers text[], p_chips text[], p_made boolean[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    ids      bigint[];
    chips    text[];
    made     boolean[];
    produced integer;
BEGIN
    PERFORM must_be_issuer(p_actor);
    -- By EXECUTE, which plans for as many cards as there are: a plan made for ten would look each up among all.
    EXECUTE $q$
        SELECT array_agg(l.card_id), array_agg(l.chip), array_agg(l.made)
        FROM (SELECT p.card_id, x.chip, x.made
              FROM unnest($2, $3, $4) x (number, chip, made)
              JOIN production_cards p ON p.batch_id = $1 AND p.number = x.number
              JOIN cards c ON c.id = p.card_id
              WHERE p.outcome IS NULL
              ORDER BY p.card_id
              FOR UPDATE OF p, c) l$q$ INTO ids, chips, made USING p_batch, p_numbers, p_chips, p_made;
    EXECUTE $q$
        UPDATE production_cards p
        SET outcome = CASE WHEN c.version <> p.version THEN 'withdrawn' WHEN a.made THEN 'made' ELSE 'spoiled' END,
            answered_by = $4, answered_at = clock_now()
        FROM unnest($2, $3) a (id, made) JOIN cards c ON c.id = a.id
        WHERE p.batch_id = $1 AND p.card_id = a.id$q$ USING p_batch, ids, made, p_actor;
    EXECUTE $q$
        UPDATE cards c
        SET number = p.number, chip_uid = a.chip, valid_to = p.valid_to, printed_given_name = p.printed_given_name,
            printed_family_name = p.printed_family_name, printed_company = p.printed_company, printed_org_number = p.printed_org_number
        FROM unnest($2, $3) a (id, chip) JOIN production_cards p ON p.batch_id = $1 AND p.card_id = a.id
        WHERE c.id = a.id AND p.outcome = 'made'$q$ USING p_batch, ids, chips;
    EXECUTE $q$
        INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
        SELECT c.id, p.version + 1, c.company_id, c.kind, 'produce', c.status, coalesce(t.to_status, c.status), $3, 'issuer'
        FROM unnest($2) WITH ORDINALITY a (id, nth)
        JOIN production_cards p ON p.batch_id = $1 AND p.card_id = a.id
        JOIN cards c ON c.id = a.id
        LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = 'produce' AND t.from_status = c.status
        WHERE p.outcome = 'made'
        ORDER BY a.nth$q$ USING p_batch, ids, p_actor;
    GET DIAGNOSTICS produced = ROW_COUNT;
    RETURN produced;
END
$$;

REVOKE EXECUTE ON FUNCTION card_orders_replaced, order_cards FROM PUBLIC;
REVOKE USAGE ON TYPE new_order FROM PUBLIC;
GRANT USAGE ON TYPE new_order TO kortportal_app;
GRANT EXECUTE ON FUNCTION order_cards TO kortportal_app;

COMMIT;
