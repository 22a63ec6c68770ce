BEGIN;
DROP FUNCTION order_cards;
DROP TYPE new_order;

CREATE OR REPLACE FUNCTION import_orders(p_company bigint, p_orderer bigint, p_rows jsonb) RETURNS TABLE (nth integer, rule text)
LANGUAGE plpgsql SET search_path = public, pg_temp AS
$$
DECLARE
    r      record;
    holder bigint;
BEGIN
    FOR r IN
        SELECT x.* FROM jsonb_array_elements(p_rows) WITH ORDINALITY e (element, nth) CROSS JOIN jsonb_to_record(e.element) x (
            row integer, identity_kind text, identity_country text, identity_number text, given_name text, family_name text, citizenship text,
            email text, language text, reference text, deliver_to text)
        ORDER BY e.nth
    LOOP
        nth := r.row;
        rule := NULL;
        BEGIN
            INSERT INTO persons (identity_kind, identity_country, identity_number, given_name, family_name)
            VALUES (r.identity_kind, r.identity_country, r.identity_number, r.given_name, r.family_name)
            ON CONFLICT ON CONSTRAINT persons_identity_unique DO NOTHING
            RETURNING id INTO holder;
            IF NOT FOUND THEN
                SELECT p.id INTO STRICT holder FROM persons p
                WHERE p.identity_country = r.identity_country AND p.identity_kind = r.identity_kind AND p.identity_number = r.identity_number;
            END IF;
            WITH c AS (
                INSERT INTO cards (company_id, kind, person_id, ordered_by) VALUES (p_company, 'standard', holder, p_orderer)
                RETURNING id, company_id, kind
            ), e AS (
                INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
                SELECT c.id, 1, c.company_id, c.kind, t.action, t.from_status, t.to_status, p_orderer, 'orderer'
                FROM c JOIN card_transitions t ON t.kind = c.kind AND t.action = 'order'
                RETURNING card_id, seq, company_id, kind
            )
            INSERT INTO card_orders (card_id, seq, company_id, kind, given_name, family_name, citizenship, email, language, reference, deliver_to)
            SELECT e.card_id, e.seq, e.company_id, e.kind, r.given_name, r.family_name, r.citizenship, r.email, r.language, r.reference, r.deliver_to
            FROM e;
        EXCEPTION WHEN integrity_constraint_violation THEN
            GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
            -- Not the row is refused but whoever brings it, or by nothing that has a name.
            IF rule IN ('', 'card_events_member') THEN
                RAISE;
            END IF;
        END;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION import_orders IS
    'Orders a standard card for each row of a spreadsheet, in their order and on behalf of the orderer, and tells for each the rule that refused it, or null. The '
    'caller rolls back what is not to stay.';

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
    INSERT INTO production_cards (batch_id, card_id, number, valid_to, version)
    SELECT b, c.id, format('%s-%s-%s', p_supplier, substr(n.digits, 1, 4), substr(n.digits, 5)), card_valid_to(c), c.version
    FROM unnest(ids) WITH ORDINALITY i (id, nth)
    JOIN cards c ON c.id = i.id
    CROSS JOIN LATERAL (SELECT lpad((first + i.nth - 1)::text, 10, '0') AS digits) n;
    RETURN b;
END
$$;
COMMENT ON FUNCTION make_batch IS
    'Puts the oldest cards that wait for production into a batch, at most so many, each with the next number of the series and its '
    'last day of validity. Null: nothing waits, or no such series.';

CREATE OR REPLACE FUNCTION answer_batch(p_actor bigint, p_batch bigint, p_numbers text[], p_chips text[], p_made boolean[]) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
DECLARE
    a        record;
    produced integer := 0;
BEGIN
    PERFORM must_be_issuer(p_actor);
    FOR a IN
        SELECT p.card_id, p.number, p.valid_to, p.version, c.company_id, x.chip, x.made, c.version = p.version AS current
        FROM unnest(p_numbers, p_chips, p_made) x (number, chip, made)
        JOIN production_cards p ON p.batch_id = p_batch AND p.number = x.number
        JOIN cards c ON c.id = p.card_id
        WHERE p.outcome IS NULL
        ORDER BY p.card_id
        FOR UPDATE OF p, c
    LOOP
        UPDATE production_cards p
        SET outcome = CASE WHEN NOT a.current THEN 'withdrawn' WHEN a.made THEN 'made' ELSE 'spoiled' END,
            answered_by = p_actor, answered_at = clock_now()
        WHERE p.batch_id = p_batch AND p.card_id = a.card_id;
        IF a.current AND a.made THEN
            PERFORM produce_card(a.card_id, a.version, a.company_id, p_actor, a.number, a.chip, a.valid_to);
            produced := produced + 1;
        END IF;
    END LOOP;
    RETURN produced;
END
$$;

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
            printed_given_name = coalesce(x.printed_given_name, p.given_name), printed_family_name = coalesce(x.printed_family_name, p.family_name),
            printed_company = co.name, printed_org_number = co.org_number
        FROM companies co LEFT JOIN persons p ON p.id = c.person_id
        WHERE x.id = c.id AND co.id = c.company_id;
    END IF;
    INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
    SELECT c.id, p_version + 1, c.company_id, c.kind, 'produce', c.status, coalesce(t.to_status, c.status), p_actor, 'issuer'
    FROM (SELECT) one LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = 'produce' AND t.from_status = c.status;
    RETURN p_version + 1;
END
$$;

ALTER TABLE production_cards DROP COLUMN printed_given_name, DROP COLUMN printed_family_name, DROP COLUMN printed_company, DROP COLUMN printed_org_number;

DROP TRIGGER card_orders_replaced ON card_orders;
DROP FUNCTION card_orders_replaced;
ALTER TABLE card_orders DROP CONSTRAINT card_orders_photo, DROP COLUMN photo_purpose;
ALTER TABLE claims DROP CONSTRAINT claims_picture, DROP COLUMN picture_purpose;
ALTER TABLE pictures DROP CONSTRAINT pictures_company_id_purpose_unique, ADD CONSTRAINT pictures_company_id_unique UNIQUE (company_id, id);
ALTER TABLE card_orders ADD CONSTRAINT card_orders_photo FOREIGN KEY (company_id, photo_id) REFERENCES pictures (company_id, id);
ALTER TABLE claims ADD CONSTRAINT claims_picture FOREIGN KEY (company_id, picture_id) REFERENCES pictures (company_id, id);

CREATE OR REPLACE FUNCTION card_orders_judge() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF NOT EXISTS (SELECT FROM cards c JOIN card_events e ON e.card_id = c.id AND e.seq = c.version
                   WHERE c.id = NEW.card_id AND e.seq = NEW.seq AND e.action IN ('order', 'correct')) THEN
        RAISE EXCEPTION 'an order''s data come with the order or its correction'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_orders_with_event', TABLE = 'card_orders', SCHEMA = 'public';
    END IF;
    UPDATE cards c SET printed_given_name = NEW.given_name, printed_family_name = NEW.family_name
    WHERE c.id = NEW.card_id AND NEW.kind <> 'visitor';
    -- Apart, because the words by which a card is found follow whenever its keys are written.
    UPDATE cards c SET sort_key = k.key, other_key = CASE WHEN k.key <> p.name_key THEN p.name_key END
    FROM persons p CROSS JOIN name_key(NEW.family_name || ' ' || NEW.given_name) k (key)
    WHERE c.id = NEW.card_id AND p.id = c.person_id AND (c.sort_key <> k.key OR c.other_key IS NOT NULL);
    RETURN NULL;
END
$$;

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
    UPDATE cards
    SET status = NEW.to_status, version = NEW.seq, orderer_id = coalesce(NEW.successor_id, orderer_id)
    WHERE id = NEW.card_id;
    RETURN NULL;
END
$$;

DROP TRIGGER card_events_1_before ON card_events;
CREATE TRIGGER card_events_1_before BEFORE INSERT ON card_events FOR EACH ROW EXECUTE FUNCTION card_events_before_insert();
DROP TRIGGER card_events_4_pin ON card_events;
CREATE TRIGGER card_events_4_pin AFTER INSERT ON card_events FOR EACH ROW EXECUTE FUNCTION card_events_pin();
ALTER TABLE card_events ENABLE ALWAYS TRIGGER card_events_1_before, ENABLE ALWAYS TRIGGER card_events_4_pin;

CREATE OR REPLACE FUNCTION cards_derive() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    NEW.orderer_id := NEW.ordered_by;
    IF NEW.kind = 'visitor' THEN
        NEW.sort_key := name_key('Besökskort visitor card');
    ELSE
        SELECT p.name_key, p.personal_key INTO NEW.sort_key, NEW.personal_key FROM persons p WHERE p.id = NEW.person_id;
        NEW.sort_key := coalesce(NEW.sort_key, '');
    END IF;
    RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION key_words(key text) RETURNS SETOF text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 3 AS
$$
    SELECT DISTINCT w COLLATE "C" FROM string_to_table(key, ' ') w WHERE w <> ''
    UNION
    SELECT ('~' || fold_key(w)) COLLATE "C" FROM string_to_table(key, ' ') w WHERE fold_key(w) <> w
$$;
COMMIT;
