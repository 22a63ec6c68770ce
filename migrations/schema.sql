-- Made from the migrations by make generate with PostgreSQL 15. Do not edit.

-- Name: new_order; Type: TYPE

CREATE TYPE public.new_order AS (
	kind text,
	holder bigint,
	identity_kind text,
	identity_country text,
	identity_number text,
	given_name text,
	family_name text,
	citizenship text,
	photo_id bigint,
	email text,
	language text,
	reference text,
	deliver_to text,
	replaces_id bigint,
	replace_reason text
);

-- Name: TYPE new_order; Type: COMMENT

COMMENT ON TYPE public.new_order IS 'What is asked for with an order: for a holder whom the company knows, by id, or for whoever has an identity. A visitor card is for nobody.';

-- Name: activate_card(bigint, integer, bigint, text, bigint, bytea); Type: FUNCTION

CREATE FUNCTION public.activate_card(p_card bigint, p_version integer, p_actor bigint, p_number text, p_key_id bigint, p_ciphertext bytea, OUT version integer, OUT refused_by text) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    c    cards;
    used integer;
BEGIN
    -- All activations for one person queue up here, so that tries at once are counted, and each sees what the one before it did.
    PERFORM pg_advisory_xact_lock(hashtextextended('activate', p_actor));
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card AND x.person_id = p_actor;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    SELECT coalesce(max(a.nth), 0) INTO used FROM activation_tries a WHERE a.card_id = c.id AND a.tried_on = today();
    refused_by := CASE WHEN used >= 5 THEN 'activation_tries_five_a_day'
                       WHEN (p_number IN (c.number, right(c.number, 6))) IS NOT TRUE THEN 'card_events_possession' END;
    -- Returned and not raised, so that the try stays written. Where another rule is in the way, the event below says which.
    IF refused_by IS NOT NULL AND card_refusal(c, 'activate', p_actor, 'holder') IS NULL THEN
        IF used < 5 THEN
            INSERT INTO activation_tries (card_id, tried_on, nth) VALUES (c.id, today(), used + 1);
        END IF;
        RETURN;
    END IF;
    INSERT INTO card_pins (card_id, key_id, ciphertext) VALUES (c.id, p_key_id, p_ciphertext) ON CONFLICT DO NOTHING;
    INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
    SELECT c.id, p_version + 1, c.company_id, c.kind, 'activate', c.status, coalesce(t.to_status, c.status), p_actor, 'holder'
    FROM (SELECT) one LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = 'activate' AND t.from_status = c.status;
    IF refused_by IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', refused_by
            USING ERRCODE = 'check_violation', CONSTRAINT = refused_by, TABLE = 'card_events', SCHEMA = 'public';
    END IF;
    version := p_version + 1;
END
$$;

-- Name: FUNCTION activate_card(p_card bigint, p_version integer, p_actor bigint, p_number text, p_key_id bigint, p_ciphertext bytea, OUT version integer, OUT refused_by text); Type: COMMENT

COMMENT ON FUNCTION public.activate_card(p_card bigint, p_version integer, p_actor bigint, p_number text, p_key_id bigint, p_ciphertext bytea, OUT version integer, OUT refused_by text) IS 'The holder activates an own card with its number, whole or the last six digits: stores its PIN and appends the event; the older card of the same person and company ends with it. version: the new one; null when the person has no such card, or when refused_by names card_events_possession (a wrong number, which is written down) or activation_tries_five_a_day.';

-- Name: acts_for(bigint, bigint, bigint); Type: FUNCTION

CREATE FUNCTION public.acts_for(p_company bigint, p_orderer bigint, p_person bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN EXISTS (SELECT FROM current_deputies d WHERE d.company_id = p_company AND d.orderer_id = p_orderer AND d.deputy_id = p_person);
END
$$;

-- Name: FUNCTION acts_for(p_company bigint, p_orderer bigint, p_person bigint); Type: COMMENT

COMMENT ON FUNCTION public.acts_for(p_company bigint, p_orderer bigint, p_person bigint) IS 'Whether a person is the deputy of an orderer today.';

-- Name: answer_batch(bigint, bigint, text[], text[], boolean[]); Type: FUNCTION

CREATE FUNCTION public.answer_batch(p_actor bigint, p_batch bigint, p_numbers text[], p_chips text[], p_made boolean[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $_$
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
$_$;

-- Name: FUNCTION answer_batch(p_actor bigint, p_batch bigint, p_numbers text[], p_chips text[], p_made boolean[]); Type: COMMENT

COMMENT ON FUNCTION public.answer_batch(p_actor bigint, p_batch bigint, p_numbers text[], p_chips text[], p_made boolean[]) IS 'Takes the bureau''s answer: for each number its chip and whether it was made. A card that is as it was approved is produced; all in one transaction, so that a wrong line (a chip that is none) refuses the whole file. Numbers already answered are passed over. Returns how many were produced.';

-- Name: answer_faults(bigint, text[], text[], text[]); Type: FUNCTION

CREATE FUNCTION public.answer_faults(p_batch bigint, p_numbers text[], p_chips text[], p_outcomes text[]) RETURNS TABLE(line integer, field text, fault text)
    LANGUAGE plpgsql STABLE
    AS $_$
BEGIN
    RETURN QUERY
    SELECT a.line::integer, f.field, f.fault
    FROM (
        SELECT x.line, x.chip, x.outcome, p.card_id, c.kind,
               row_number() OVER (PARTITION BY x.number ORDER BY x.line) AS nth_number,
               row_number() OVER (PARTITION BY x.chip ORDER BY x.line) AS nth_chip,
               p.outcome IS NULL OR p.outcome = 'withdrawn'
                   OR p.outcome = x.outcome AND (x.outcome = 'spoiled' OR c.chip_uid IS NOT DISTINCT FROM nullif(x.chip, '')) AS fits
        FROM unnest(p_numbers, p_chips, p_outcomes) WITH ORDINALITY x (number, chip, outcome, line)
        LEFT JOIN production_cards p ON p.batch_id = p_batch AND p.number = x.number
        LEFT JOIN cards c ON c.id = p.card_id
    ) a
    CROSS JOIN LATERAL (
        VALUES
            (1, 'number', CASE WHEN a.card_id IS NULL THEN 'unknown' WHEN a.nth_number > 1 THEN 'repeated' WHEN NOT a.fits THEN 'answered' END),
            (2, 'chip', CASE WHEN a.chip = '' THEN CASE WHEN a.outcome = 'made' AND a.kind = 'standard' THEN 'required' END
                             WHEN a.kind = 'visitor' THEN 'visitor'
                             WHEN a.chip !~ '^([0-9A-F]{2}){4,10}$' THEN 'invalid'
                             WHEN a.nth_chip > 1 THEN 'repeated' END),
            (3, 'outcome', CASE WHEN a.outcome = '' THEN 'required' WHEN a.outcome NOT IN ('made', 'spoiled') THEN 'invalid' END)
    ) f (col, field, fault)
    WHERE f.fault IS NOT NULL
    ORDER BY a.line, f.col;
END
$_$;

-- Name: FUNCTION answer_faults(p_batch bigint, p_numbers text[], p_chips text[], p_outcomes text[]); Type: COMMENT

COMMENT ON FUNCTION public.answer_faults(p_batch bigint, p_numbers text[], p_chips text[], p_outcomes text[]) IS 'What is wrong with a bureau''s answer, by line and column; nothing: answer_batch will take it. A line that says again what was answered before is no fault.';

-- Name: begin_attempt(bigint); Type: FUNCTION

CREATE FUNCTION public.begin_attempt(p_message bigint, OUT answer text, OUT n integer) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    last message_attempts;
BEGIN
    PERFORM FROM messages m WHERE m.id = p_message FOR UPDATE;
    IF NOT FOUND THEN
        answer := 'not_found';
        RETURN;
    END IF;
    SELECT a.* INTO last FROM message_attempts a WHERE a.message_id = p_message ORDER BY a.n DESC LIMIT 1;
    IF last.outcome IN ('sent', 'failed') THEN
        answer := last.outcome;
    ELSIF last.n IS NOT NULL AND last.outcome IS NULL AND last.started_at > clock_now() - interval '60 seconds' THEN
        answer := 'under_way';
    ELSE
        answer := 'begun';
        n := coalesce(last.n, 0) + 1;
        INSERT INTO message_attempts (message_id, n) VALUES (p_message, begin_attempt.n);
    END IF;
END
$$;

-- Name: FUNCTION begin_attempt(p_message bigint, OUT answer text, OUT n integer); Type: COMMENT

COMMENT ON FUNCTION public.begin_attempt(p_message bigint, OUT answer text, OUT n integer) IS 'Writes down that a message is about to be sent. answer: begun, with the attempt''s number; sent or failed, when there is nothing left to do; under_way, when another worker may be sending it, which no attempt is after a minute; not_found.';

-- Name: cancel_deputy(bigint, bigint, bigint); Type: FUNCTION

CREATE FUNCTION public.cancel_deputy(p_deputy bigint, p_company bigint, p_actor bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    whose bigint;
BEGIN
    UPDATE deputies d SET cancelled_at = clock_now(), cancelled_by = p_actor
    WHERE d.id = p_deputy AND d.company_id = p_company AND d.cancelled_at IS NULL AND d.last_day >= today()
      AND (works_as(p_company, p_actor, 'administrator') OR d.orderer_id = p_actor AND works_as(p_company, p_actor, 'orderer'))
    RETURNING d.orderer_id INTO whose;
    RETURN whose;
END
$$;

-- Name: FUNCTION cancel_deputy(p_deputy bigint, p_company bigint, p_actor bigint); Type: COMMENT

COMMENT ON FUNCTION public.cancel_deputy(p_deputy bigint, p_company bigint, p_actor bigint) IS 'Ends the time of a deputy at once, for the orderer or an administrator. Returns the orderer; null when there is no such deputy, no more, or not for the actor.';

-- Name: card_events_apply(); Type: FUNCTION

CREATE FUNCTION public.card_events_apply() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

-- Name: card_events_before_insert(); Type: FUNCTION

CREATE FUNCTION public.card_events_before_insert() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NEW.actor_role = 'system'
       AND NOT pg_has_role(current_user, (SELECT t.relowner FROM pg_class t WHERE t.oid = TG_RELID), 'USAGE') THEN
        RAISE EXCEPTION 'an event of the system cannot be inserted from outside'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_events_system_only', TABLE = 'card_events', SCHEMA = 'public';
    END IF;
    IF NEW.action IN ('activate', 'unblock') THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('activate', c.person_id)) FROM cards c WHERE c.id = NEW.card_id;
    END IF;
    RETURN NEW;
END
$$;

-- Name: card_events_due(); Type: FUNCTION

CREATE FUNCTION public.card_events_due() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM FROM planned_actions p WHERE p.card_id = NEW.card_id AND p.outcome IS NULL ORDER BY p.id FOR UPDATE;
    IF FOUND AND EXISTS (SELECT FROM planned_actions p WHERE p.card_id = NEW.card_id AND p.outcome IS NULL AND p.due_at <= clock_now()) THEN
        RAISE EXCEPTION 'what was planned for the card is due, and comes first'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_events_due_first', TABLE = 'card_events', SCHEMA = 'public';
    END IF;
    RETURN NEW;
END
$$;

-- Name: card_events_grace(); Type: FUNCTION

CREATE FUNCTION public.card_events_grace() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM companies co WHERE co.id = NEW.company_id AND co.grace_hours > 0) THEN
        RAISE EXCEPTION 'the company gives a termination time to be withdrawn'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_events_grace', TABLE = 'card_events', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;

-- Name: card_events_in_time(); Type: FUNCTION

CREATE FUNCTION public.card_events_in_time() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.occurred_at := greatest(NEW.occurred_at, (SELECT e.occurred_at FROM public.card_events e WHERE e.card_id = NEW.card_id AND e.seq = NEW.seq - 1));
    RETURN NEW;
END
$$;

-- Name: FUNCTION card_events_in_time(); Type: COMMENT

COMMENT ON FUNCTION public.card_events_in_time() IS 'Of two who wait for each other the second may have begun first: its event is not dated before the other.';

-- Name: card_events_judge(); Type: FUNCTION

CREATE FUNCTION public.card_events_judge() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    c    cards;
    rule text;
BEGIN
    SELECT x.* INTO STRICT c FROM cards x WHERE x.id = NEW.card_id;
    -- The first event finds its card in version 1. Of several rows of a statement each finds what those before it have made of the card.
    IF c.version <> greatest(NEW.seq - 1, 1) THEN
        rule := 'card_events_chain';
    ELSE
        rule := card_guard(c, NEW.action, NEW.actor_id, NEW.actor_role);
    END IF;
    IF rule IS NULL AND NEW.successor_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM memberships m
        WHERE m.company_id = NEW.company_id AND m.person_id = NEW.successor_id AND m.role = 'orderer' AND m.ended_at IS NULL) THEN
        rule := 'card_events_successor_is_orderer';
    END IF;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'card_events', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;

-- Name: card_events_keep(); Type: FUNCTION

CREATE FUNCTION public.card_events_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'history is only appended to'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'card_events_append_only', TABLE = 'card_events', SCHEMA = 'public';
END
$$;

-- Name: card_events_orderer(); Type: FUNCTION

CREATE FUNCTION public.card_events_orderer() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    rule text;
BEGIN
    PERFORM FROM memberships m
    WHERE m.company_id = NEW.company_id AND m.person_id = coalesce(NEW.successor_id, NEW.actor_id) AND m.role = 'orderer' AND m.ended_at IS NULL
    FOR SHARE;
    rule := CASE
        WHEN NOT FOUND AND NEW.action = 'hand_over' THEN 'card_events_successor_is_orderer'
        WHEN NOT FOUND THEN 'card_events_member'
        WHEN NEW.action = 'order' AND NOT EXISTS (SELECT FROM cards c WHERE c.id = NEW.card_id AND c.ordered_by = NEW.actor_id)
            THEN 'card_events_responsible_orderer'
    END;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'card_events', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;

-- Name: card_events_overtake(); Type: FUNCTION

CREATE FUNCTION public.card_events_overtake() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE planned_actions p SET outcome = 'overtaken', settled_at = clock_now() WHERE p.card_id = NEW.card_id AND p.outcome IS NULL;
    RETURN NULL;
END
$$;

-- Name: card_events_pin(); Type: FUNCTION

CREATE FUNCTION public.card_events_pin() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF NEW.action = 'activate' AND NOT EXISTS (SELECT FROM card_pins p WHERE p.card_id = NEW.card_id) THEN
        RAISE EXCEPTION 'a card is activated together with its PIN'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_events_activated_with_pin', TABLE = 'card_events', SCHEMA = 'public';
    END IF;
    DELETE FROM card_pins p USING card_statuses s WHERE p.card_id = NEW.card_id AND s.status = NEW.to_status AND s.final;
    RETURN NULL;
END
$$;

-- Name: card_exports_keep(); Type: FUNCTION

CREATE FUNCTION public.card_exports_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.rows IS NULL THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what left the portal stays written down'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'card_exports_written_once', TABLE = 'card_exports', SCHEMA = 'public';
END
$$;

-- Name: FUNCTION card_exports_keep(); Type: COMMENT

COMMENT ON FUNCTION public.card_exports_keep() IS 'An export is ended once and never changed.';

-- Name: clock_now(); Type: FUNCTION

CREATE FUNCTION public.clock_now() RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$ BEGIN RETURN (SELECT now() + c.moved_by FROM clock c); END $$;

-- Name: FUNCTION clock_now(); Type: COMMENT

COMMENT ON FUNCTION public.clock_now() IS 'The time by which the portal decides: that of the transaction, by the database''s clock.';

-- Name: cards; Type: TABLE

CREATE TABLE public.cards (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    kind text NOT NULL,
    person_id bigint,
    ordered_by bigint NOT NULL,
    orderer_id bigint NOT NULL,
    status text DEFAULT 'ordered'::text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    number text COLLATE pg_catalog."C",
    chip_uid text,
    valid_to date,
    printed_given_name text,
    printed_family_name text,
    printed_company text,
    printed_org_number text,
    sort_key text NOT NULL COLLATE pg_catalog."C",
    other_key text COLLATE pg_catalog."C",
    personal_key text COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT cards_chip_by_kind CHECK (((chip_uid IS NULL) OR (kind = 'standard'::text))),
    CONSTRAINT cards_chip_uid_format CHECK ((chip_uid ~ '^([0-9A-F]{2}){4,10}$'::text)),
    CONSTRAINT cards_holder_by_kind CHECK (((kind = 'visitor'::text) = (person_id IS NULL))),
    CONSTRAINT cards_number_format CHECK ((number ~ '^[A-Z]{2}-\d{4}-\d{6}$'::text)),
    CONSTRAINT cards_printed_when_produced CHECK (((status <> ALL (ARRAY['produced'::text, 'active'::text, 'blocked'::text, 'terminated'::text])) OR ((number IS NOT NULL) AND (valid_to IS NOT NULL) AND (printed_company IS NOT NULL) AND (printed_org_number IS NOT NULL) AND ((kind = 'visitor'::text) OR ((chip_uid IS NOT NULL) AND (printed_given_name IS NOT NULL) AND (printed_family_name IS NOT NULL))))))
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.005', autovacuum_vacuum_insert_scale_factor='0.02');
ALTER TABLE ONLY public.cards ALTER COLUMN company_id SET STATISTICS 1000;

-- Name: TABLE cards; Type: COMMENT

COMMENT ON TABLE public.cards IS 'The cards, each as its last event says.';

-- Name: COLUMN cards.person_id; Type: COMMENT

COMMENT ON COLUMN public.cards.person_id IS 'The holder; null on a visitor card.';

-- Name: COLUMN cards.ordered_by; Type: COMMENT

COMMENT ON COLUMN public.cards.ordered_by IS 'Who ordered the card; never changes.';

-- Name: COLUMN cards.orderer_id; Type: COMMENT

COMMENT ON COLUMN public.cards.orderer_id IS 'Who is responsible for it now: whoever ordered it, or took it over.';

-- Name: COLUMN cards.status; Type: COMMENT

COMMENT ON COLUMN public.cards.status IS 'to_status of the last event. Written by the events alone.';

-- Name: COLUMN cards.version; Type: COMMENT

COMMENT ON COLUMN public.cards.version IS 'seq of the last event: what a page was made from, and must still be when its form comes back.';

-- Name: COLUMN cards.number; Type: COMMENT

COMMENT ON COLUMN public.cards.number IS 'In its canonical form AA-NNNN-NNNNNN; from production on.';

-- Name: COLUMN cards.chip_uid; Type: COMMENT

COMMENT ON COLUMN public.cards.chip_uid IS 'The RFID chip''s number in hexadecimal; null on a visitor card.';

-- Name: COLUMN cards.valid_to; Type: COMMENT

COMMENT ON COLUMN public.cards.valid_to IS 'The last day on which the card is valid.';

-- Name: COLUMN cards.printed_given_name; Type: COMMENT

COMMENT ON COLUMN public.cards.printed_given_name IS 'printed_*: what stands on the card, as it was at production; a later change does not touch it. Before, the names are those of the order.';

-- Name: COLUMN cards.sort_key; Type: COMMENT

COMMENT ON COLUMN public.cards.sort_key IS 'Key of the name that lists show: the printed one, before production the person''s.';

-- Name: COLUMN cards.other_key; Type: COMMENT

COMMENT ON COLUMN public.cards.other_key IS 'Key of the person''s name of today where another one is printed, so that the card is found by both.';

-- Name: COLUMN cards.personal_key; Type: COMMENT

COMMENT ON COLUMN public.cards.personal_key IS 'The holder''s Swedish number without century, so that a company searches its own cards only.';

-- Name: card_guard(public.cards, text, bigint, text); Type: FUNCTION

CREATE FUNCTION public.card_guard(c public.cards, p_action text, p_actor bigint, p_role text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    CASE p_role
    WHEN 'orderer', 'administrator' THEN
        IF NOT EXISTS (SELECT FROM memberships m
                       WHERE m.company_id = c.company_id AND m.person_id = p_actor AND m.role = p_role AND m.ended_at IS NULL) THEN
            RETURN 'card_events_member';
        END IF;
        IF p_role = 'orderer' AND c.orderer_id IS DISTINCT FROM p_actor AND NOT acts_for(c.company_id, c.orderer_id, p_actor) THEN
            RETURN 'card_events_responsible_orderer';
        END IF;
    WHEN 'holder' THEN
        IF c.person_id IS DISTINCT FROM p_actor THEN
            RETURN 'card_events_own_card';
        END IF;
    WHEN 'issuer' THEN
        IF NOT EXISTS (SELECT FROM issuer_staff i WHERE i.person_id = p_actor AND i.ended_at IS NULL) THEN
            RETURN 'card_events_member';
        END IF;
    ELSE
        NULL;
    END CASE;

    IF p_action IN ('activate', 'unblock') OR p_action = 'terminate' AND p_role = 'orderer' THEN
        IF EXISTS (SELECT FROM planned_actions g WHERE g.card_id = c.id AND g.action = 'terminate' AND g.grace AND g.outcome IS NULL) THEN
            RETURN 'card_events_in_grace';
        END IF;
    END IF;
    IF p_action IN ('activate', 'unblock') THEN
        IF c.valid_to < today() THEN
            RETURN 'card_events_not_expired';
        END IF;
        IF EXISTS (SELECT FROM cards n
                   WHERE n.company_id = c.company_id AND n.person_id = c.person_id AND n.status = 'active' AND n.id > c.id) THEN
            RETURN 'card_events_no_newer_active';
        END IF;
    END IF;
    IF p_action = 'review' AND c.kind = 'standard' AND NOT EXISTS (
        SELECT FROM current_orders o JOIN pictures p ON p.id = o.photo_id WHERE o.card_id = c.id AND p.there) THEN
        RETURN 'card_events_photo_to_review';
    END IF;
    RETURN NULL;
END
$$;

-- Name: FUNCTION card_guard(c public.cards, p_action text, p_actor bigint, p_role text); Type: COMMENT

COMMENT ON FUNCTION public.card_guard(c public.cards, p_action text, p_actor bigint, p_role text) IS 'Who is responsible, whose card it is, has it expired, is a newer one active: the name of the rule that refuses, or null.';

-- Name: card_orders_claim(); Type: FUNCTION

CREATE FUNCTION public.card_orders_claim() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE claims x SET order_card_id = NEW.card_id
    FROM cards faulty JOIN cards ordered ON ordered.person_id = faulty.person_id
    WHERE x.card_id = NEW.replaces_id AND x.accepted AND faulty.id = x.card_id AND ordered.id = NEW.card_id
      AND (x.order_card_id IS NULL OR x.order_card_id = NEW.card_id
           OR EXISTS (SELECT FROM cards o WHERE o.id = x.order_card_id AND o.status = 'cancelled'));
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a free replacement needs an accepted claim'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_orders_reclaimed_with_claim', TABLE = 'card_orders', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;

-- Name: card_orders_judge(); Type: FUNCTION

CREATE FUNCTION public.card_orders_judge() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

-- Name: card_orders_keep(); Type: FUNCTION

CREATE FUNCTION public.card_orders_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'what was ordered is only appended to'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'card_orders_append_only', TABLE = 'card_orders', SCHEMA = 'public';
END
$$;

-- Name: card_orders_photo(); Type: FUNCTION

CREATE FUNCTION public.card_orders_photo() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pictures p WHERE p.id = NEW.photo_id AND p.there) THEN
        RAISE EXCEPTION 'the photo was deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_orders_photo_there', TABLE = 'card_orders', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;

-- Name: card_orders_replace(); Type: FUNCTION

CREATE FUNCTION public.card_orders_replace() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

-- Name: card_orders_replaced(); Type: FUNCTION

CREATE FUNCTION public.card_orders_replaced() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

-- Name: card_refusal(public.cards, text, bigint, text); Type: FUNCTION

CREATE FUNCTION public.card_refusal(c public.cards, p_action text, p_actor bigint, p_role text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM card_permissions p WHERE p.action = p_action AND p.role = p_role) THEN
        RETURN 'card_events_permission';
    END IF;
    IF NOT EXISTS (SELECT FROM card_transitions t WHERE t.kind = c.kind AND t.action = p_action AND t.from_status = c.status) THEN
        RETURN 'card_events_transition';
    END IF;
    RETURN card_guard(c, p_action, p_actor, p_role);
END
$$;

-- Name: FUNCTION card_refusal(c public.cards, p_action text, p_actor bigint, p_role text); Type: COMMENT

COMMENT ON FUNCTION public.card_refusal(c public.cards, p_action text, p_actor bigint, p_role text) IS 'Why this actor cannot do this to this card now, by the name of the first rule in the way; null when nothing is. It asks the same tables and the same guard that judge the event itself.';

-- Name: card_valid_to(public.cards); Type: FUNCTION

CREATE FUNCTION public.card_valid_to(c public.cards) RETURNS date
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN (
        SELECT (today() + make_interval(months => r.months))::date
        FROM companies co
        LEFT JOIN persons p ON p.id = c.person_id
        LEFT JOIN current_orders o ON o.card_id = c.id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN coalesce(o.citizenship, 'SE') = 'SE' THEN 'SE'
                        WHEN EXISTS (SELECT FROM eea_countries e WHERE e.country = o.citizenship) THEN 'EEA' ELSE 'other' END AS citizenship,
                   CASE WHEN p.identity_kind IN ('passport', 'national_id') THEN 'foreign' ELSE p.identity_kind END AS identity,
                   CASE WHEN co.org_country = 'SE' THEN 'SE' ELSE 'foreign' END AS company) is_
        JOIN validity_rules r ON coalesce(r.kind, c.kind) = c.kind AND coalesce(r.citizenship, is_.citizenship) = is_.citizenship
            AND (r.identity IS NULL OR r.identity = is_.identity) AND coalesce(r.company, is_.company) = is_.company
        WHERE co.id = c.company_id
          AND r.valid_from = (SELECT max(v.valid_from) FROM validity_rules v WHERE v.valid_from <= today())
        ORDER BY r.position
        LIMIT 1);
END
$$;

-- Name: FUNCTION card_valid_to(c public.cards); Type: COMMENT

COMMENT ON FUNCTION public.card_valid_to(c public.cards) IS 'The last day of validity of a card that is produced today, by validity_rules.';

-- Name: cards_derive(); Type: FUNCTION

CREATE FUNCTION public.cards_derive() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

-- Name: cards_freeze(); Type: FUNCTION

CREATE FUNCTION public.cards_freeze() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'what is printed on a card is frozen at production'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'cards_printed_frozen', TABLE = 'cards', SCHEMA = 'public';
END
$$;

-- Name: cards_index_names(); Type: FUNCTION

CREATE FUNCTION public.cards_index_names() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        DELETE FROM card_names n
        USING unnest(ARRAY[OLD.sort_key, OLD.other_key]) k, key_words(k) w
        WHERE n.company_id = OLD.company_id AND n.word = w AND n.sort_key = k AND n.card_id = OLD.id;
    END IF;
    INSERT INTO card_names (company_id, word, sort_key, card_id)
    SELECT NEW.company_id, w, k, NEW.id FROM unnest(ARRAY[NEW.sort_key, NEW.other_key]) k, key_words(k) w;
    RETURN NULL;
END
$$;

-- Name: cards_make_holder(); Type: FUNCTION

CREATE FUNCTION public.cards_make_holder() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE logins l SET standing = l.standing || '{"holder": true}'
    WHERE l.person_id = NEW.person_id AND NOT (l.standing ->> 'holder')::boolean;
    RETURN NULL;
END
$$;

-- Name: claim_refusal(public.cards, bigint, text); Type: FUNCTION

CREATE FUNCTION public.claim_refusal(c public.cards, p_actor bigint, p_role text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    rule text;
BEGIN
    -- Whose card it is the guard of the events knows; a card that a newer one could end is in somebody's hands.
    rule := card_guard(c, 'claim', p_actor, p_role);
    IF rule IS NOT NULL THEN
        RETURN rule;
    END IF;
    IF NOT EXISTS (SELECT FROM card_transitions t WHERE t.kind = c.kind AND t.action = 'supersede' AND t.from_status = c.status) THEN
        RETURN 'claims_card_in_use';
    END IF;
    IF c.valid_to < today() THEN
        RETURN 'claims_not_expired';
    END IF;
    IF EXISTS (SELECT FROM claims x WHERE x.card_id = c.id AND x.accepted IS NOT FALSE) THEN
        RETURN 'claims_one_open';
    END IF;
    RETURN NULL;
END
$$;

-- Name: FUNCTION claim_refusal(c public.cards, p_actor bigint, p_role text); Type: COMMENT

COMMENT ON FUNCTION public.claim_refusal(c public.cards, p_actor bigint, p_role text) IS 'Why this actor cannot claim this card now, by the name of the first rule in the way; null when nothing is. The trigger on claims asks it too.';

-- Name: claims_before_insert(); Type: FUNCTION

CREATE FUNCTION public.claims_before_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    c    cards;
    rule text;
BEGIN
    SELECT x.* INTO c FROM cards x WHERE x.id = NEW.card_id AND x.company_id = NEW.company_id;
    IF NOT FOUND THEN
        RETURN NEW; -- the foreign key says so
    END IF;
    rule := claim_refusal(c, NEW.made_by, NEW.made_as);
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'claims', SCHEMA = 'public';
    END IF;
    NEW.kind := c.kind;
    NEW.effective := effective_status(c.status, c.valid_to, EXISTS (SELECT FROM suspended_companies x WHERE x.company_id = c.company_id), today());
    NEW.at_reader := coalesce((SELECT f.at_reader FROM claim_faults f WHERE f.fault = NEW.fault), false);
    RETURN NEW;
END
$$;

-- Name: cleanup_before(text); Type: FUNCTION

CREATE FUNCTION public.cleanup_before(p_cleanup text) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN (SELECT clock_now() - r.after FROM cleanup_rules r WHERE r.cleanup = p_cleanup);
END
$$;

-- Name: FUNCTION cleanup_before(p_cleanup text); Type: COMMENT

COMMENT ON FUNCTION public.cleanup_before(p_cleanup text) IS 'What has been so since then, or longer, is to be tidied up.';

-- Name: decide_claim(bigint, bigint, boolean, text); Type: FUNCTION

CREATE FUNCTION public.decide_claim(p_claim bigint, p_actor bigint, p_accept boolean, p_note text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    card bigint;
BEGIN
    PERFORM must_be_issuer(p_actor);
    UPDATE claims x SET accepted = p_accept, decided_by = p_actor, decided_at = clock_now(), decision_note = p_note
    WHERE x.id = p_claim AND x.accepted IS NULL
    RETURNING x.card_id INTO card;
    IF card IS NULL AND EXISTS (SELECT FROM claims x WHERE x.id = p_claim) THEN
        RAISE EXCEPTION 'the claim is decided'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'claims_decided_once', TABLE = 'claims', SCHEMA = 'public';
    END IF;
    RETURN card;
END
$$;

-- Name: FUNCTION decide_claim(p_claim bigint, p_actor bigint, p_accept boolean, p_note text); Type: COMMENT

COMMENT ON FUNCTION public.decide_claim(p_claim bigint, p_actor bigint, p_accept boolean, p_note text) IS 'The issuer''s answer to a claim, once. Returns the card; null when there is no such claim.';

-- Name: deputies_before_insert(); Type: FUNCTION

CREATE FUNCTION public.deputies_before_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    rule text;
BEGIN
    PERFORM lock_company(NEW.company_id);
    rule := CASE
        WHEN NOT (works_as(NEW.company_id, NEW.named_by, 'administrator')
                  OR NEW.named_by = NEW.orderer_id AND works_as(NEW.company_id, NEW.named_by, 'orderer')) THEN 'deputies_named_by_right'
        WHEN NOT works_as(NEW.company_id, NEW.orderer_id, 'orderer') THEN 'deputies_for_an_orderer'
        WHEN NOT works_as(NEW.company_id, NEW.deputy_id, 'orderer') THEN 'deputies_is_orderer'
        WHEN NEW.first_day < today() THEN 'deputies_not_backdated'
        WHEN EXISTS (SELECT FROM deputies d
                     WHERE d.company_id = NEW.company_id AND d.orderer_id = NEW.orderer_id AND d.cancelled_at IS NULL
                       AND d.first_day <= NEW.last_day AND d.last_day >= NEW.first_day) THEN 'deputies_one_at_a_time'
    END;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'deputies', SCHEMA = 'public';
    END IF;
    RETURN NEW;
END
$$;

-- Name: effective_status(text, date, boolean, date); Type: FUNCTION

CREATE FUNCTION public.effective_status(p_status text, p_valid_to date, p_suspended boolean, p_day date) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    SELECT CASE
        WHEN p_status IN ('produced', 'active', 'blocked') AND p_valid_to < p_day THEN 'expired'
        WHEN p_status = 'active' AND p_suspended THEN 'suspended'
        ELSE p_status
    END
$$;

-- Name: FUNCTION effective_status(p_status text, p_valid_to date, p_suspended boolean, p_day date); Type: COMMENT

COMMENT ON FUNCTION public.effective_status(p_status text, p_valid_to date, p_suspended boolean, p_day date) IS 'What a card is on a day: its status, unless it has expired (for good) or its company is suspended (for now).';

-- Name: end_attempt(bigint, integer, text, text); Type: FUNCTION

CREATE FUNCTION public.end_attempt(p_message bigint, p_n integer, p_outcome text, p_error text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM FROM messages m WHERE m.id = p_message FOR UPDATE;
    UPDATE message_attempts a SET ended_at = clock_now(), outcome = p_outcome, error = p_error
    WHERE a.message_id = p_message AND a.n = p_n AND a.outcome IS NULL;
    RETURN FOUND;
END
$$;

-- Name: FUNCTION end_attempt(p_message bigint, p_n integer, p_outcome text, p_error text); Type: COMMENT

COMMENT ON FUNCTION public.end_attempt(p_message bigint, p_n integer, p_outcome text, p_error text) IS 'Writes down what became of an attempt, once. false when that stands there already.';

-- Name: fold_key(text); Type: FUNCTION

CREATE FUNCTION public.fold_key(key text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT translate(key, '{|}', 'aao') $$;

-- Name: FUNCTION fold_key(key text); Type: COMMENT

COMMENT ON FUNCTION public.fold_key(key text) IS 'A name key without its last diacritics: what somebody types who has no å, ä and ö.';

-- Name: forget_jpegs(uuid[]); Type: FUNCTION

CREATE FUNCTION public.forget_jpegs(p_keys uuid[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$ UPDATE pictures SET jpeg = NULL WHERE key = ANY (p_keys) AND deleted_at IS NOT NULL $$;

-- Name: FUNCTION forget_jpegs(p_keys uuid[]); Type: COMMENT

COMMENT ON FUNCTION public.forget_jpegs(p_keys uuid[]) IS 'Deletes the bytes of pictures whose time is out from the database, and of no others.';

-- Name: forget_pictures(bigint, integer); Type: FUNCTION

CREATE FUNCTION public.forget_pictures(p_after bigint, p_limit integer, OUT last bigint, OUT forgotten integer) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    ids bigint[];
BEGIN
    SELECT max(x.id) INTO last FROM (SELECT p.id FROM pictures p WHERE p.deleted_at IS NULL AND p.id > p_after ORDER BY p.id LIMIT p_limit) x;
    -- An order on its way with the picture holds it by its foreign key: the picture is passed over.
    ids := ARRAY(
        SELECT p.id FROM pictures p JOIN pictures_kept k ON k.id = p.id
        WHERE p.deleted_at IS NULL AND p.id > p_after AND p.id <= last AND k.until <= clock_now()
        ORDER BY p.id FOR UPDATE OF p SKIP LOCKED);
    -- Looked at again with the lock held: an order may have come between the look and the lock. Later
    -- ones wait, and hear that it is gone.
    UPDATE pictures p SET there = false, deleted_at = clock_now()
    FROM pictures_kept k
    WHERE p.id = ANY (ids) AND k.id = p.id AND k.until <= clock_now();
    GET DIAGNOSTICS forgotten = ROW_COUNT;
END
$$;

-- Name: FUNCTION forget_pictures(p_after bigint, p_limit integer, OUT last bigint, OUT forgotten integer); Type: COMMENT

COMMENT ON FUNCTION public.forget_pictures(p_after bigint, p_limit integer, OUT last bigint, OUT forgotten integer) IS 'Ends those of the next pictures after p_after, at most so many, whose time is out by pictures_kept: nobody sees them from now on, and by their key their bytes are to be deleted. last: where the next call goes on; null when none was left. forgotten: how many ended.';

-- Name: forget_plans(integer); Type: FUNCTION

CREATE FUNCTION public.forget_plans(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    n    integer;
    most integer;
BEGIN
    DELETE FROM selections WHERE id IN (
        SELECT s.id FROM selections s WHERE s.created_at <= clock_now() - retention('selection')
        ORDER BY s.created_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS most = ROW_COUNT;
    DELETE FROM plans WHERE id IN (
        SELECT p.id FROM plans p
        WHERE p.created_at <= clock_now() - retention('plan') AND NOT EXISTS (SELECT FROM runs r WHERE r.plan_id = p.id)
          AND NOT EXISTS (SELECT FROM plans l WHERE p.id IN (l.after_id, l.undoes_id))
        ORDER BY p.created_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN greatest(n, most);
END
$$;

-- Name: FUNCTION forget_plans(p_limit integer); Type: COMMENT

COMMENT ON FUNCTION public.forget_plans(p_limit integer) IS 'Deletes selections and plans that were never done, when retention_rules do not keep them any longer: at most so many of each. Returns the larger number.';

-- Name: forget_rows(integer); Type: FUNCTION

CREATE FUNCTION public.forget_rows(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

-- Name: FUNCTION forget_rows(p_limit integer); Type: COMMENT

COMMENT ON FUNCTION public.forget_rows(p_limit integer) IS 'Deletes rows whose time is out by retention_rules, at most so many of each table. Returns how many of the table that lost most: with p_limit there may be more.';

-- Name: grace_changes_apply(); Type: FUNCTION

CREATE FUNCTION public.grace_changes_apply() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM memberships m
                   WHERE m.company_id = NEW.company_id AND m.person_id = NEW.changed_by AND m.role = 'administrator' AND m.ended_at IS NULL) THEN
        RAISE EXCEPTION 'the grace time is an administrator''s to change'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'grace_changes_by_administrator', TABLE = 'grace_changes', SCHEMA = 'public';
    END IF;
    UPDATE companies co SET grace_hours = NEW.grace_hours WHERE co.id = NEW.company_id;
    RETURN NULL;
END
$$;

-- Name: hand_over_some(bigint, integer); Type: FUNCTION

CREATE FUNCTION public.hand_over_some(p_hand_over bigint, p_limit integer) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    h    hand_overs;
    next bigint[];
    rule text;
    n    integer := 0;
BEGIN
    -- Of two at once the second waits, and goes on where the first ended.
    SELECT x.* INTO h FROM hand_overs x WHERE x.id = p_hand_over FOR UPDATE;
    IF NOT FOUND THEN
        RETURN 'not_found';
    END IF;
    IF h.finished_at IS NOT NULL THEN
        RETURN 'was_finished';
    END IF;
    IF h.then_ends <> 'nothing' THEN
        -- Who orders at this moment is done before, so that the card is among those below, or comes too late. The company comes first as
        -- wherever a role changes.
        PERFORM lock_company(h.company_id);
        PERFORM FROM memberships m WHERE m.company_id = h.company_id AND m.person_id = h.from_id AND m.role = 'orderer' FOR NO KEY UPDATE;
    END IF;
    BEGIN
        next := ARRAY(
            SELECT c.id
            FROM cards c
            WHERE c.company_id = h.company_id AND c.orderer_id = h.from_id AND c.status <> ALL (ARRAY(SELECT s.status FROM card_statuses s WHERE s.final))
            ORDER BY c.sort_key, c.id LIMIT p_limit);
        -- Their plans before them, as whoever settles or withdraws one does.
        PERFORM FROM planned_actions p WHERE p.card_id = ANY (next) AND p.outcome IS NULL ORDER BY p.id FOR UPDATE;
        WITH held AS MATERIALIZED (
            -- No join: a card whose status changes while it is waited for is looked at again, and must still be found.
            SELECT c.id, c.version, c.kind, c.status
            FROM cards c
            WHERE c.id = ANY (next)
              AND c.company_id = h.company_id AND c.orderer_id = h.from_id AND c.status <> ALL (ARRAY(SELECT s.status FROM card_statuses s WHERE s.final))
            ORDER BY c.sort_key, c.id
            FOR NO KEY UPDATE)
        INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason, note, successor_id)
        SELECT x.id, x.version + 1, h.company_id, x.kind, h.action, x.status, x.status, h.asked_by, 'administrator', h.reason, h.note, h.to_id
        FROM held x;
        GET DIAGNOSTICS n = ROW_COUNT;
        IF n = p_limit OR EXISTS (
            SELECT FROM cards c JOIN card_statuses s ON s.status = c.status
            WHERE c.company_id = h.company_id AND c.orderer_id = h.from_id AND NOT s.final) THEN
            UPDATE hand_overs x SET done = x.done + n WHERE x.id = h.id;
            RETURN 'more';
        END IF;
    EXCEPTION WHEN check_violation THEN
        GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
        IF rule = 'card_events_due_first' THEN
            RAISE; -- no obstacle: once that is settled the hand-over goes on
        END IF;
        n := 0;
    END;
    IF rule IS NULL AND h.then_ends <> 'nothing' THEN
        BEGIN
            INSERT INTO membership_events (company_id, person_id, role, action, actor_id)
            SELECT m.company_id, m.person_id, m.role, 'end', h.asked_by
            FROM memberships m
            WHERE m.company_id = h.company_id AND m.person_id = h.from_id AND m.ended_at IS NULL AND (h.then_ends = 'membership' OR m.role = 'orderer');
        EXCEPTION WHEN check_violation THEN
            GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
        END;
    END IF;
    UPDATE hand_overs x SET done = x.done + n, finished_at = clock_now(), refused_by = rule WHERE x.id = h.id;
    RETURN 'finished';
END
$$;

-- Name: FUNCTION hand_over_some(p_hand_over bigint, p_limit integer); Type: COMMENT

COMMENT ON FUNCTION public.hand_over_some(p_hand_over bigint, p_limit integer) IS 'Hands over the next of the cards, at most so many, and with the last of them ends what is to end. Answers more, finished (once: also when a rule stopped it), was_finished or not_found.';

-- Name: hand_overs_after_insert(); Type: FUNCTION

CREATE FUNCTION public.hand_overs_after_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF NEW.from_id <> NEW.asked_by THEN
        INSERT INTO membership_events (company_id, person_id, role, action, actor_id)
        VALUES (NEW.company_id, NEW.from_id, 'administrator', 'end', NEW.asked_by);
    ELSIF last_administrator(NEW.company_id, NEW.from_id) THEN
        RAISE EXCEPTION 'the last administrator stays'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_last_administrator', TABLE = 'memberships', SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;

-- Name: hand_overs_before_insert(); Type: FUNCTION

CREATE FUNCTION public.hand_overs_before_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    rule text;
BEGIN
    PERFORM lock_company(NEW.company_id);
    rule := CASE
        WHEN NOT works_as(NEW.company_id, NEW.asked_by, 'administrator') THEN 'hand_overs_by_administrator'
        WHEN NOT works_as(NEW.company_id, NEW.to_id, 'orderer') THEN 'hand_overs_to_an_orderer'
        -- Who is giving all cards away gets none, and the other way round: they would never end.
        WHEN EXISTS (SELECT FROM hand_overs h
                     WHERE h.company_id = NEW.company_id AND h.finished_at IS NULL AND (h.from_id = NEW.to_id OR h.to_id = NEW.from_id))
            THEN 'hand_overs_one_way'
    END;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'hand_overs', SCHEMA = 'public';
    END IF;
    NEW.cards := (SELECT count(*) FROM cards c JOIN card_statuses s ON s.status = c.status
                  WHERE c.company_id = NEW.company_id AND c.orderer_id = NEW.from_id AND NOT s.final);
    RETURN NEW;
END
$$;

-- Name: hold_review(bigint, bigint); Type: FUNCTION

CREATE FUNCTION public.hold_review(p_actor bigint, p_after bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    next bigint;
    mine bigint;
BEGIN
    PERFORM must_be_issuer(p_actor);
    LOOP
        -- First those after p_after, then from the beginning.
        SELECT c.id INTO next FROM cards c
        WHERE c.status = 'ordered'
          AND card_guard(c, 'review', p_actor, 'issuer') IS NULL
          AND NOT EXISTS (SELECT FROM review_holds d WHERE d.card_id = c.id AND d.person_id <> p_actor AND d.until > clock_now())
          AND c.id > p_after
        ORDER BY c.id LIMIT 1;
        IF next IS NULL AND p_after > 0 THEN
            p_after := 0;
            CONTINUE;
        END IF;
        DELETE FROM review_holds d WHERE d.person_id = p_actor AND d.card_id IS DISTINCT FROM next;
        IF next IS NULL THEN
            RETURN NULL;
        END IF;
        INSERT INTO review_holds AS d (card_id, person_id, until) VALUES (next, p_actor, clock_now() + interval '5 minutes')
        ON CONFLICT (card_id) DO UPDATE SET person_id = p_actor, until = EXCLUDED.until
            WHERE d.person_id = p_actor OR d.until <= clock_now()
        RETURNING d.card_id INTO mine;
        IF mine IS NOT NULL THEN
            RETURN mine;
        END IF;
        -- Somebody else was faster; the next look sees that claim.
    END LOOP;
END
$$;

-- Name: FUNCTION hold_review(p_actor bigint, p_after bigint); Type: COMMENT

COMMENT ON FUNCTION public.hold_review(p_actor bigint, p_after bigint) IS 'The oldest order after p_after, or from the beginning, that can be reviewed and that nobody else is looking at: it is the clerk''s for five minutes, and no other one is any more. Null: none is left.';

-- Name: import_orders(bigint, bigint, jsonb); Type: FUNCTION

CREATE FUNCTION public.import_orders(p_company bigint, p_orderer bigint, p_rows jsonb) RETURNS TABLE(nth integer, rule text)
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $_$
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
$_$;

-- Name: FUNCTION import_orders(p_company bigint, p_orderer bigint, p_rows jsonb); Type: COMMENT

COMMENT ON FUNCTION public.import_orders(p_company bigint, p_orderer bigint, p_rows jsonb) IS 'Orders a standard card for each row of a spreadsheet on behalf of the orderer, of the rows for one person the first that can be, and tells for each the rule that refused it, or null. The caller rolls back what is not to stay.';

-- Name: key_words(text); Type: FUNCTION

CREATE FUNCTION public.key_words(key text) RETURNS SETOF text
    LANGUAGE plpgsql IMMUTABLE STRICT ROWS 3 PARALLEL SAFE
    AS $$
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

-- Name: FUNCTION key_words(key text); Type: COMMENT

COMMENT ON FUNCTION public.key_words(key text) IS 'The words under which a name is found: each as it is, and those with å ä ö once more folded, behind a ~ that sorts them last.';

-- Name: known_elsewhere(bigint, bigint, text); Type: FUNCTION

CREATE FUNCTION public.known_elsewhere(p_person bigint, p_company bigint, p_email text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    here timestamptz := least(
        (SELECT min(m.since) FROM memberships m WHERE m.person_id = p_person AND m.company_id = p_company AND m.ended_at IS NULL),
        (SELECT min(c.created_at) FROM cards c WHERE c.person_id = p_person AND c.company_id = p_company
                                                 AND c.status NOT IN (SELECT s.status FROM card_statuses s WHERE s.final)));
BEGIN
    RETURN EXISTS (SELECT FROM issuer_staff i WHERE i.person_id = p_person AND i.ended_at IS NULL)
        OR EXISTS (
            SELECT FROM (
                SELECT m.company_id, m.since FROM memberships m WHERE m.person_id = p_person AND m.ended_at IS NULL
                UNION ALL
                SELECT c.company_id, c.created_at FROM cards c
                WHERE c.person_id = p_person AND c.status NOT IN (SELECT s.status FROM card_statuses s WHERE s.final)) k
            WHERE k.company_id <> p_company AND k.since < coalesce(here, 'infinity')
              AND NOT EXISTS (SELECT FROM messages m WHERE m.person_id = p_person AND m.company_id = k.company_id AND m.email = p_email)
              AND NOT EXISTS (SELECT FROM cards c JOIN card_orders o ON o.card_id = c.id
                              WHERE c.person_id = p_person AND c.company_id = k.company_id AND o.email = p_email));
END
$$;

-- Name: FUNCTION known_elsewhere(p_person bigint, p_company bigint, p_email text); Type: COMMENT

COMMENT ON FUNCTION public.known_elsewhere(p_person bigint, p_company bigint, p_email text) IS 'Whether a person has worked for another company, or had a card of it, for longer, and that company does not know this address as the person''s; or is of the issuer''s staff. The company that has known a person longest is believed.';

-- Name: last_administrator(bigint, bigint); Type: FUNCTION

CREATE FUNCTION public.last_administrator(p_company bigint, p_person bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM memberships m
        WHERE m.company_id = p_company AND m.role = 'administrator' AND m.person_id <> p_person AND m.ended_at IS NULL
          -- Who was only invited does not stand in for somebody who can log in.
          AND (EXISTS (SELECT FROM logins l WHERE l.person_id = m.person_id AND l.disabled_at IS NULL)
               OR NOT EXISTS (SELECT FROM logins l WHERE l.person_id = p_person AND l.disabled_at IS NULL)));
END
$$;

-- Name: FUNCTION last_administrator(p_company bigint, p_person bigint); Type: COMMENT

COMMENT ON FUNCTION public.last_administrator(p_company bigint, p_person bigint) IS 'Whether nobody would be left to look after a company without a person who is its administrator: an administrator who can log in, if the person can.';

-- Name: links; Type: TABLE

CREATE TABLE public.links (
    token_hash bytea NOT NULL,
    message_id bigint NOT NULL,
    purpose text NOT NULL,
    person_id bigint NOT NULL,
    card_id bigint,
    company_id bigint,
    email text NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT links_token_hash_length CHECK ((length(token_hash) = 32))
);

-- Name: TABLE links; Type: COMMENT

COMMENT ON TABLE public.links IS 'Personal links in mails: each can be used once, until it expires, and until a later message brings another for the same. A message that was sent twice has two, of which one can be used.';

-- Name: COLUMN links.token_hash; Type: COMMENT

COMMENT ON COLUMN public.links.token_hash IS 'SHA-256 of the token; the token itself is only in the mail.';

-- Name: COLUMN links.message_id; Type: COMMENT

COMMENT ON COLUMN public.links.message_id IS 'The mail that carries it, from which everything else is copied.';

-- Name: COLUMN links.purpose; Type: COMMENT

COMMENT ON COLUMN public.links.purpose IS 'The one thing it is good for.';

-- Name: COLUMN links.email; Type: COMMENT

COMMENT ON COLUMN public.links.email IS 'Where it was sent: who has the link reads what goes to this address.';

-- Name: COLUMN links.expires_at; Type: COMMENT

COMMENT ON COLUMN public.links.expires_at IS 'From then on it is good for nothing.';

-- Name: COLUMN links.used_at; Type: COMMENT

COMMENT ON COLUMN public.links.used_at IS 'When it was used; null until then.';

-- Name: link_refusal(public.links, text); Type: FUNCTION

CREATE FUNCTION public.link_refusal(l public.links, p_purpose text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    IF l.purpose <> p_purpose THEN
        RETURN 'links_other_purpose';
    END IF;
    IF EXISTS (SELECT FROM links x WHERE x.person_id = l.person_id AND x.purpose = l.purpose AND x.message_id = l.message_id AND x.used_at IS NOT NULL) THEN
        RETURN 'links_used_once';
    END IF;
    IF EXISTS (SELECT FROM links x WHERE x.person_id = l.person_id AND x.purpose = l.purpose AND x.message_id > l.message_id
                                     AND x.card_id IS NOT DISTINCT FROM l.card_id AND x.company_id IS NOT DISTINCT FROM l.company_id) THEN
        RETURN 'links_newest';
    END IF;
    IF l.expires_at <= clock_now() THEN
        RETURN 'links_not_expired';
    END IF;
    IF l.purpose IN ('invite', 'approve') AND NOT EXISTS (SELECT FROM logins g WHERE g.person_id = l.person_id) THEN
        IF l.purpose = 'invite' AND l.company_id IS NOT NULL AND NOT EXISTS (
               SELECT FROM memberships m WHERE m.company_id = l.company_id AND m.person_id = l.person_id AND m.ended_at IS NULL)
           OR EXISTS (SELECT FROM cards c JOIN card_statuses s ON s.status = c.status WHERE c.id = l.card_id AND s.final) THEN
            RETURN 'links_still_meant';
        END IF;
        -- Of no company are the operator's own invitations.
        IF l.company_id IS NOT NULL AND known_elsewhere(l.person_id, l.company_id, l.email) THEN
            RETURN 'links_known_elsewhere';
        END IF;
    END IF;
    RETURN NULL;
END
$$;

-- Name: FUNCTION link_refusal(l public.links, p_purpose text); Type: COMMENT

COMMENT ON FUNCTION public.link_refusal(l public.links, p_purpose text) IS 'Why a link cannot be used for a purpose now, by the name of the rule in the way; null when nothing is.';

-- Name: lock_company(bigint); Type: FUNCTION

CREATE FUNCTION public.lock_company(p_company bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    -- The row is only locked and never changed, so that nothing else would keep an old snapshot from going on.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'who has which role is decided by what there is now'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_read_committed', TABLE = 'memberships', SCHEMA = 'public';
    END IF;
    PERFORM FROM companies c WHERE c.id = p_company FOR NO KEY UPDATE;
END
$$;

-- Name: FUNCTION lock_company(p_company bigint); Type: COMMENT

COMMENT ON FUNCTION public.lock_company(p_company bigint) IS 'Who changes roles, deputies or hand-overs of a company waits here for whoever did so before, and then sees what that was.';

-- Name: logins_follow_standing(); Type: FUNCTION

CREATE FUNCTION public.logins_follow_standing() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    whom bigint[];
BEGIN
    IF TG_TABLE_NAME = 'companies' THEN
        whom := ARRAY(SELECT DISTINCT m.person_id FROM memberships m WHERE m.company_id = NEW.id AND m.ended_at IS NULL);
    ELSIF TG_TABLE_NAME = 'persons' THEN
        whom := ARRAY[NEW.id];
    ELSE
        whom := ARRAY[coalesce(NEW.person_id, OLD.person_id)];
    END IF;
    PERFORM FROM logins l WHERE l.person_id = ANY (whom) ORDER BY l.person_id FOR UPDATE;
    UPDATE logins l SET standing = person_standing(l.person_id) WHERE l.person_id = ANY (whom);
    RETURN NULL;
END
$$;

-- Name: logins_take_standing(); Type: FUNCTION

CREATE FUNCTION public.logins_take_standing() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM FROM persons p WHERE p.id = NEW.person_id FOR UPDATE;
    NEW.standing := coalesce(person_standing(NEW.person_id), '{}'); -- without a person the foreign key refuses
    RETURN NEW;
END
$$;

-- Name: make_batch(bigint, text, integer); Type: FUNCTION

CREATE FUNCTION public.make_batch(p_actor bigint, p_supplier text, p_limit integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

-- Name: FUNCTION make_batch(p_actor bigint, p_supplier text, p_limit integer); Type: COMMENT

COMMENT ON FUNCTION public.make_batch(p_actor bigint, p_supplier text, p_limit integer) IS 'Puts the oldest cards that wait for production into a batch, at most so many, each with the next number of the series, its last day of validity and what is printed on it. Null: nothing waits, or no such series.';

-- Name: make_link(bigint, bytea); Type: FUNCTION

CREATE FUNCTION public.make_link(p_message bigint, p_token_hash bytea) RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    until timestamptz;
BEGIN
    INSERT INTO links (token_hash, message_id, purpose, person_id, card_id, company_id, email, expires_at)
    SELECT p_token_hash, m.id, p.purpose, m.person_id, m.card_id, m.company_id, m.email, clock_now() + p.lasts
    FROM messages m JOIN message_templates t ON t.template = m.template JOIN link_purposes p ON p.purpose = t.purpose
    WHERE m.id = p_message
    RETURNING expires_at INTO until;
    RETURN until;
END
$$;

-- Name: FUNCTION make_link(p_message bigint, p_token_hash bytea); Type: COMMENT

COMMENT ON FUNCTION public.make_link(p_message bigint, p_token_hash bytea) IS 'Makes the link that a message carries. Returns when it expires; null for a message that carries none.';

-- Name: make_plan(bigint, bigint, text[], text, text, text, date, bigint, bigint, bigint[], integer[], bigint[], bigint[], text[]); Type: FUNCTION

CREATE FUNCTION public.make_plan(p_company bigint, p_person bigint, p_roles text[], p_action text, p_reason text, p_note text, p_starts_on date, p_undoes bigint, p_after bigint, p_cards bigint[], p_versions integer[], p_successors bigint[], p_planned bigint[], p_refused text[]) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    plan  bigint;
    event text;
    role  text;
    most  integer;
    n     integer;
    grace smallint;
    rule  text;
    day   date := today();
    fees  text[] := ARRAY(SELECT f.status FROM billed_statuses f);
BEGIN
    SELECT a.event, a.most INTO event, most FROM plan_actions a WHERE a.action = p_action;
    role := coalesce((SELECT m.role FROM card_permissions m WHERE m.action = event AND m.role = ANY (p_roles) LIMIT 1), p_roles[1]);
    rule := CASE
        -- To withdraw is no choice: it undoes a run, or tries that once more, and says what of each card.
        WHEN p_action = 'withdraw' AND (p_undoes IS NULL AND p_after IS NULL OR p_planned IS NULL OR array_position(p_planned, NULL) IS NOT NULL)
            THEN 'plans_action'
        WHEN cardinality(p_cards) > most THEN 'plan_cards_most'
        WHEN p_starts_on <= day THEN 'plans_starts_on_ahead'
        WHEN p_starts_on > day + interval '1 year' THEN 'plans_starts_on_within_a_year'
        WHEN NOT EXISTS (SELECT FROM memberships m WHERE m.company_id = p_company AND m.person_id = p_person AND m.role = ANY (p_roles)
                         AND m.role IN ('orderer', 'administrator') AND m.ended_at IS NULL) THEN 'card_events_member'
    END;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'plans', SCHEMA = 'public';
    END IF;
    SELECT co.grace_hours INTO grace FROM companies co
    WHERE co.id = p_company AND p_action = 'terminate' AND p_reason <> 'stolen' AND p_starts_on IS NULL;
    INSERT INTO plans (company_id, made_by, made_as, action, reason, note, starts_on, grace_hours, price, undoes_id, after_id)
    VALUES (p_company, p_person, role, p_action, p_reason, p_note, p_starts_on, coalesce(grace, 0), (SELECT f.price FROM current_fee f), p_undoes, p_after)
    RETURNING id INTO plan;
    INSERT INTO plan_cards (plan_id, card_id, version, effective, planned_id, orderer_id, successor_id, verdict, rule, instead, saves)
    SELECT plan, c.id, coalesce(x.version, c.version),
           effective_status(c.status, c.valid_to, EXISTS (SELECT FROM suspended_companies u WHERE u.company_id = c.company_id), day),
           x.planned_id, c.orderer_id, x.successor_id, v.verdict,
           CASE WHEN v.verdict IN ('instead', 'refused') THEN j.rule ELSE '' END,
           CASE WHEN v.verdict = 'instead' THEN i.instead ELSE '' END,
           CASE WHEN v.verdict = 'change' AND p_action <> 'replace' AND (c.valid_to IS NULL OR c.valid_to >= coalesce(p_starts_on, day))
                     AND (p_action <> 'withdraw' OR EXISTS (SELECT FROM planned_actions a WHERE a.id = x.planned_id AND a.blocked_seq IS NOT NULL))
                THEN (s.status = ANY (fees))::integer - (coalesce(t.to_status, s.status) = ANY (fees))::integer ELSE 0 END
    FROM ROWS FROM (unnest(p_cards), unnest(p_versions), unnest(p_successors), unnest(p_planned), unnest(p_refused)) x (card_id, version, successor_id, planned_id, refused)
    JOIN cards c ON c.id = x.card_id AND c.company_id = p_company
    CROSS JOIN LATERAL (
        SELECT CASE WHEN p_starts_on IS NULL THEN c.status ELSE planned_status(c, p_starts_on::timestamp AT TIME ZONE 'Europe/Stockholm') END AS status OFFSET 0) s
    LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = event AND t.from_status = s.status
    CROSS JOIN LATERAL (
        SELECT coalesce(CASE WHEN p_action = 'replace' THEN x.refused
                             WHEN p_action = 'withdraw' THEN card_guard(c, p_action, p_person, role)
                             WHEN p_starts_on IS NOT NULL THEN plan_refusal(c, p_action, p_person, p_starts_on::timestamp AT TIME ZONE 'Europe/Stockholm')
                             ELSE card_refusal(c, event, p_person, role) END,
                        CASE WHEN p_action = 'hand_over' AND NOT EXISTS (
                            SELECT FROM memberships m
                            WHERE m.company_id = p_company AND m.person_id = x.successor_id AND m.role = 'orderer' AND m.ended_at IS NULL)
                             THEN 'card_events_successor_is_orderer' END, '') AS rule OFFSET 0) j
    LEFT JOIN LATERAL (
        SELECT n.instead FROM plan_instead n JOIN plan_actions a ON a.action = n.instead
        WHERE j.rule = 'card_events_transition' AND n.action = p_action AND s.status = c.status AND card_refusal(c, a.event, p_person, role) IS NULL
        ORDER BY n.position LIMIT 1) i ON true
    CROSS JOIN LATERAL (
        SELECT CASE WHEN x.version <> c.version THEN 'changed'
                    WHEN x.planned_id IS NOT NULL AND NOT EXISTS (
                        SELECT FROM planned_actions a WHERE a.id = x.planned_id AND a.card_id = c.id AND a.outcome IS NULL) THEN 'changed'
                    WHEN x.successor_id = c.orderer_id THEN 'already'
                    WHEN j.rule = '' THEN 'change'
                    WHEN j.rule = 'card_events_transition' AND p_action NOT IN ('replace', 'hand_over', 'withdraw')
                         AND EXISTS (SELECT FROM card_transitions r WHERE r.kind = c.kind AND r.action = event AND r.to_status = s.status) THEN 'already'
                    WHEN i.instead IS NOT NULL THEN 'instead'
                    ELSE 'refused' END AS verdict) v;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n = 0 OR n <> cardinality(p_cards) THEN
        RAISE EXCEPTION 'a plan is about cards of its company, each once'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plan_cards_of_company', TABLE = 'plan_cards', SCHEMA = 'public';
    END IF;
    RETURN plan;
END
$$;

-- Name: FUNCTION make_plan(p_company bigint, p_person bigint, p_roles text[], p_action text, p_reason text, p_note text, p_starts_on date, p_undoes bigint, p_after bigint, p_cards bigint[], p_versions integer[], p_successors bigint[], p_planned bigint[], p_refused text[]); Type: COMMENT

COMMENT ON FUNCTION public.make_plan(p_company bigint, p_person bigint, p_roles text[], p_action text, p_reason text, p_note text, p_starts_on date, p_undoes bigint, p_after bigint, p_cards bigint[], p_versions integer[], p_successors bigint[], p_planned bigint[], p_refused text[]) IS 'Keeps what would become of some cards of a company if p_person did something with all of them, as the same rules say that would judge it: p_versions what the cards must still be, or null for as they are; p_successors to whom each is handed over; p_planned what is planned for each and is to be withdrawn; p_refused for replace the rule that refused the order when it was tried, or null.';

-- Name: membership_events_apply(); Type: FUNCTION

CREATE FUNCTION public.membership_events_apply() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF NEW.action = 'begin' THEN
        INSERT INTO memberships (company_id, person_id, role) VALUES (NEW.company_id, NEW.person_id, NEW.role)
        ON CONFLICT ON CONSTRAINT memberships_pkey DO UPDATE SET since = excluded.since, ended_at = NULL;
        RETURN NULL;
    END IF;
    UPDATE memberships m SET ended_at = NEW.occurred_at
    WHERE m.company_id = NEW.company_id AND m.person_id = NEW.person_id AND m.role = NEW.role;
    IF NEW.role = 'orderer' THEN -- so that nobody is a deputy again who comes back
        UPDATE deputies d SET cancelled_at = NEW.occurred_at, cancelled_by = NEW.actor_id
        WHERE d.company_id = NEW.company_id AND NEW.person_id IN (d.orderer_id, d.deputy_id) AND d.cancelled_at IS NULL AND d.last_day >= today();
    END IF;
    RETURN NULL;
END
$$;

-- Name: membership_events_before_insert(); Type: FUNCTION

CREATE FUNCTION public.membership_events_before_insert() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM lock_company(NEW.company_id);
    IF NEW.actor_id IS NOT NULL AND NOT works_as(NEW.company_id, NEW.actor_id, 'administrator') THEN
        RAISE EXCEPTION 'roles are given by an administrator'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_events_by_administrator', TABLE = 'membership_events', SCHEMA = 'public';
    END IF;
    IF works_as(NEW.company_id, NEW.person_id, NEW.role) = (NEW.action = 'begin') THEN
        RETURN NULL; -- so it is already
    END IF;
    RETURN NEW;
END
$$;

-- Name: membership_events_keep(); Type: FUNCTION

CREATE FUNCTION public.membership_events_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'who had which role is only appended to'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'membership_events_append_only', TABLE = 'membership_events', SCHEMA = 'public';
END
$$;

-- Name: memberships_end(); Type: FUNCTION

CREATE FUNCTION public.memberships_end() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    rule text;
BEGIN
    PERFORM lock_company(OLD.company_id);
    IF OLD.role = 'administrator' AND last_administrator(OLD.company_id, OLD.person_id) THEN
        rule := 'memberships_last_administrator';
    ELSIF OLD.role = 'orderer' AND EXISTS (
        SELECT FROM cards c JOIN card_statuses s ON s.status = c.status
        WHERE c.company_id = OLD.company_id AND c.orderer_id = OLD.person_id AND NOT s.final) THEN
        rule := 'memberships_orderer_has_cards';
    END IF;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'memberships', SCHEMA = 'public';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;

-- Name: memberships_list_orderers(); Type: FUNCTION

CREATE FUNCTION public.memberships_list_orderers() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    -- A name that is being changed is waited for; one that will be waits and finds the row. First of all, or the two could wait for each other.
    PERFORM FROM persons p WHERE p.id IN (OLD.person_id, NEW.person_id) ORDER BY p.id FOR SHARE;
    IF OLD.role = 'orderer' THEN
        DELETE FROM listed_orderers o WHERE o.company_id = OLD.company_id AND o.person_id = OLD.person_id;
    END IF;
    IF NEW.role = 'orderer' THEN
        INSERT INTO listed_orderers (company_id, person_id, former, name_key, given_name, family_name)
        SELECT NEW.company_id, p.id, NEW.ended_at IS NOT NULL, p.name_key, p.given_name, p.family_name
        FROM persons p WHERE p.id = NEW.person_id;
    END IF;
    RETURN NULL;
END
$$;

-- Name: must_be_issuer(bigint); Type: FUNCTION

CREATE FUNCTION public.must_be_issuer(p_person bigint) RETURNS void
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM issuer_staff i WHERE i.person_id = p_person AND i.ended_at IS NULL) THEN
        RAISE EXCEPTION 'only the issuer''s staff' USING ERRCODE = 'check_violation', CONSTRAINT = 'card_events_member', SCHEMA = 'public';
    END IF;
END
$$;

-- Name: FUNCTION must_be_issuer(p_person bigint); Type: COMMENT

COMMENT ON FUNCTION public.must_be_issuer(p_person bigint) IS 'Refuses whoever is not of the issuer''s staff.';

-- Name: name_key(text); Type: FUNCTION

CREATE FUNCTION public.name_key(name text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
    AS $_$
BEGIN
    -- Nine names of ten are made of these letters; for them the long way gives the same, ten times slower.
    IF name ~ '^[A-Za-zÅÄÖåäö]+([ -][A-Za-zÅÄÖåäö]+)*$' THEN
        RETURN translate(name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZÅåÄäÖö-', 'abcdefghijklmnopqrstuvwxyz{{||}} ');
    END IF;
    -- First what has no other form or is a letter of its own in Swedish; then all other marks fall off.
    name := translate(normalize(name, NFC),
        'ÅåÄäÆæÖöØøĐđÐðŁłĦħŦŧĿŀı’`´ʼ{|}~',
        '{{||||}}}}ddddllhhttlli''''''''');
    name := replace(replace(replace(replace(replace(replace(replace(replace(replace(name,
        'ß', 'ss'), 'ẞ', 'ss'), 'œ', 'oe'), 'Œ', 'oe'), 'þ', 'th'), 'Þ', 'th'), 'ĳ', 'ij'), 'Ĳ', 'ij'), 'ŉ', 'n');
    name := regexp_replace(normalize(name, NFD), U&'[\0300-\036F]+', '', 'g');
    name := translate(name, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz');
    RETURN btrim(regexp_replace(name,
        U&'[\0001-\0020!-/:-@\005B-`\007F-\00A0\1680\2000-\206F\2212\3000\FEFF]+', ' ', 'g'));
END
$_$;

-- Name: FUNCTION name_key(name text); Type: COMMENT

COMMENT ON FUNCTION public.name_key(name text) IS 'The key of a name, for sorting and for searching: lower case, å ä ö as the three bytes after z ({ | }), other diacritics folded, everything between words one space. Under COLLATE "C" the keys sort as Swedish does.';

-- Name: oldest_transaction(); Type: FUNCTION

CREATE FUNCTION public.oldest_transaction() RETURNS interval
    LANGUAGE sql IMMUTABLE
    AS $$ SELECT interval '1 minute' $$;

-- Name: FUNCTION oldest_transaction(); Type: COMMENT

COMMENT ON FUNCTION public.oldest_transaction() IS 'How long ago a transaction may have begun that decides something: by its clock everything in it happens.';

-- Name: order_cards(bigint, bigint, jsonb); Type: FUNCTION

CREATE FUNCTION public.order_cards(p_company bigint, p_orderer bigint, p_orders jsonb) RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

-- Name: FUNCTION order_cards(p_company bigint, p_orderer bigint, p_orders jsonb); Type: COMMENT

COMMENT ON FUNCTION public.order_cards(p_company bigint, p_orderer bigint, p_orders jsonb) IS 'Orders a card for each new_order of a JSON array, all or none, on behalf of the orderer. A holder given by id is known to the company (cards_holder_known); one given by identity is entered in the register when it is nobody''s yet. Returns the cards.';

-- Name: orderers_index_names(); Type: FUNCTION

CREATE FUNCTION public.orderers_index_names() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    p bigint := CASE WHEN TG_TABLE_NAME = 'persons' THEN (to_jsonb(NEW) ->> 'id')::bigint ELSE (to_jsonb(NEW) ->> 'person_id')::bigint END;
BEGIN
    DELETE FROM orderer_names n WHERE n.person_id = p AND n.word IN (
        SELECT w FROM key_words(CASE WHEN TG_TABLE_NAME = 'persons' THEN to_jsonb(OLD) ->> 'name_key' END) w);
    INSERT INTO orderer_names (word, person_id)
    SELECT w, p FROM persons x, key_words(x.name_key) w
    WHERE x.id = p AND EXISTS (SELECT FROM memberships m WHERE m.person_id = p AND m.role = 'orderer')
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

-- Name: person_standing(bigint); Type: FUNCTION

CREATE FUNCTION public.person_standing(p_person bigint) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN (
        SELECT jsonb_build_object(
            'name', p.given_name || ' ' || p.family_name,
            'memberships', (
                SELECT jsonb_agg(jsonb_build_object('company', co.id, 'name', co.name, 'role', m.role) ORDER BY co.name, co.id, m.role)
                FROM memberships m JOIN companies co ON co.id = m.company_id
                WHERE m.person_id = p.id AND m.ended_at IS NULL),
            'issuer', EXISTS (SELECT FROM issuer_staff i WHERE i.person_id = p.id AND i.ended_at IS NULL),
            'holder', EXISTS (SELECT FROM cards c WHERE c.person_id = p.id))
        FROM persons p
        WHERE p.id = p_person);
END
$$;

-- Name: FUNCTION person_standing(p_person bigint); Type: COMMENT

COMMENT ON FUNCTION public.person_standing(p_person bigint) IS 'Name, roles in companies, and whether issuer or holder: what a person may be in the portal now.';

-- Name: persons_list_orderers(); Type: FUNCTION

CREATE FUNCTION public.persons_list_orderers() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE listed_orderers o SET name_key = NEW.name_key, given_name = NEW.given_name, family_name = NEW.family_name WHERE o.person_id = NEW.id;
    RETURN NULL;
END
$$;

-- Name: persons_rename_cards(); Type: FUNCTION

CREATE FUNCTION public.persons_rename_cards() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE cards
    SET sort_key  = CASE WHEN printed_family_name IS NULL THEN NEW.name_key ELSE sort_key END,
        other_key = CASE WHEN printed_family_name IS NOT NULL AND sort_key <> NEW.name_key THEN NEW.name_key END
    WHERE person_id = NEW.id;
    RETURN NULL;
END
$$;

-- Name: picture_arrived(bigint); Type: FUNCTION

CREATE FUNCTION public.picture_arrived(p_picture bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE pictures SET there = true WHERE id = p_picture AND NOT there AND deleted_at IS NULL;
    RETURN FOUND;
END
$$;

-- Name: FUNCTION picture_arrived(p_picture bigint); Type: COMMENT

COMMENT ON FUNCTION public.picture_arrived(p_picture bigint) IS 'The bytes of a picture are where they belong: from now on it can be seen. False when it was there already, or its time was out.';

-- Name: pictures_forgotten(uuid[]); Type: FUNCTION

CREATE FUNCTION public.pictures_forgotten(p_keys uuid[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$ UPDATE pictures SET key = NULL WHERE key = ANY (p_keys) AND deleted_at IS NOT NULL $$;

-- Name: FUNCTION pictures_forgotten(p_keys uuid[]); Type: COMMENT

COMMENT ON FUNCTION public.pictures_forgotten(p_keys uuid[]) IS 'The bytes of these pictures are deleted where they were: nothing leads to them any more.';

-- Name: plan_action(bigint, integer, bigint, bigint, text, text, text, date, smallint); Type: FUNCTION

CREATE FUNCTION public.plan_action(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_action text, p_reason text, p_note text, p_from date, p_hours smallint DEFAULT NULL::smallint) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    c       cards;
    due     timestamptz := p_from::timestamp AT TIME ZONE 'Europe/Stockholm';
    hours   smallint;
    rule    text;
    blocked integer;
BEGIN
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card AND x.company_id = p_company;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('activate', c.person_id));
    PERFORM FROM planned_actions p WHERE p.card_id = c.id AND p.outcome IS NULL ORDER BY p.id FOR UPDATE;
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card FOR NO KEY UPDATE;
    IF p_from IS NULL THEN
        SELECT co.grace_hours INTO hours FROM companies co WHERE co.id = c.company_id;
        -- A termination that is planned for earlier is not put off.
        due := least(clock_now() + hours * interval '1 hour',
                     (SELECT p.due_at FROM planned_actions p WHERE p.card_id = c.id AND p.action = p_action AND NOT p.grace AND p.outcome IS NULL));
    END IF;
    rule := CASE
        WHEN EXISTS (SELECT FROM planned_actions p WHERE p.card_id = c.id AND p.outcome IS NULL AND p.due_at <= clock_now()) THEN 'card_events_due_first'
        WHEN c.version <> p_version THEN 'planned_actions_version'
        WHEN p_from IS NULL AND (hours = 0 OR p_action <> 'terminate' OR p_reason = 'stolen') THEN 'planned_actions_without_grace'
        WHEN p_from IS NULL AND hours <> p_hours THEN 'planned_actions_other_grace'
        WHEN p_from IS NULL THEN card_refusal(c, p_action, p_actor, 'orderer')
        ELSE plan_refusal(c, p_action, p_actor, due)
    END;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'planned_actions', SCHEMA = 'public';
    END IF;
    IF p_from IS NULL THEN
        INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason, note)
        SELECT c.id, c.version + 1, c.company_id, c.kind, t.action, t.from_status, t.to_status, p_actor, 'orderer', p_reason, p_note
        FROM card_transitions t WHERE t.kind = c.kind AND t.action = 'block' AND t.from_status = c.status
        RETURNING seq INTO blocked;
    END IF;
    INSERT INTO planned_actions (card_id, company_id, kind, action, reason, note, due_at, grace, blocked_seq, planned_by)
    VALUES (c.id, c.company_id, c.kind, p_action, p_reason, p_note, due, p_from IS NULL, blocked, p_actor);
    RETURN coalesce(blocked, c.version);
END
$$;

-- Name: FUNCTION plan_action(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_action text, p_reason text, p_note text, p_from date, p_hours smallint); Type: COMMENT

COMMENT ON FUNCTION public.plan_action(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_action text, p_reason text, p_note text, p_from date, p_hours smallint) IS 'Plans an action of an orderer on the version of a card that was seen, from a day on; without a day a termination that can be withdrawn within the company''s grace time, which stops the card at once: p_hours is the one that the orderer was told, or null. Returns the card''s version; null when the company has no such card.';

-- Name: plan_refusal(public.cards, text, bigint, timestamp with time zone); Type: FUNCTION

CREATE FUNCTION public.plan_refusal(c public.cards, p_action text, p_actor bigint, p_due_at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    day date := (p_due_at AT TIME ZONE 'Europe/Stockholm')::date;
BEGIN
    IF NOT EXISTS (SELECT FROM card_actions a WHERE a.action = p_action AND a.plannable) THEN
        RETURN 'planned_actions_plannable';
    END IF;
    IF day > today() + interval '1 year' THEN
        RETURN 'planned_actions_within_a_year';
    END IF;
    IF p_action = 'unblock' AND c.valid_to < day THEN
        RETURN 'card_events_not_expired';
    END IF;
    c.status := planned_status(c, p_due_at);
    RETURN coalesce(
        card_refusal(c, p_action, p_actor, 'orderer'),
        CASE WHEN p_due_at <= clock_now() THEN 'planned_actions_ahead'
             WHEN EXISTS (SELECT FROM planned_actions p WHERE p.card_id = c.id AND p.action = p_action AND NOT p.grace AND p.outcome IS NULL)
             THEN 'planned_actions_one_pending' END);
END
$$;

-- Name: FUNCTION plan_refusal(c public.cards, p_action text, p_actor bigint, p_due_at timestamp with time zone); Type: COMMENT

COMMENT ON FUNCTION public.plan_refusal(c public.cards, p_action text, p_actor bigint, p_due_at timestamp with time zone) IS 'Why this orderer cannot plan this for this card: by the rules for the action itself, asked of the card as it will be when it is due, as far as that is known. Null when nothing is in the way; when it is due the rules are asked again.';

-- Name: planned_actions_keep(); Type: FUNCTION

CREATE FUNCTION public.planned_actions_keep() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.outcome IS NULL AND NEW.outcome IS NOT NULL
       AND (NEW.id, NEW.card_id, NEW.company_id, NEW.kind, NEW.action, NEW.reason, NEW.note, NEW.due_at, NEW.grace, NEW.blocked_seq, NEW.planned_by, NEW.planned_at)
           IS NOT DISTINCT FROM
           (OLD.id, OLD.card_id, OLD.company_id, OLD.kind, OLD.action, OLD.reason, OLD.note, OLD.due_at, OLD.grace, OLD.blocked_seq, OLD.planned_by, OLD.planned_at)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what was planned stays written down'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'planned_actions_append_only', TABLE = 'planned_actions', SCHEMA = 'public';
END
$$;

-- Name: FUNCTION planned_actions_keep(); Type: COMMENT

COMMENT ON FUNCTION public.planned_actions_keep() IS 'A plan is ended once and otherwise never changed.';

-- Name: planned_status(public.cards, timestamp with time zone); Type: FUNCTION

CREATE FUNCTION public.planned_status(c public.cards, p_at timestamp with time zone) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    p record;
BEGIN
    FOR p IN SELECT x.action FROM planned_actions x WHERE x.card_id = c.id AND x.outcome IS NULL AND x.due_at <= p_at ORDER BY x.due_at, x.id LOOP
        c.status := coalesce(
            (SELECT t.to_status FROM card_transitions t WHERE t.kind = c.kind AND t.action = p.action AND t.from_status = c.status), c.status);
    END LOOP;
    RETURN c.status;
END
$$;

-- Name: FUNCTION planned_status(c public.cards, p_at timestamp with time zone); Type: COMMENT

COMMENT ON FUNCTION public.planned_status(c public.cards, p_at timestamp with time zone) IS 'What a card will be at a time, when all that is planned until then is done.';

-- Name: produce_card(bigint, integer, bigint, bigint, text, text, date); Type: FUNCTION

CREATE FUNCTION public.produce_card(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_number text, p_chip_uid text, p_valid_to date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

-- Name: FUNCTION produce_card(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_number text, p_chip_uid text, p_valid_to date); Type: COMMENT

COMMENT ON FUNCTION public.produce_card(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_number text, p_chip_uid text, p_valid_to date) IS 'Gives a card its number, chip and last day of validity, freezes what is printed, and appends the event. Returns the new version; null when the company has no such card.';

-- Name: put_jpeg(uuid, bytea); Type: FUNCTION

CREATE FUNCTION public.put_jpeg(p_key uuid, p_jpeg bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE pictures SET jpeg = p_jpeg WHERE key = p_key AND NOT there AND deleted_at IS NULL;
    RETURN FOUND;
END
$$;

-- Name: FUNCTION put_jpeg(p_key uuid, p_jpeg bytea); Type: COMMENT

COMMENT ON FUNCTION public.put_jpeg(p_key uuid, p_jpeg bytea) IS 'Puts the bytes of a picture that is not there yet into the database; false when there is no such picture.';

-- Name: read_pin(bigint, bigint); Type: FUNCTION

CREATE FUNCTION public.read_pin(p_card bigint, p_holder bigint) RETURNS bytea
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
    SELECT p.ciphertext
    FROM cards c JOIN card_pins p ON p.card_id = c.id
    WHERE c.id = p_card AND c.person_id = p_holder AND effective_status(c.status, c.valid_to, false, today()) = 'active'
      AND EXISTS (
          SELECT FROM pin_views v
          WHERE v.card_id = c.id AND v.outcome = 'shown' AND v.viewed_at > clock_now() - interval '1 minute' AND v.written_by <> pg_current_xact_id())
$$;

-- Name: FUNCTION read_pin(p_card bigint, p_holder bigint); Type: COMMENT

COMMENT ON FUNCTION public.read_pin(p_card bigint, p_holder bigint) IS 'The one way to a PIN, encrypted: for a minute after a view that an earlier transaction counted, while the card is active. Null otherwise.';

-- Name: remind_holders(date, bigint, integer); Type: FUNCTION

CREATE FUNCTION public.remind_holders(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

-- Name: FUNCTION remind_holders(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[]); Type: COMMENT

COMMENT ON FUNCTION public.remind_holders(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[]) IS 'Reminds the holders of cards with one last day, after a card and at most so many: writes down each reminder, and a mail to whoever has an address, that of the log-in before that of the order. last_card: where to go on, null when nothing was due. message_ids: the mails to be sent.';

-- Name: remind_orderers(date, bigint, integer); Type: FUNCTION

CREATE FUNCTION public.remind_orderers(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[]) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

-- Name: FUNCTION remind_orderers(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[]); Type: COMMENT

COMMENT ON FUNCTION public.remind_orderers(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[]) IS 'Reminds the orderers who are responsible for cards with one last day, after a card and at most so many: each of all cards of the company that are due, by one mail a day. Answers as remind_holders.';

-- Name: reminder_days(); Type: FUNCTION

CREATE FUNCTION public.reminder_days() RETURNS TABLE(last_day date, step text)
    LANGUAGE plpgsql STABLE ROWS 28
    AS $$
DECLARE
    here timestamp := clock_now() AT TIME ZONE 'Europe/Stockholm';
BEGIN
    RETURN QUERY
    SELECT (here::date + s.before)::date - n.day, s.step
    FROM reminder_steps s CROSS JOIN generate_series(0, 6) n (day)
    WHERE here::time >= '06:00';
END
$$;

-- Name: FUNCTION reminder_days(); Type: COMMENT

COMMENT ON FUNCTION public.reminder_days() IS 'Of cards with which last day people are to be reminded now. None before six in the morning: nobody is woken.';

-- Name: resend_refusal(public.cards); Type: FUNCTION

CREATE FUNCTION public.resend_refusal(c public.cards) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
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

-- Name: FUNCTION resend_refusal(c public.cards); Type: COMMENT

COMMENT ON FUNCTION public.resend_refusal(c public.cards) IS 'Why the holder of a card cannot be written to once more about the next step, by the name of the first rule in the way; null when nothing is. messages_once_an_hour: somebody was written to about the card within the hour.';

-- Name: retention(text); Type: FUNCTION

CREATE FUNCTION public.retention(p_what text) RETURNS interval
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    period interval;
BEGIN
    SELECT r.keep INTO STRICT period FROM retention_rules r WHERE r.what = p_what;
    RETURN period;
END
$$;

-- Name: FUNCTION retention(p_what text); Type: COMMENT

COMMENT ON FUNCTION public.retention(p_what text) IS 'How long something is kept. It fails for what has no rule, so that a row deleted by mistake deletes nothing else.';

-- Name: runs_guard(); Type: FUNCTION

CREATE FUNCTION public.runs_guard() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    rule text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF EXISTS (SELECT FROM plans p WHERE p.id = NEW.plan_id AND p.created_at <= clock_now() - interval '1 day') THEN
            rule := 'runs_plan_of_today';
        END IF;
    ELSIF OLD.finished_at IS NOT NULL OR (NEW.plan_id, NEW.company_id, NEW.started_by, NEW.started_at)
                                         IS DISTINCT FROM (OLD.plan_id, OLD.company_id, OLD.started_by, OLD.started_at) THEN
        rule := 'runs_written_once';
    ELSIF EXISTS (SELECT FROM plan_cards p WHERE p.plan_id = NEW.plan_id AND p.verdict = 'change'
                  AND NOT EXISTS (SELECT FROM run_cards r WHERE r.plan_id = p.plan_id AND r.card_id = p.card_id)) THEN
        rule := 'runs_every_card_accounted_for';
    ELSE
        NEW.finished_at := clock_now();
    END IF;
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'runs', SCHEMA = 'public';
    END IF;
    RETURN NEW;
END
$$;

-- Name: FUNCTION runs_guard(); Type: COMMENT

COMMENT ON FUNCTION public.runs_guard() IS 'A plan is done within a day (runs_plan_of_today); a run ends once (runs_written_once), when each of its cards is accounted for (runs_every_card_accounted_for).';

-- Name: saved_searches_limit(); Type: FUNCTION

CREATE FUNCTION public.saved_searches_limit() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('saved_searches', NEW.person_id)); -- two at once count one after the other
    IF (SELECT count(*) FROM saved_searches s WHERE s.company_id = NEW.company_id AND s.person_id = NEW.person_id) >= 50 THEN
        RAISE EXCEPTION 'a person has at most fifty saved searches'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'saved_searches_at_most_fifty', TABLE = 'saved_searches', SCHEMA = 'public';
    END IF;
    RETURN NEW;
END
$$;

-- Name: sessions_stay_ended(); Type: FUNCTION

CREATE FUNCTION public.sessions_stay_ended() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'a session that has ended stays as it is'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'sessions_end_once', TABLE = 'sessions', SCHEMA = 'public';
END
$$;

-- Name: FUNCTION sessions_stay_ended(); Type: COMMENT

COMMENT ON FUNCTION public.sessions_stay_ended() IS 'Refuses to change a session that has ended: nobody logs in by reviving one.';

-- Name: settle_card(bigint); Type: FUNCTION

CREATE FUNCTION public.settle_card(p_card bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    c    cards;
    p    planned_actions;
    rule text;
BEGIN
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card;
    PERFORM pg_advisory_xact_lock(hashtextextended('activate', c.person_id));
    PERFORM FROM planned_actions x WHERE x.card_id = p_card AND x.outcome IS NULL ORDER BY x.id FOR UPDATE;
    LOOP
        SELECT x.* INTO p FROM planned_actions x
        WHERE x.card_id = p_card AND x.outcome IS NULL AND x.due_at <= clock_now() ORDER BY x.due_at, x.id LIMIT 1;
        EXIT WHEN NOT FOUND;
        SELECT x.* INTO c FROM cards x WHERE x.id = p_card FOR NO KEY UPDATE;
        IF EXISTS (SELECT FROM card_transitions t WHERE t.kind = c.kind AND t.action = p.action AND t.to_status = c.status) THEN
            UPDATE planned_actions x SET outcome = 'overtaken', settled_at = clock_now() WHERE x.id = p.id;
            CONTINUE;
        END IF;
        BEGIN
            UPDATE planned_actions x SET outcome = 'done', settled_at = clock_now(), seq = c.version + 1 WHERE x.id = p.id;
            INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_role, reason, note, occurred_at)
            SELECT c.id, c.version + 1, c.company_id, c.kind, p.action, c.status, coalesce(t.to_status, c.status), 'system', p.reason, p.note,
                   greatest(p.due_at, (SELECT e.occurred_at FROM card_events e WHERE e.card_id = c.id AND e.seq = c.version))
            FROM (SELECT) one LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = p.action AND t.from_status = c.status;
        EXCEPTION WHEN integrity_constraint_violation THEN
            GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
            UPDATE planned_actions x SET outcome = 'refused', settled_at = clock_now(), refused_by = rule WHERE x.id = p.id;
        END;
    END LOOP;
END
$$;

-- Name: FUNCTION settle_card(p_card bigint); Type: COMMENT

COMMENT ON FUNCTION public.settle_card(p_card bigint) IS 'Does what was planned for a card and is due, in the order in which it became due: writes each as an event of the system at its time, judged by the rules as any other, or writes down why not. What is not due it leaves alone, whoever calls it.';

-- Name: tell_of_refusals(); Type: FUNCTION

CREATE FUNCTION public.tell_of_refusals() RETURNS SETOF bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    -- Of two at once the second waits, and then finds nothing left.
    PERFORM pg_advisory_xact_lock(hashtextextended('tell_of_refusals', 0));
    RETURN QUERY
    WITH told AS (
        INSERT INTO refusal_notices (planned_id)
        SELECT p.id FROM planned_actions p
        WHERE p.outcome = 'refused' AND p.settled_at > clock_now() - interval '7 days'
          AND NOT EXISTS (SELECT FROM refusal_notices n WHERE n.planned_id = p.id)
        RETURNING planned_id
    ), readers AS (
        SELECT c.company_id, r.person_id, count(*) AS plans
        FROM told t
        JOIN planned_actions p ON p.id = t.planned_id
        JOIN cards c ON c.id = p.card_id
        CROSS JOIN LATERAL (
            SELECT c.orderer_id AS person_id
            UNION SELECT d.deputy_id FROM current_deputies d WHERE d.company_id = c.company_id AND d.orderer_id = c.orderer_id) r
        GROUP BY c.company_id, r.person_id
    )
    INSERT INTO messages (company_id, person_id, email, template, language, data)
    SELECT r.company_id, r.person_id, l.email, 'plans_refused', l.language, jsonb_build_object('company', co.name, 'plans', r.plans)
    FROM readers r
    JOIN companies co ON co.id = r.company_id
    JOIN memberships m ON m.company_id = r.company_id AND m.person_id = r.person_id AND m.role = 'orderer' AND m.ended_at IS NULL
    JOIN logins l ON l.person_id = r.person_id AND l.disabled_at IS NULL
    ORDER BY r.company_id, r.person_id
    RETURNING id;
END
$$;

-- Name: FUNCTION tell_of_refusals(); Type: COMMENT

COMMENT ON FUNCTION public.tell_of_refusals() IS 'Writes to whoever is responsible for cards, and to deputies, how many plans of a company were refused since it was last told, one mail each. Answers with the mails to be sent. What nobody told for a week is told no more.';

-- Name: today(); Type: FUNCTION

CREATE FUNCTION public.today() RETURNS date
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    AS $$ BEGIN RETURN (SELECT ((now() + c.moved_by) AT TIME ZONE 'Europe/Stockholm')::date FROM clock c); END $$;

-- Name: FUNCTION today(); Type: COMMENT

COMMENT ON FUNCTION public.today() IS 'The calendar day in Sweden.';

-- Name: use_link(bytea, text); Type: FUNCTION

CREATE FUNCTION public.use_link(p_token_hash bytea, p_purpose text) RETURNS SETOF public.links
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    l    links;
    rule text;
BEGIN
    SELECT x.* INTO l FROM links x WHERE x.token_hash = p_token_hash;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM FROM messages m WHERE m.id = l.message_id FOR UPDATE;
    rule := link_refusal(l, p_purpose);
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'links', SCHEMA = 'public';
    END IF;
    RETURN QUERY UPDATE links x SET used_at = clock_now() WHERE x.token_hash = p_token_hash RETURNING x.*;
END
$$;

-- Name: FUNCTION use_link(p_token_hash bytea, p_purpose text); Type: COMMENT

COMMENT ON FUNCTION public.use_link(p_token_hash bytea, p_purpose text) IS 'Uses a link for a purpose, once, or raises the name of the rule that link_refusal gives. No row when there is no such link.';

-- Name: view_pin(bigint, bigint, text); Type: FUNCTION

CREATE FUNCTION public.view_pin(p_card bigint, p_holder bigint, p_last_six text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    c    cards;
    tried text;
    used integer;
BEGIN
    -- Locked, so that nobody blocks the card while this waits.
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card AND x.person_id = p_holder FOR SHARE;
    IF NOT FOUND THEN
        RETURN 'not_found';
    END IF;
    PERFORM FROM card_pins x WHERE x.card_id = c.id FOR UPDATE;
    IF NOT FOUND OR effective_status(c.status, c.valid_to, false, today()) <> 'active' THEN
        RETURN 'not_active';
    END IF;
    tried := CASE WHEN right(c.number, 6) = p_last_six THEN 'shown' ELSE 'wrong_number' END;
    -- Five of either kind end the day's views, so that wrong numbers cannot be tried for ever.
    SELECT max(v.nth) INTO used FROM pin_views v WHERE v.card_id = c.id AND v.viewed_on = today()
        GROUP BY v.outcome ORDER BY max(v.nth) DESC LIMIT 1;
    IF used >= 5 THEN
        RETURN 'too_often';
    END IF;
    INSERT INTO pin_views (card_id, viewed_on, outcome, nth)
    SELECT c.id, today(), tried, coalesce(max(v.nth), 0) + 1
    FROM pin_views v WHERE v.card_id = c.id AND v.viewed_on = today() AND v.outcome = tried;
    RETURN tried;
END
$$;

-- Name: FUNCTION view_pin(p_card bigint, p_holder bigint, p_last_six text); Type: COMMENT

COMMENT ON FUNCTION public.view_pin(p_card bigint, p_holder bigint, p_last_six text) IS 'Judges and counts a view of a PIN: for the holder, of an active card that has not expired, with the last six digits of the printed number, at most five times a day. Returns shown, after which read_pin hands it out, or wrong_number, too_often, not_active, not_found.';

-- Name: withdraw_plan(bigint, bigint, bigint, bigint); Type: FUNCTION

CREATE FUNCTION public.withdraw_plan(p_plan bigint, p_card bigint, p_company bigint, p_actor bigint) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    c    cards;
    p    planned_actions;
    rule text;
BEGIN
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card AND x.company_id = p_company;
    PERFORM pg_advisory_xact_lock(hashtextextended('activate', c.person_id));
    PERFORM FROM planned_actions x WHERE x.card_id = c.id AND x.outcome IS NULL ORDER BY x.id FOR UPDATE;
    SELECT x.* INTO p FROM planned_actions x WHERE x.id = p_plan AND x.card_id = c.id;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT x.* INTO c FROM cards x WHERE x.id = p_card FOR NO KEY UPDATE;
    rule := coalesce(
        card_guard(c, 'withdraw', p_actor, 'orderer'),
        CASE WHEN p.outcome IS NOT NULL THEN 'planned_actions_settled_once'
             WHEN EXISTS (SELECT FROM planned_actions x WHERE x.card_id = c.id AND x.outcome IS NULL AND x.due_at <= clock_now()) THEN 'card_events_due_first'
        END);
    IF rule IS NOT NULL THEN
        RAISE EXCEPTION 'refused by %', rule
            USING ERRCODE = 'check_violation', CONSTRAINT = rule, TABLE = 'planned_actions', SCHEMA = 'public';
    END IF;
    UPDATE planned_actions x SET outcome = 'withdrawn', settled_at = clock_now(), withdrawn_by = p_actor WHERE x.id = p.id;
    IF p.blocked_seq IS NULL THEN
        RETURN true;
    END IF;
    -- What was to block the card meanwhile found it blocked.
    IF EXISTS (SELECT FROM planned_actions x WHERE x.card_id = c.id AND x.action = 'block' AND x.outcome = 'overtaken' AND x.due_at > p.planned_at) THEN
        RETURN false;
    END IF;
    BEGIN
        INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role)
        SELECT c.id, c.version + 1, c.company_id, c.kind, 'unblock', c.status, coalesce(t.to_status, c.status), p_actor, 'orderer'
        FROM (SELECT) one LEFT JOIN card_transitions t ON t.kind = c.kind AND t.action = 'unblock' AND t.from_status = c.status;
        RETURN true;
    EXCEPTION WHEN integrity_constraint_violation THEN
        RETURN false;
    END;
END
$$;

-- Name: FUNCTION withdraw_plan(p_plan bigint, p_card bigint, p_company bigint, p_actor bigint); Type: COMMENT

COMMENT ON FUNCTION public.withdraw_plan(p_plan bigint, p_card bigint, p_company bigint, p_actor bigint) IS 'The orderer who is responsible for a card takes back what is planned for it; the card that a grace stopped works again. False: it stays blocked, because a rule is in the way of unblocking it, or because it was to be blocked by now. Null: the company''s card has no such plan.';

-- Name: works_as(bigint, bigint, text); Type: FUNCTION

CREATE FUNCTION public.works_as(p_company bigint, p_person bigint, p_role text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN EXISTS (SELECT FROM memberships m
                   WHERE m.company_id = p_company AND m.person_id = p_person AND m.role = p_role AND m.ended_at IS NULL);
END
$$;

-- Name: FUNCTION works_as(p_company bigint, p_person bigint, p_role text); Type: COMMENT

COMMENT ON FUNCTION public.works_as(p_company bigint, p_person bigint, p_role text) IS 'Whether a person has a role in a company now.';

-- Name: written_now(); Type: FUNCTION

CREATE FUNCTION public.written_now() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF (current_setting('transaction_isolation') <> 'read committed' OR clock_timestamp() - transaction_timestamp() > public.oldest_transaction())
       AND NOT pg_has_role(session_user, (SELECT t.relowner FROM pg_class t WHERE t.oid = TG_RELID), 'USAGE') THEN
        RAISE EXCEPTION 'what is decided is decided by what there is now'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'card_events_of_now', TABLE = TG_TABLE_NAME, SCHEMA = 'public';
    END IF;
    RETURN NULL;
END
$$;

-- Name: FUNCTION written_now(); Type: COMMENT

COMMENT ON FUNCTION public.written_now() IS 'Refuses what is written by an old clock or on an old snapshot. The owner may, who loads histories.';

-- Name: activation_tries; Type: TABLE

CREATE TABLE public.activation_tries (
    card_id bigint NOT NULL,
    tried_on date NOT NULL,
    nth smallint NOT NULL,
    tried_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT activation_tries_five_a_day CHECK (((nth >= 1) AND (nth <= 5)))
);

-- Name: TABLE activation_tries; Type: COMMENT

COMMENT ON TABLE public.activation_tries IS 'Each time the holder gave a wrong number to activate a card: at most five a day (Europe/Stockholm) and card.';

-- Name: COLUMN activation_tries.tried_on; Type: COMMENT

COMMENT ON COLUMN public.activation_tries.tried_on IS 'The day in Sweden.';

-- Name: COLUMN activation_tries.nth; Type: COMMENT

COMMENT ON COLUMN public.activation_tries.nth IS 'The how manieth of that day.';

-- Name: COLUMN activation_tries.tried_at; Type: COMMENT

COMMENT ON COLUMN public.activation_tries.tried_at IS 'By the portal''s clock.';

-- Name: fee_policies; Type: TABLE

CREATE TABLE public.fee_policies (
    valid_from date NOT NULL,
    price integer NOT NULL,
    CONSTRAINT fee_policies_price_some CHECK ((price >= 0))
);

-- Name: TABLE fee_policies; Type: COMMENT

COMMENT ON TABLE public.fee_policies IS 'The rules of the quarterly fee change over the years; each policy holds from its day until the next one''s.';

-- Name: COLUMN fee_policies.price; Type: COMMENT

COMMENT ON COLUMN public.fee_policies.price IS 'Of one card for one quarter, in öre, without VAT.';

-- Name: fee_policy_statuses; Type: TABLE

CREATE TABLE public.fee_policy_statuses (
    valid_from date NOT NULL,
    status text NOT NULL
);

-- Name: TABLE fee_policy_statuses; Type: COMMENT

COMMENT ON TABLE public.fee_policy_statuses IS 'The statuses that are billed under a policy.';

-- Name: billed_statuses; Type: VIEW

CREATE VIEW public.billed_statuses AS
 SELECT s.status
   FROM public.fee_policy_statuses s
  WHERE (s.valid_from = ( SELECT max(p.valid_from) AS max
           FROM public.fee_policies p
          WHERE (p.valid_from <= ( SELECT public.today() AS today))));

-- Name: VIEW billed_statuses; Type: COMMENT

COMMENT ON VIEW public.billed_statuses IS 'The statuses that cost the quarterly fee today, unless the card has expired.';

-- Name: card_actions; Type: TABLE

CREATE TABLE public.card_actions (
    action text NOT NULL,
    "position" smallint NOT NULL,
    plannable boolean DEFAULT false NOT NULL
);

-- Name: TABLE card_actions; Type: COMMENT

COMMENT ON TABLE public.card_actions IS 'What can be done with a card; position is the order in which a page offers it.';

-- Name: COLUMN card_actions.plannable; Type: COMMENT

COMMENT ON COLUMN public.card_actions.plannable IS 'May be taken from a day to come on.';

-- Name: card_events; Type: TABLE

CREATE TABLE public.card_events (
    card_id bigint NOT NULL,
    seq integer NOT NULL,
    company_id bigint NOT NULL,
    kind text NOT NULL,
    action text NOT NULL,
    from_status text NOT NULL,
    to_status text NOT NULL,
    actor_id bigint,
    actor_role text NOT NULL,
    reason text DEFAULT 'none'::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    successor_id bigint,
    occurred_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    prev_seq integer GENERATED ALWAYS AS (
CASE
    WHEN (seq > 1) THEN (seq - 1)
    ELSE NULL::integer
END) STORED,
    CONSTRAINT card_events_actor_unless_system CHECK (((actor_role = 'system'::text) = (actor_id IS NULL))),
    CONSTRAINT card_events_first_is_order CHECK (((seq = 1) = (from_status = 'none'::text))),
    CONSTRAINT card_events_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT card_events_other_needs_note CHECK (((reason <> 'other'::text) OR (note ~ '\S'::text))),
    CONSTRAINT card_events_seq_positive CHECK ((seq > 0)),
    CONSTRAINT card_events_successor_when_handed_over CHECK (((action = 'hand_over'::text) = (successor_id IS NOT NULL)))
);

-- Name: TABLE card_events; Type: COMMENT

COMMENT ON TABLE public.card_events IS 'What happened to each card, in order. Only ever appended to.';

-- Name: COLUMN card_events.seq; Type: COMMENT

COMMENT ON COLUMN public.card_events.seq IS 'The card''s version after the event: one winner per version.';

-- Name: COLUMN card_events.from_status; Type: COMMENT

COMMENT ON COLUMN public.card_events.from_status IS 'to_status of the event before; none for the first.';

-- Name: COLUMN card_events.actor_id; Type: COMMENT

COMMENT ON COLUMN public.card_events.actor_id IS 'Who acted; null for the system.';

-- Name: COLUMN card_events.actor_role; Type: COMMENT

COMMENT ON COLUMN public.card_events.actor_role IS 'As what: the role that permitted it.';

-- Name: COLUMN card_events.reason; Type: COMMENT

COMMENT ON COLUMN public.card_events.reason IS 'none where no reason was given.';

-- Name: COLUMN card_events.note; Type: COMMENT

COMMENT ON COLUMN public.card_events.note IS 'Written by the actor for the company''s other people; never leaves the portal.';

-- Name: COLUMN card_events.successor_id; Type: COMMENT

COMMENT ON COLUMN public.card_events.successor_id IS 'hand_over: the orderer who becomes responsible.';

-- Name: COLUMN card_events.occurred_at; Type: COMMENT

COMMENT ON COLUMN public.card_events.occurred_at IS 'By the portal''s clock; the application cannot give it.';

-- Name: COLUMN card_events.prev_seq; Type: COMMENT

COMMENT ON COLUMN public.card_events.prev_seq IS 'The event before, which must have ended in from_status; null for the first.';

-- Name: card_exports; Type: TABLE

CREATE TABLE public.card_exports (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    made_by bigint NOT NULL,
    made_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    format text NOT NULL,
    personal_numbers boolean NOT NULL,
    purpose text DEFAULT ''::text NOT NULL,
    rows integer,
    CONSTRAINT card_exports_format_known CHECK ((format = ANY (ARRAY['csv'::text, 'xlsx'::text]))),
    CONSTRAINT card_exports_no_personal_number CHECK ((purpose !~ '\d{6}\s*[-+]?\s*\d{4}'::text)),
    CONSTRAINT card_exports_purpose CHECK (((NOT personal_numbers) OR (purpose ~ '\S'::text))),
    CONSTRAINT card_exports_purpose_length CHECK ((length(purpose) <= 200)),
    CONSTRAINT card_exports_rows_some CHECK ((rows >= 0))
);

-- Name: TABLE card_exports; Type: COMMENT

COMMENT ON TABLE public.card_exports IS 'Lists of cards that were taken out of the portal. Written before the first row leaves it.';

-- Name: COLUMN card_exports.company_id; Type: COMMENT

COMMENT ON COLUMN public.card_exports.company_id IS 'Whose cards.';

-- Name: COLUMN card_exports.made_by; Type: COMMENT

COMMENT ON COLUMN public.card_exports.made_by IS 'Who took it.';

-- Name: COLUMN card_exports.made_at; Type: COMMENT

COMMENT ON COLUMN public.card_exports.made_at IS 'By the portal''s clock.';

-- Name: COLUMN card_exports.format; Type: COMMENT

COMMENT ON COLUMN public.card_exports.format IS 'What it was written as.';

-- Name: COLUMN card_exports.personal_numbers; Type: COMMENT

COMMENT ON COLUMN public.card_exports.personal_numbers IS 'Whether personal numbers stood in it whole. Else they are masked, as on the pages.';

-- Name: COLUMN card_exports.purpose; Type: COMMENT

COMMENT ON COLUMN public.card_exports.purpose IS 'What whole personal numbers are needed for, in the words of who took them.';

-- Name: COLUMN card_exports.rows; Type: COMMENT

COMMENT ON COLUMN public.card_exports.rows IS 'How many cards were in it; null while it is under way, and for ever when it broke off.';

-- Name: card_exports_id_seq; Type: SEQUENCE

ALTER TABLE public.card_exports ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.card_exports_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: card_kinds; Type: TABLE

CREATE TABLE public.card_kinds (
    kind text NOT NULL
);

-- Name: TABLE card_kinds; Type: COMMENT

COMMENT ON TABLE public.card_kinds IS 'A visitor card has no chip and no holder, and never works at a gate.';

-- Name: card_names; Type: TABLE

CREATE TABLE public.card_names (
    company_id bigint NOT NULL,
    word text NOT NULL COLLATE pg_catalog."C",
    sort_key text NOT NULL COLLATE pg_catalog."C",
    card_id bigint NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.005', autovacuum_vacuum_insert_scale_factor='0.02');
ALTER TABLE ONLY public.card_names ALTER COLUMN company_id SET STATISTICS 1000;
ALTER TABLE ONLY public.card_names ALTER COLUMN word SET STATISTICS 1000;

-- Name: TABLE card_names; Type: COMMENT

COMMENT ON TABLE public.card_names IS 'The words by which cards are found; derived from cards.sort_key and cards.other_key.';

-- Name: COLUMN card_names.word; Type: COMMENT

COMMENT ON COLUMN public.card_names.word IS 'A word of the name''s key, or ~ and the word without its å, ä and ö.';

-- Name: COLUMN card_names.sort_key; Type: COMMENT

COMMENT ON COLUMN public.card_names.sort_key IS 'The key of the whole name that the word is of.';

-- Name: card_orders; Type: TABLE

CREATE TABLE public.card_orders (
    card_id bigint NOT NULL,
    seq integer NOT NULL,
    company_id bigint NOT NULL,
    kind text NOT NULL,
    given_name text,
    family_name text,
    citizenship text,
    photo_id bigint,
    email text,
    language text DEFAULT 'sv'::text NOT NULL,
    reference text DEFAULT ''::text NOT NULL,
    deliver_to text NOT NULL,
    replaces_id bigint,
    replace_reason text,
    photo_purpose text DEFAULT 'photo'::text NOT NULL,
    CONSTRAINT card_orders_citizenship_format CHECK ((citizenship ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT card_orders_deliver_to_length CHECK (((length(btrim(deliver_to)) >= 1) AND (length(btrim(deliver_to)) <= 400))),
    CONSTRAINT card_orders_email_format CHECK (((email = lower(email)) AND (email ~~ '%_@_%'::text) AND (length(email) <= 254))),
    CONSTRAINT card_orders_family_name_length CHECK (((length(btrim(family_name)) >= 1) AND (length(btrim(family_name)) <= 100))),
    CONSTRAINT card_orders_given_name_length CHECK (((length(btrim(given_name)) >= 1) AND (length(btrim(given_name)) <= 100))),
    CONSTRAINT card_orders_language_known CHECK ((language = ANY (ARRAY['sv'::text, 'en'::text]))),
    CONSTRAINT card_orders_of_nobody CHECK (((kind <> 'visitor'::text) OR (num_nonnulls(given_name, family_name, citizenship, photo_id, email) = 0))),
    CONSTRAINT card_orders_of_person CHECK (((kind = 'visitor'::text) OR ((given_name IS NOT NULL) AND (family_name IS NOT NULL) AND (citizenship IS NOT NULL)))),
    CONSTRAINT card_orders_photo_purpose CHECK ((photo_purpose = 'photo'::text)),
    CONSTRAINT card_orders_reference_length CHECK ((length(reference) <= 100)),
    CONSTRAINT card_orders_replaces_another CHECK ((replaces_id < card_id)),
    CONSTRAINT card_orders_replaces_why CHECK (((replaces_id IS NULL) = (replace_reason IS NULL)))
);

-- Name: TABLE card_orders; Type: COMMENT

COMMENT ON TABLE public.card_orders IS 'What was ordered: one row with the order and one with each correction. The last one counts.';

-- Name: COLUMN card_orders.seq; Type: COMMENT

COMMENT ON COLUMN public.card_orders.seq IS 'The event that it came with: order or correct.';

-- Name: COLUMN card_orders.given_name; Type: COMMENT

COMMENT ON COLUMN public.card_orders.given_name IS 'As it will be printed, which the holder approves; null on a visitor card.';

-- Name: COLUMN card_orders.citizenship; Type: COMMENT

COMMENT ON COLUMN public.card_orders.citizenship IS 'ISO 3166, two letters; how long the card is valid may depend on it.';

-- Name: COLUMN card_orders.photo_id; Type: COMMENT

COMMENT ON COLUMN public.card_orders.photo_id IS 'The photo to be printed; null while there is none yet.';

-- Name: COLUMN card_orders.email; Type: COMMENT

COMMENT ON COLUMN public.card_orders.email IS 'Where the holder is asked to approve.';

-- Name: COLUMN card_orders.language; Type: COMMENT

COMMENT ON COLUMN public.card_orders.language IS 'In which the holder is written to.';

-- Name: COLUMN card_orders.reference; Type: COMMENT

COMMENT ON COLUMN public.card_orders.reference IS 'The company''s own order number, for its bookkeeping.';

-- Name: COLUMN card_orders.deliver_to; Type: COMMENT

COMMENT ON COLUMN public.card_orders.deliver_to IS 'Name and address the card is sent to, in lines.';

-- Name: COLUMN card_orders.replaces_id; Type: COMMENT

COMMENT ON COLUMN public.card_orders.replaces_id IS 'The card that this one takes the place of.';

-- Name: COLUMN card_orders.replace_reason; Type: COMMENT

COMMENT ON COLUMN public.card_orders.replace_reason IS 'Why it is replaced.';

-- Name: COLUMN card_orders.photo_purpose; Type: COMMENT

COMMENT ON COLUMN public.card_orders.photo_purpose IS 'What a picture must have been uploaded as.';

-- Name: card_permissions; Type: TABLE

CREATE TABLE public.card_permissions (
    action text NOT NULL,
    role text NOT NULL
);

-- Name: TABLE card_permissions; Type: COMMENT

COMMENT ON TABLE public.card_permissions IS 'Which role may do what; whose card it must be is in card_guard.';

-- Name: card_pins; Type: TABLE

CREATE TABLE public.card_pins (
    card_id bigint NOT NULL,
    key_id bigint NOT NULL,
    ciphertext bytea NOT NULL,
    CONSTRAINT card_pins_ciphertext_length CHECK (((length(ciphertext) >= 20) AND (length(ciphertext) <= 200)))
);

-- Name: TABLE card_pins; Type: COMMENT

COMMENT ON TABLE public.card_pins IS 'The PINs, encrypted by the application and bound to their card. A terminated card has none.';

-- Name: COLUMN card_pins.key_id; Type: COMMENT

COMMENT ON COLUMN public.card_pins.key_id IS 'Which key of the keyset encrypted it.';

-- Name: COLUMN card_pins.ciphertext; Type: COMMENT

COMMENT ON COLUMN public.card_pins.ciphertext IS 'Tink AEAD with the card as associated data, all of one length.';

-- Name: card_reasons; Type: TABLE

CREATE TABLE public.card_reasons (
    action text NOT NULL,
    reason text NOT NULL,
    "position" smallint NOT NULL,
    offered boolean DEFAULT true NOT NULL
);

-- Name: TABLE card_reasons; Type: COMMENT

COMMENT ON TABLE public.card_reasons IS 'The reasons that go with an action. An action with the row none may be done without one.';

-- Name: COLUMN card_reasons."position"; Type: COMMENT

COMMENT ON COLUMN public.card_reasons."position" IS 'The order in which a page offers them.';

-- Name: COLUMN card_reasons.offered; Type: COMMENT

COMMENT ON COLUMN public.card_reasons.offered IS 'A page offers it. Others come along with another action: a block with the termination that it begins.';

-- Name: card_reminders; Type: TABLE

CREATE TABLE public.card_reminders (
    card_id bigint NOT NULL,
    step text NOT NULL,
    reader text NOT NULL,
    person_id bigint NOT NULL,
    message_id bigint,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL
);

-- Name: TABLE card_reminders; Type: COMMENT

COMMENT ON TABLE public.card_reminders IS 'Each reminder that a card expires, once. Written by remind_holders and remind_orderers alone.';

-- Name: COLUMN card_reminders.step; Type: COMMENT

COMMENT ON COLUMN public.card_reminders.step IS 'How long before the last day.';

-- Name: COLUMN card_reminders.reader; Type: COMMENT

COMMENT ON COLUMN public.card_reminders.reader IS 'As what the person was reminded.';

-- Name: COLUMN card_reminders.message_id; Type: COMMENT

COMMENT ON COLUMN public.card_reminders.message_id IS 'The mail; null for a person without an address. An orderer''s is the same for many cards.';

-- Name: card_series; Type: TABLE

CREATE TABLE public.card_series (
    supplier text NOT NULL,
    next_number bigint DEFAULT 1 NOT NULL,
    CONSTRAINT card_series_next_number_range CHECK (((next_number >= 0) AND (next_number <= '10000000000'::bigint))),
    CONSTRAINT card_series_supplier_format CHECK ((supplier ~ '^[A-Z]{2}$'::text))
);

-- Name: TABLE card_series; Type: COMMENT

COMMENT ON TABLE public.card_series IS 'The suppliers'' series of card numbers. A number is drawn in the transaction that uses it, so none is lost and none is given twice.';

-- Name: COLUMN card_series.supplier; Type: COMMENT

COMMENT ON COLUMN public.card_series.supplier IS 'The two letters a card number begins with.';

-- Name: COLUMN card_series.next_number; Type: COMMENT

COMMENT ON COLUMN public.card_series.next_number IS 'The ten digits of the next card.';

-- Name: card_statuses; Type: TABLE

CREATE TABLE public.card_statuses (
    status text NOT NULL,
    "position" smallint NOT NULL,
    final boolean NOT NULL,
    can_expire boolean NOT NULL,
    works boolean NOT NULL
);

-- Name: TABLE card_statuses; Type: COMMENT

COMMENT ON TABLE public.card_statuses IS 'The vocabulary. none is the status before the first event; no card has it.';

-- Name: COLUMN card_statuses."position"; Type: COMMENT

COMMENT ON COLUMN public.card_statuses."position" IS 'The order in the life of a card, in which lists show them.';

-- Name: COLUMN card_statuses.final; Type: COMMENT

COMMENT ON COLUMN public.card_statuses.final IS 'Nothing follows it.';

-- Name: COLUMN card_statuses.can_expire; Type: COMMENT

COMMENT ON COLUMN public.card_statuses.can_expire IS 'The card exists, so that its last day matters.';

-- Name: COLUMN card_statuses.works; Type: COMMENT

COMMENT ON COLUMN public.card_statuses.works IS 'A standard card works at the gate, if it has not expired and its company is not suspended.';

-- Name: card_waits; Type: TABLE

CREATE TABLE public.card_waits (
    kind text NOT NULL,
    status text NOT NULL,
    role text NOT NULL
);

-- Name: TABLE card_waits; Type: COMMENT

COMMENT ON TABLE public.card_waits IS 'Who must act now for a card to go on; no row where nobody must.';

-- Name: card_successors; Type: VIEW

CREATE VIEW public.card_successors AS
 SELECT o.replaces_id AS card_id,
    n.id AS successor_id,
    ( SELECT w.role
           FROM public.card_waits w
          WHERE ((w.kind = n.kind) AND (w.status = n.status))) AS waits_for
   FROM ((public.card_orders o
     JOIN public.cards n ON ((n.id = o.card_id)))
     JOIN public.card_statuses s ON ((s.status = n.status)))
  WHERE ((o.replaces_id IS NOT NULL) AND (NOT s.final))
UNION ALL
 SELECT c.id AS card_id,
    n.id AS successor_id,
    ( SELECT w.role
           FROM public.card_waits w
          WHERE ((w.kind = n.kind) AND (w.status = n.status))) AS waits_for
   FROM ((public.cards c
     JOIN public.cards n ON (((n.company_id = c.company_id) AND (n.person_id = c.person_id) AND (n.kind = c.kind) AND (n.id > c.id))))
     JOIN public.card_statuses s ON ((s.status = n.status)))
  WHERE ((NOT s.final) AND ((n.valid_to IS NULL) OR (n.valid_to > c.valid_to)));

-- Name: VIEW card_successors; Type: COMMENT

COMMENT ON VIEW public.card_successors IS 'Which cards take the place of a card: ordered to replace it, or newer and for the same person, company and kind, and not at an end themselves. To be asked for one card at a time.';

-- Name: card_transitions; Type: TABLE

CREATE TABLE public.card_transitions (
    kind text NOT NULL,
    action text NOT NULL,
    from_status text NOT NULL,
    to_status text NOT NULL,
    CONSTRAINT card_transitions_to_some CHECK ((to_status <> 'none'::text))
);

-- Name: TABLE card_transitions; Type: COMMENT

COMMENT ON TABLE public.card_transitions IS 'Every legal move. An action is deterministic: one status after it.';

-- Name: COLUMN card_transitions.from_status; Type: COMMENT

COMMENT ON COLUMN public.card_transitions.from_status IS 'none for the action with which a card begins.';

-- Name: cards_id_seq; Type: SEQUENCE

ALTER TABLE public.cards ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.cards_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: cards_in_use; Type: VIEW

CREATE VIEW public.cards_in_use AS
 SELECT c.id,
    c.company_id,
    c.kind,
    c.person_id,
    c.orderer_id,
    c.valid_to,
    ( SELECT max(x.successor_id) AS max
           FROM public.card_successors x
          WHERE (x.card_id = c.id)) AS successor_id
   FROM (public.cards c
     JOIN public.card_statuses s ON ((s.status = c.status)))
  WHERE (s.can_expire AND (NOT s.final) AND (NOT (EXISTS ( SELECT
           FROM public.card_waits w
          WHERE ((w.kind = c.kind) AND (w.status = c.status))))));

-- Name: VIEW cards_in_use; Type: COMMENT

COMMENT ON VIEW public.cards_in_use IS 'Cards that exist and wait for nobody: a standard card that was activated, a visitor card that was produced. The last day may have passed. successor_id is the newest card that takes its place, null when none does.';

-- Name: production_cards; Type: TABLE

CREATE TABLE public.production_cards (
    batch_id bigint NOT NULL,
    card_id bigint NOT NULL,
    number text NOT NULL COLLATE pg_catalog."C",
    valid_to date NOT NULL,
    version integer NOT NULL,
    outcome text,
    answered_by bigint,
    answered_at timestamp with time zone,
    printed_given_name text,
    printed_family_name text,
    printed_company text NOT NULL,
    printed_org_number text NOT NULL,
    CONSTRAINT production_cards_answered CHECK ((((outcome IS NULL) = (answered_at IS NULL)) AND ((outcome IS NULL) = (answered_by IS NULL)))),
    CONSTRAINT production_cards_outcome_known CHECK ((outcome = ANY (ARRAY['made'::text, 'spoiled'::text, 'withdrawn'::text])))
);

-- Name: TABLE production_cards; Type: COMMENT

COMMENT ON TABLE public.production_cards IS 'The cards of a batch, each with the number drawn for it.';

-- Name: COLUMN production_cards.batch_id; Type: COMMENT

COMMENT ON COLUMN public.production_cards.batch_id IS 'The batch.';

-- Name: COLUMN production_cards.valid_to; Type: COMMENT

COMMENT ON COLUMN public.production_cards.valid_to IS 'The last day on which the card will be valid.';

-- Name: COLUMN production_cards.version; Type: COMMENT

COMMENT ON COLUMN public.production_cards.version IS 'The version of the card that was approved, and must still be current when the bureau answers.';

-- Name: COLUMN production_cards.outcome; Type: COMMENT

COMMENT ON COLUMN public.production_cards.outcome IS 'made: produced with this number. spoiled: the bureau failed, the card waits for another batch. withdrawn: it was cancelled or corrected meanwhile, so what the bureau made is destroyed. Null: no answer yet.';

-- Name: COLUMN production_cards.answered_by; Type: COMMENT

COMMENT ON COLUMN public.production_cards.answered_by IS 'The clerk who took the bureau''s answer.';

-- Name: COLUMN production_cards.answered_at; Type: COMMENT

COMMENT ON COLUMN public.production_cards.answered_at IS 'When.';

-- Name: COLUMN production_cards.printed_given_name; Type: COMMENT

COMMENT ON COLUMN public.production_cards.printed_given_name IS 'printed_*: what the bureau is asked to print, as it was when the batch was made.';

-- Name: cards_to_produce; Type: VIEW

CREATE VIEW public.cards_to_produce AS
 SELECT c.id,
    c.company_id,
    c.kind,
    c.person_id,
    c.ordered_by,
    c.orderer_id,
    c.status,
    c.version,
    c.number,
    c.chip_uid,
    c.valid_to,
    c.printed_given_name,
    c.printed_family_name,
    c.printed_company,
    c.printed_org_number,
    c.sort_key,
    c.other_key,
    c.personal_key,
    c.created_at
   FROM (public.cards c
     JOIN public.card_transitions t ON (((t.kind = c.kind) AND (t.action = 'produce'::text) AND (t.from_status = c.status))))
  WHERE (NOT (EXISTS ( SELECT
           FROM public.production_cards p
          WHERE ((p.card_id = c.id) AND (p.outcome IS NULL)))));

-- Name: VIEW cards_to_produce; Type: COMMENT

COMMENT ON VIEW public.cards_to_produce IS 'What waits for the issuer to produce it, and is in no batch.';

-- Name: claim_faults; Type: TABLE

CREATE TABLE public.claim_faults (
    fault text NOT NULL,
    "position" smallint NOT NULL,
    at_reader boolean NOT NULL
);

-- Name: TABLE claim_faults; Type: COMMENT

COMMENT ON TABLE public.claim_faults IS 'What can be wrong with a card itself; position is the order in which a page offers it.';

-- Name: COLUMN claim_faults.fault; Type: COMMENT

COMMENT ON COLUMN public.claim_faults.fault IS 'A word of its own in the pages.';

-- Name: COLUMN claim_faults.at_reader; Type: COMMENT

COMMENT ON COLUMN public.claim_faults.at_reader IS 'It shows at a reader, where holding the card still and flat often helps: that is tried first.';

-- Name: claims; Type: TABLE

CREATE TABLE public.claims (
    id bigint NOT NULL,
    card_id bigint NOT NULL,
    company_id bigint NOT NULL,
    kind text NOT NULL,
    made_by bigint NOT NULL,
    made_as text NOT NULL,
    fault text NOT NULL,
    at_reader boolean NOT NULL,
    held_still boolean NOT NULL,
    effective text NOT NULL,
    note text NOT NULL,
    picture_id bigint,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    accepted boolean,
    decided_by bigint,
    decided_at timestamp with time zone,
    decision_note text DEFAULT ''::text NOT NULL,
    order_card_id bigint,
    picture_purpose text DEFAULT 'claim'::text NOT NULL,
    CONSTRAINT claims_decided CHECK ((num_nonnulls(accepted, decided_by, decided_at) = ANY (ARRAY[0, 3]))),
    CONSTRAINT claims_decision_note_length CHECK ((length(decision_note) <= 500)),
    CONSTRAINT claims_declined_needs_note CHECK (((accepted IS NOT FALSE) OR (decision_note ~ '\S'::text))),
    CONSTRAINT claims_held_still CHECK ((held_still OR (NOT at_reader))),
    CONSTRAINT claims_made_as_known CHECK ((made_as = ANY (ARRAY['orderer'::text, 'holder'::text]))),
    CONSTRAINT claims_note_length CHECK (((note ~ '\S'::text) AND (length(note) <= 500))),
    CONSTRAINT claims_order_when_accepted CHECK (((order_card_id IS NULL) OR accepted)),
    CONSTRAINT claims_picture_purpose CHECK ((picture_purpose = 'claim'::text)),
    CONSTRAINT claims_standard CHECK ((kind = 'standard'::text))
);

-- Name: TABLE claims; Type: COMMENT

COMMENT ON TABLE public.claims IS 'What people say is wrong with a card, and what the issuer answered.';

-- Name: COLUMN claims.kind; Type: COMMENT

COMMENT ON COLUMN public.claims.kind IS 'Of the card: a visitor card has nothing that could fail.';

-- Name: COLUMN claims.made_by; Type: COMMENT

COMMENT ON COLUMN public.claims.made_by IS 'Who claims.';

-- Name: COLUMN claims.made_as; Type: COMMENT

COMMENT ON COLUMN public.claims.made_as IS 'As what: the holder, or the orderer who is responsible for the card.';

-- Name: COLUMN claims.fault; Type: COMMENT

COMMENT ON COLUMN public.claims.fault IS 'What is wrong.';

-- Name: COLUMN claims.at_reader; Type: COMMENT

COMMENT ON COLUMN public.claims.at_reader IS 'As in claim_faults.';

-- Name: COLUMN claims.held_still; Type: COMMENT

COMMENT ON COLUMN public.claims.held_still IS 'The checklist: the card was held still and flat against the reader, and that did not help.';

-- Name: COLUMN claims.effective; Type: COMMENT

COMMENT ON COLUMN public.claims.effective IS 'The checklist: what the card effectively was when the claim was made, so whether it was activated and the fee paid.';

-- Name: COLUMN claims.note; Type: COMMENT

COMMENT ON COLUMN public.claims.note IS 'The fault in the claimant''s words; the issuer reads it.';

-- Name: COLUMN claims.picture_id; Type: COMMENT

COMMENT ON COLUMN public.claims.picture_id IS 'A picture of the fault, where there is one.';

-- Name: COLUMN claims.accepted; Type: COMMENT

COMMENT ON COLUMN public.claims.accepted IS 'Null: not decided yet.';

-- Name: COLUMN claims.decided_by; Type: COMMENT

COMMENT ON COLUMN public.claims.decided_by IS 'Who decided, of the issuer''s staff.';

-- Name: COLUMN claims.decided_at; Type: COMMENT

COMMENT ON COLUMN public.claims.decided_at IS 'By the portal''s clock.';

-- Name: COLUMN claims.decision_note; Type: COMMENT

COMMENT ON COLUMN public.claims.decision_note IS 'The answer, for whoever claimed and the company; a declined claim has one.';

-- Name: COLUMN claims.order_card_id; Type: COMMENT

COMMENT ON COLUMN public.claims.order_card_id IS 'The card that was ordered for this claim, free of charge.';

-- Name: COLUMN claims.picture_purpose; Type: COMMENT

COMMENT ON COLUMN public.claims.picture_purpose IS 'What a picture must have been uploaded as.';

-- Name: claims_id_seq; Type: SEQUENCE

ALTER TABLE public.claims ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.claims_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: logins; Type: TABLE

CREATE TABLE public.logins (
    person_id bigint NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    language text DEFAULT 'sv'::text NOT NULL,
    disabled_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    standing jsonb NOT NULL,
    CONSTRAINT logins_email_format CHECK (((email = lower(email)) AND (email ~~ '%_@_%'::text) AND (length(email) <= 254))),
    CONSTRAINT logins_language_known CHECK ((language = ANY (ARRAY['sv'::text, 'en'::text])))
);

-- Name: TABLE logins; Type: COMMENT

COMMENT ON TABLE public.logins IS 'A person''s one login.';

-- Name: COLUMN logins.password_hash; Type: COMMENT

COMMENT ON COLUMN public.logins.password_hash IS 'argon2id, in its usual text form.';

-- Name: COLUMN logins.disabled_at; Type: COMMENT

COMMENT ON COLUMN public.logins.disabled_at IS 'From then on nobody logs in with it; null while it is open.';

-- Name: COLUMN logins.standing; Type: COMMENT

COMMENT ON COLUMN public.logins.standing IS 'person_standing, kept as it is now by triggers on what it is made from.';

-- Name: memberships; Type: TABLE

CREATE TABLE public.memberships (
    company_id bigint NOT NULL,
    person_id bigint NOT NULL,
    role text NOT NULL,
    since timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT memberships_role_of_company CHECK ((role = ANY (ARRAY['administrator'::text, 'orderer'::text])))
);

-- Name: TABLE memberships; Type: COMMENT

COMMENT ON TABLE public.memberships IS 'Who is administrator or orderer of which company; an ended one is kept, because history refers to it.';

-- Name: COLUMN memberships.ended_at; Type: COMMENT

COMMENT ON COLUMN public.memberships.ended_at IS 'From then on the role gives no rights; null while it does.';

-- Name: cleanup_cards; Type: VIEW

CREATE VIEW public.cleanup_cards AS
 SELECT 'never_activated'::text AS cleanup,
    c.id,
    c.company_id,
    c.kind,
    c.person_id,
    c.orderer_id,
    c.status,
    c.valid_to,
    c.number,
    c.sort_key,
    c.personal_key
   FROM public.cards c
  WHERE ((c.kind = 'standard'::text) AND (c.status = 'produced'::text) AND (c.valid_to >= ( SELECT public.today() AS today)) AND (( SELECT e.occurred_at
           FROM public.card_events e
          WHERE ((e.card_id = c.id) AND (e.from_status <> e.to_status))
          ORDER BY e.seq DESC
         LIMIT 1) <= ( SELECT public.cleanup_before('never_activated'::text) AS cleanup_before)))
UNION ALL
 SELECT 'long_blocked'::text AS cleanup,
    c.id,
    c.company_id,
    c.kind,
    c.person_id,
    c.orderer_id,
    c.status,
    c.valid_to,
    c.number,
    c.sort_key,
    c.personal_key
   FROM public.cards c
  WHERE ((c.status = 'blocked'::text) AND (c.valid_to >= ( SELECT public.today() AS today)) AND (( SELECT e.occurred_at
           FROM public.card_events e
          WHERE ((e.card_id = c.id) AND (e.from_status <> e.to_status))
          ORDER BY e.seq DESC
         LIMIT 1) <= ( SELECT public.cleanup_before('long_blocked'::text) AS cleanup_before)))
UNION ALL
 SELECT 'several'::text AS cleanup,
    c.id,
    c.company_id,
    c.kind,
    c.person_id,
    c.orderer_id,
    c.status,
    c.valid_to,
    c.number,
    c.sort_key,
    c.personal_key
   FROM public.cards c
  WHERE ((c.status = ANY (ARRAY['produced'::text, 'blocked'::text])) AND (c.valid_to >= ( SELECT public.today() AS today)) AND (( SELECT max(n.id) AS max
           FROM public.cards n
          WHERE ((n.person_id = c.person_id) AND (n.company_id = c.company_id) AND (n.kind = c.kind) AND (n.status = ANY (ARRAY['produced'::text, 'active'::text, 'blocked'::text])) AND (n.valid_to >= ( SELECT public.today() AS today)))) > c.id))
UNION ALL
 SELECT 'expired'::text AS cleanup,
    c.id,
    c.company_id,
    c.kind,
    c.person_id,
    c.orderer_id,
    c.status,
    c.valid_to,
    c.number,
    c.sort_key,
    c.personal_key
   FROM public.cards c
  WHERE ((c.status = ANY (ARRAY['produced'::text, 'active'::text, 'blocked'::text])) AND (c.valid_to < ( SELECT public.today() AS today)))
UNION ALL
 SELECT 'no_email'::text AS cleanup,
    c.id,
    c.company_id,
    c.kind,
    c.person_id,
    c.orderer_id,
    c.status,
    c.valid_to,
    c.number,
    c.sort_key,
    c.personal_key
   FROM public.cards c
  WHERE ((c.kind = 'standard'::text) AND (c.status = ANY (ARRAY['active'::text, 'blocked'::text])) AND (c.valid_to >= ( SELECT public.today() AS today)) AND (( SELECT o.email
           FROM public.card_orders o
          WHERE (o.card_id = c.id)
          ORDER BY o.seq DESC
         LIMIT 1) IS NULL) AND (( SELECT l.person_id
           FROM public.logins l
          WHERE ((l.person_id = c.person_id) AND (l.disabled_at IS NULL))) IS NULL))
UNION ALL
 SELECT 'orderer_gone'::text AS cleanup,
    c.id,
    c.company_id,
    c.kind,
    c.person_id,
    c.orderer_id,
    c.status,
    c.valid_to,
    c.number,
    c.sort_key,
    c.personal_key
   FROM (public.memberships m
     JOIN public.cards c ON (((c.company_id = m.company_id) AND (c.orderer_id = m.person_id))))
  WHERE ((m.role = 'orderer'::text) AND (m.ended_at IS NOT NULL) AND (NOT (c.status IN ( SELECT f.status
           FROM public.card_statuses f
          WHERE f.final))));

-- Name: VIEW cleanup_cards; Type: COMMENT

COMMENT ON VIEW public.cleanup_cards IS 'The cards of each kind; a card may be of several. never_activated: made and not yet past its last day, but for so long nobody has activated it. A visitor card never is, and is none of them. long_blocked: blocked for so long without a break, and not past its last day. several: not in use (produced or blocked), while the same person has a newer card of the company that is produced, active or blocked; none of both past its last day. Of a person''s cards the one that works and the newest stay, so that a new card on its way and the one it will replace are none of them. expired: past its last day, and never ended. no_email: activated and not past its last day, while its holder has neither a log-in nor an address in the last order, so that nobody can be reminded. orderer_gone: not at an end, while who is responsible for it is no orderer of the company any more, so that nobody may act. An orderer who leaves keeps the ended membership. The columns are those that a search by filters needs.';

-- Name: cleanup_rules; Type: TABLE

CREATE TABLE public.cleanup_rules (
    cleanup text NOT NULL,
    "position" smallint NOT NULL,
    after interval,
    ends boolean NOT NULL,
    CONSTRAINT cleanup_rules_after_some CHECK ((after > '00:00:00'::interval))
);

-- Name: TABLE cleanup_rules; Type: COMMENT

COMMENT ON TABLE public.cleanup_rules IS 'The kinds of cards that wait to be tidied up. Which cards they are says cleanup_cards. The owner changes a threshold with UPDATE.';

-- Name: COLUMN cleanup_rules.cleanup; Type: COMMENT

COMMENT ON COLUMN public.cleanup_rules.cleanup IS 'A word of its own in pages and addresses.';

-- Name: COLUMN cleanup_rules.after; Type: COMMENT

COMMENT ON COLUMN public.cleanup_rules.after IS 'How long a card has been what it is, at least; null where time plays no part.';

-- Name: COLUMN cleanup_rules.ends; Type: COMMENT

COMMENT ON COLUMN public.cleanup_rules.ends IS 'Whether the remedy is to end the card, so that its fee is saved. Else something about it is put right.';

-- Name: clock; Type: TABLE

CREATE TABLE public.clock (
    only_row boolean DEFAULT true NOT NULL,
    moved_by interval DEFAULT '00:00:00'::interval NOT NULL,
    CONSTRAINT clock_one_row CHECK (only_row)
);

-- Name: TABLE clock; Type: COMMENT

COMMENT ON TABLE public.clock IS 'How far the portal''s clock is ahead of the server''s. Only the owner moves it: in tests and rehearsals.';

-- Name: COLUMN clock.moved_by; Type: COMMENT

COMMENT ON COLUMN public.clock.moved_by IS 'Zero in production.';

-- Name: companies; Type: TABLE

CREATE TABLE public.companies (
    id bigint NOT NULL,
    name text NOT NULL,
    org_country text DEFAULT 'SE'::text NOT NULL,
    org_number text NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    grace_hours smallint DEFAULT 0 NOT NULL,
    CONSTRAINT companies_grace_hours_range CHECK (((grace_hours >= 0) AND (grace_hours <= 72))),
    CONSTRAINT companies_name_length CHECK (((length(btrim(name)) >= 1) AND (length(btrim(name)) <= 200))),
    CONSTRAINT companies_org_country_format CHECK ((org_country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT companies_org_number_format CHECK (
CASE
    WHEN (org_country = 'SE'::text) THEN (org_number ~ '^\d{6}-\d{4}$'::text)
    ELSE (org_number ~ '^[0-9A-Z]{1,30}$'::text)
END)
);

-- Name: TABLE companies; Type: COMMENT

COMMENT ON TABLE public.companies IS 'The companies whose people carry cards.';

-- Name: COLUMN companies.org_country; Type: COMMENT

COMMENT ON COLUMN public.companies.org_country IS 'ISO 3166, two letters: where the company is registered.';

-- Name: COLUMN companies.org_number; Type: COMMENT

COMMENT ON COLUMN public.companies.org_number IS 'As it is printed: NNNNNN-NNNN for Sweden, capital letters and digits elsewhere.';

-- Name: COLUMN companies.grace_hours; Type: COMMENT

COMMENT ON COLUMN public.companies.grace_hours IS 'For how long a termination can be withdrawn; zero: it is final at once. Written by grace_changes alone.';

-- Name: companies_id_seq; Type: SEQUENCE

ALTER TABLE public.companies ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.companies_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: deputies; Type: TABLE

CREATE TABLE public.deputies (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    orderer_id bigint NOT NULL,
    deputy_id bigint NOT NULL,
    first_day date NOT NULL,
    last_day date NOT NULL,
    named_by bigint NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    cancelled_at timestamp with time zone,
    cancelled_by bigint,
    CONSTRAINT deputies_a_year_at_most CHECK ((last_day < (first_day + '1 year'::interval))),
    CONSTRAINT deputies_another CHECK ((deputy_id <> orderer_id)),
    CONSTRAINT deputies_days_in_order CHECK ((last_day >= first_day))
);

-- Name: TABLE deputies; Type: COMMENT

COMMENT ON TABLE public.deputies IS 'Who does for a time with an orderer''s cards what the orderer may. The orderer stays responsible.';

-- Name: COLUMN deputies.orderer_id; Type: COMMENT

COMMENT ON COLUMN public.deputies.orderer_id IS 'Whose cards they are.';

-- Name: COLUMN deputies.deputy_id; Type: COMMENT

COMMENT ON COLUMN public.deputies.deputy_id IS 'Who acts.';

-- Name: COLUMN deputies.first_day; Type: COMMENT

COMMENT ON COLUMN public.deputies.first_day IS 'In Sweden, from midnight on. Never before the day on which the deputy is named.';

-- Name: COLUMN deputies.last_day; Type: COMMENT

COMMENT ON COLUMN public.deputies.last_day IS 'In Sweden, to its end.';

-- Name: COLUMN deputies.named_by; Type: COMMENT

COMMENT ON COLUMN public.deputies.named_by IS 'The orderer, or an administrator of the company.';

-- Name: COLUMN deputies.cancelled_at; Type: COMMENT

COMMENT ON COLUMN public.deputies.cancelled_at IS 'Ended before its last day was over; null otherwise.';

-- Name: COLUMN deputies.cancelled_by; Type: COMMENT

COMMENT ON COLUMN public.deputies.cancelled_by IS 'Who did that; null also when the operator ended the role of one of the two.';

-- Name: current_deputies; Type: VIEW

CREATE VIEW public.current_deputies AS
 SELECT d.id,
    d.company_id,
    d.orderer_id,
    d.deputy_id,
    d.first_day,
    d.last_day
   FROM public.deputies d
  WHERE ((d.cancelled_at IS NULL) AND ((public.today() >= d.first_day) AND (public.today() <= d.last_day)));

-- Name: VIEW current_deputies; Type: COMMENT

COMMENT ON VIEW public.current_deputies IS 'The deputies of today.';

-- Name: current_fee; Type: VIEW

CREATE VIEW public.current_fee AS
 SELECT p.valid_from,
    p.price
   FROM public.fee_policies p
  WHERE (p.valid_from = ( SELECT max(x.valid_from) AS max
           FROM public.fee_policies x
          WHERE (x.valid_from <= ( SELECT public.today() AS today))));

-- Name: VIEW current_fee; Type: COMMENT

COMMENT ON VIEW public.current_fee IS 'The policy that holds today: what a card in one of billed_statuses costs a quarter. One row, or none before the first policy.';

-- Name: current_orders; Type: VIEW

CREATE VIEW public.current_orders AS
 SELECT DISTINCT ON (o.card_id) o.card_id,
    o.seq,
    o.company_id,
    o.kind,
    o.given_name,
    o.family_name,
    o.citizenship,
    o.photo_id,
    o.email,
    o.language,
    o.reference,
    o.deliver_to,
    o.replaces_id,
    o.replace_reason
   FROM public.card_orders o
  ORDER BY o.card_id, o.seq DESC;

-- Name: VIEW current_orders; Type: COMMENT

COMMENT ON VIEW public.current_orders IS 'What each order says after its last correction.';

-- Name: deputies_id_seq; Type: SEQUENCE

ALTER TABLE public.deputies ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.deputies_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: due_reminders; Type: VIEW

CREATE VIEW public.due_reminders AS
 SELECT c.id AS card_id,
    c.company_id,
    c.orderer_id,
    c.valid_to,
    d.step,
    r.reader,
    r.person_id
   FROM ((public.reminder_days() d(last_day, step)
     JOIN public.cards_in_use c ON ((c.valid_to = d.last_day)))
     CROSS JOIN LATERAL ( VALUES ('holder'::text,c.person_id), ('orderer'::text,c.orderer_id)) r(reader, person_id))
  WHERE ((r.person_id IS NOT NULL) AND (( SELECT max(x.successor_id) AS max
           FROM public.card_successors x
          WHERE ((x.card_id = c.id) AND (x.waits_for IS DISTINCT FROM 'orderer'::text))) IS NULL) AND (NOT (EXISTS ( SELECT
           FROM public.card_reminders x
          WHERE ((x.card_id = c.id) AND (x.step = d.step) AND (x.reader = r.reader))))) AND ((r.reader = 'holder'::text) OR (EXISTS ( SELECT
           FROM public.memberships m
          WHERE ((m.company_id = c.company_id) AND (m.person_id = r.person_id) AND (m.role = 'orderer'::text) AND (m.ended_at IS NULL))))));

-- Name: VIEW due_reminders; Type: COMMENT

COMMENT ON VIEW public.due_reminders IS 'The reminders to be sent now: of cards in use in whose place nothing comes, to the holder, and to the responsible orderer while he or she is one.';

-- Name: eea_countries; Type: TABLE

CREATE TABLE public.eea_countries (
    country text NOT NULL,
    CONSTRAINT eea_countries_country_format CHECK ((country ~ '^[A-Z]{2}$'::text))
);

-- Name: TABLE eea_countries; Type: COMMENT

COMMENT ON TABLE public.eea_countries IS 'ISO 3166 codes of the European Economic Area and Switzerland, whose citizens work without a permit.';

-- Name: COLUMN eea_countries.country; Type: COMMENT

COMMENT ON COLUMN public.eea_countries.country IS 'ISO 3166, two letters.';

-- Name: grace_changes; Type: TABLE

CREATE TABLE public.grace_changes (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    grace_hours smallint NOT NULL,
    changed_by bigint NOT NULL,
    changed_at timestamp with time zone DEFAULT public.clock_now() NOT NULL
);

-- Name: TABLE grace_changes; Type: COMMENT

COMMENT ON TABLE public.grace_changes IS 'Who changed a company''s grace time for Terminera, and when. The last one holds.';

-- Name: COLUMN grace_changes.grace_hours; Type: COMMENT

COMMENT ON COLUMN public.grace_changes.grace_hours IS 'As companies.grace_hours from then on.';

-- Name: COLUMN grace_changes.changed_by; Type: COMMENT

COMMENT ON COLUMN public.grace_changes.changed_by IS 'An administrator of the company.';

-- Name: COLUMN grace_changes.changed_at; Type: COMMENT

COMMENT ON COLUMN public.grace_changes.changed_at IS 'By the portal''s clock.';

-- Name: grace_changes_id_seq; Type: SEQUENCE

ALTER TABLE public.grace_changes ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.grace_changes_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: hand_overs; Type: TABLE

CREATE TABLE public.hand_overs (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    from_id bigint NOT NULL,
    to_id bigint NOT NULL,
    action text DEFAULT 'hand_over'::text NOT NULL,
    reason text DEFAULT 'none'::text NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    then_ends text DEFAULT 'nothing'::text NOT NULL,
    asked_by bigint NOT NULL,
    asked_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    cards integer NOT NULL,
    done integer DEFAULT 0 NOT NULL,
    finished_at timestamp with time zone,
    refused_by text,
    CONSTRAINT hand_overs_action CHECK ((action = 'hand_over'::text)),
    CONSTRAINT hand_overs_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT hand_overs_other_needs_note CHECK (((reason <> 'other'::text) OR (note ~ '\S'::text))),
    CONSTRAINT hand_overs_refused_at_the_end CHECK (((refused_by IS NULL) OR (finished_at IS NOT NULL))),
    CONSTRAINT hand_overs_then_ends_known CHECK ((then_ends = ANY (ARRAY['nothing'::text, 'orderer'::text, 'membership'::text]))),
    CONSTRAINT hand_overs_to_another CHECK ((to_id <> from_id))
);

-- Name: TABLE hand_overs; Type: COMMENT

COMMENT ON TABLE public.hand_overs IS 'All cards of one orderer become another''s. Carried out by hand_over_some, some cards at a time.';

-- Name: COLUMN hand_overs.from_id; Type: COMMENT

COMMENT ON COLUMN public.hand_overs.from_id IS 'Whose cards they were; no orderer any more, perhaps.';

-- Name: COLUMN hand_overs.to_id; Type: COMMENT

COMMENT ON COLUMN public.hand_overs.to_id IS 'The orderer who becomes responsible.';

-- Name: COLUMN hand_overs.note; Type: COMMENT

COMMENT ON COLUMN public.hand_overs.note IS 'As of a card''s event.';

-- Name: COLUMN hand_overs.then_ends; Type: COMMENT

COMMENT ON COLUMN public.hand_overs.then_ends IS 'What ends with the last card: nothing, the role orderer, or the whole membership; but of the membership of another than asked_by the role administrator ends at once.';

-- Name: COLUMN hand_overs.asked_by; Type: COMMENT

COMMENT ON COLUMN public.hand_overs.asked_by IS 'The administrator, in whose name each card is handed over.';

-- Name: COLUMN hand_overs.asked_at; Type: COMMENT

COMMENT ON COLUMN public.hand_overs.asked_at IS 'By the portal''s clock.';

-- Name: COLUMN hand_overs.cards; Type: COMMENT

COMMENT ON COLUMN public.hand_overs.cards IS 'How many there were then.';

-- Name: COLUMN hand_overs.done; Type: COMMENT

COMMENT ON COLUMN public.hand_overs.done IS 'How many have been handed over: those ordered meanwhile are among them, those that ended meanwhile are not.';

-- Name: COLUMN hand_overs.finished_at; Type: COMMENT

COMMENT ON COLUMN public.hand_overs.finished_at IS 'Null while it goes on.';

-- Name: COLUMN hand_overs.refused_by; Type: COMMENT

COMMENT ON COLUMN public.hand_overs.refused_by IS 'The rule that stopped it, or that kept the role from ending; null when all went well.';

-- Name: hand_overs_id_seq; Type: SEQUENCE

ALTER TABLE public.hand_overs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.hand_overs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: invoices; Type: TABLE

CREATE TABLE public.invoices (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    number text NOT NULL,
    due_on date NOT NULL,
    paid_at timestamp with time zone
);

-- Name: TABLE invoices; Type: COMMENT

COMMENT ON TABLE public.invoices IS 'Fees asked of a company. One that is unpaid after its last day suspends all its cards; payment lifts it at once.';

-- Name: COLUMN invoices.due_on; Type: COMMENT

COMMENT ON COLUMN public.invoices.due_on IS 'The last day to pay.';

-- Name: COLUMN invoices.paid_at; Type: COMMENT

COMMENT ON COLUMN public.invoices.paid_at IS 'Null while it is unpaid.';

-- Name: invoices_id_seq; Type: SEQUENCE

ALTER TABLE public.invoices ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.invoices_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: issuer_looks; Type: TABLE

CREATE TABLE public.issuer_looks (
    id bigint NOT NULL,
    person_id bigint NOT NULL,
    looked_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    page text NOT NULL,
    card_ids bigint[] NOT NULL,
    CONSTRAINT issuer_looks_page_known CHECK ((page = ANY (ARRAY['card_search'::text, 'card'::text, 'desk'::text, 'review'::text, 'photo'::text, 'production'::text, 'claims'::text])))
);

-- Name: TABLE issuer_looks; Type: COMMENT

COMMENT ON TABLE public.issuer_looks IS 'Every look of the issuer''s staff at companies'' cards: who, when, which.';

-- Name: COLUMN issuer_looks.page; Type: COMMENT

COMMENT ON COLUMN public.issuer_looks.page IS 'Where they were seen.';

-- Name: COLUMN issuer_looks.card_ids; Type: COMMENT

COMMENT ON COLUMN public.issuer_looks.card_ids IS 'The cards that were shown or, where there were but counts, the first of those counted; none where nothing was found. What was searched for is not kept: it may be a personnummer.';

-- Name: issuer_looks_id_seq; Type: SEQUENCE

ALTER TABLE public.issuer_looks ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.issuer_looks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: issuer_staff; Type: TABLE

CREATE TABLE public.issuer_staff (
    person_id bigint NOT NULL,
    since timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    ended_at timestamp with time zone
);

-- Name: TABLE issuer_staff; Type: COMMENT

COMMENT ON TABLE public.issuer_staff IS 'The scheme''s own people. Only the owner of the database makes them.';

-- Name: COLUMN issuer_staff.ended_at; Type: COMMENT

COMMENT ON COLUMN public.issuer_staff.ended_at IS 'From then on no longer; null while it lasts.';

-- Name: link_purposes; Type: TABLE

CREATE TABLE public.link_purposes (
    purpose text NOT NULL,
    lasts interval NOT NULL,
    CONSTRAINT link_purposes_lasts_some CHECK ((lasts > '00:00:00'::interval))
);

-- Name: TABLE link_purposes; Type: COMMENT

COMMENT ON TABLE public.link_purposes IS 'What a personal link in a mail may be for.';

-- Name: COLUMN link_purposes.purpose; Type: COMMENT

COMMENT ON COLUMN public.link_purposes.purpose IS 'invite: choose a password; approve: the holder approves an order; reset_password; change_email: the new address is the person''s.';

-- Name: COLUMN link_purposes.lasts; Type: COMMENT

COMMENT ON COLUMN public.link_purposes.lasts IS 'From the moment the mail is sent.';

-- Name: listed_orderers; Type: TABLE

CREATE TABLE public.listed_orderers (
    company_id bigint NOT NULL,
    person_id bigint NOT NULL,
    former boolean NOT NULL,
    name_key text NOT NULL COLLATE pg_catalog."C",
    given_name text NOT NULL,
    family_name text NOT NULL
);

-- Name: TABLE listed_orderers; Type: COMMENT

COMMENT ON TABLE public.listed_orderers IS 'The orderers of each company as its lists name them; derived from memberships and persons.';

-- Name: COLUMN listed_orderers.former; Type: COMMENT

COMMENT ON COLUMN public.listed_orderers.former IS 'Is no orderer of the company any more.';

-- Name: COLUMN listed_orderers.name_key; Type: COMMENT

COMMENT ON COLUMN public.listed_orderers.name_key IS 'persons.name_key';

-- Name: order_imports; Type: TABLE

CREATE TABLE public.order_imports (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    made_by bigint NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    rows jsonb,
    ignored text[] DEFAULT '{}'::text[] NOT NULL,
    made integer,
    left_out integer,
    CONSTRAINT order_imports_applied CHECK ((((rows IS NULL) = (made IS NOT NULL)) AND ((made IS NULL) = (left_out IS NULL))))
);

-- Name: TABLE order_imports; Type: COMMENT

COMMENT ON TABLE public.order_imports IS 'Spreadsheets of orders from upload until their time by retention_rules is out.';

-- Name: COLUMN order_imports.made_by; Type: COMMENT

COMMENT ON COLUMN public.order_imports.made_by IS 'The orderer, who alone sees it.';

-- Name: COLUMN order_imports.rows; Type: COMMENT

COMMENT ON COLUMN public.order_imports.rows IS 'What was read, with what is wrong; null from the moment it was ordered.';

-- Name: COLUMN order_imports.ignored; Type: COMMENT

COMMENT ON COLUMN public.order_imports.ignored IS 'Names of columns that say nothing to an order.';

-- Name: COLUMN order_imports.made; Type: COMMENT

COMMENT ON COLUMN public.order_imports.made IS 'How many orders it became.';

-- Name: COLUMN order_imports.left_out; Type: COMMENT

COMMENT ON COLUMN public.order_imports.left_out IS 'How many rows did not become one.';

-- Name: retention_rules; Type: TABLE

CREATE TABLE public.retention_rules (
    what text NOT NULL,
    keep interval NOT NULL,
    since text NOT NULL,
    why text NOT NULL,
    CONSTRAINT retention_rules_keep_enough CHECK (((what <> ALL (ARRAY['message'::text, 'reminder'::text])) OR (keep >= '30 days'::interval))),
    CONSTRAINT retention_rules_keep_some CHECK ((keep > '00:00:00'::interval))
);

-- Name: TABLE retention_rules; Type: COMMENT

COMMENT ON TABLE public.retention_rules IS 'How long personal data are kept. The owner changes a period with UPDATE; it holds from the next hour on.';

-- Name: COLUMN retention_rules.what; Type: COMMENT

COMMENT ON COLUMN public.retention_rules.what IS 'Each has its place in pictures_kept or in forget_rows.';

-- Name: COLUMN retention_rules.keep; Type: COMMENT

COMMENT ON COLUMN public.retention_rules.keep IS 'From since on.';

-- Name: COLUMN retention_rules.since; Type: COMMENT

COMMENT ON COLUMN public.retention_rules.since IS 'From when it is counted, in words.';

-- Name: COLUMN retention_rules.why; Type: COMMENT

COMMENT ON COLUMN public.retention_rules.why IS 'What it is kept for so long, and no longer.';

-- Name: CONSTRAINT retention_rules_keep_enough ON retention_rules; Type: COMMENT

COMMENT ON CONSTRAINT retention_rules_keep_enough ON public.retention_rules IS 'A message is tried for a day, and a reminder is due for a week.';

-- Name: live_order_imports; Type: VIEW

CREATE VIEW public.live_order_imports AS
 SELECT i.id,
    i.company_id,
    i.made_by,
    i.created_at,
    i.rows,
    i.ignored,
    i.made,
    i.left_out
   FROM public.order_imports i
  WHERE (i.created_at > (public.clock_now() - ( SELECT r.keep
           FROM public.retention_rules r
          WHERE (r.what = 'order_import'::text))));

-- Name: VIEW live_order_imports; Type: COMMENT

COMMENT ON VIEW public.live_order_imports IS 'Those that their orderer can still open.';

-- Name: renewals; Type: TABLE

CREATE TABLE public.renewals (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    made_by bigint NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    deliver_to text DEFAULT ''::text NOT NULL,
    reference text DEFAULT ''::text NOT NULL,
    applied_at timestamp with time zone,
    CONSTRAINT renewals_deliver_to_length CHECK ((length(deliver_to) <= 400)),
    CONSTRAINT renewals_reference_length CHECK ((length(reference) <= 100))
);

-- Name: TABLE renewals; Type: COMMENT

COMMENT ON TABLE public.renewals IS 'New cards for many that expire, from the choice of the cards until their time by retention_rules is out.';

-- Name: COLUMN renewals.made_by; Type: COMMENT

COMMENT ON COLUMN public.renewals.made_by IS 'The orderer, who alone sees it.';

-- Name: COLUMN renewals.deliver_to; Type: COMMENT

COMMENT ON COLUMN public.renewals.deliver_to IS 'Where all of the new cards go; empty when each goes where the old one went.';

-- Name: COLUMN renewals.reference; Type: COMMENT

COMMENT ON COLUMN public.renewals.reference IS 'The company''s own order number for all of them; empty when each keeps the old one''s.';

-- Name: COLUMN renewals.applied_at; Type: COMMENT

COMMENT ON COLUMN public.renewals.applied_at IS 'When the cards were ordered; null until then.';

-- Name: live_renewals; Type: VIEW

CREATE VIEW public.live_renewals AS
 SELECT r.id,
    r.company_id,
    r.made_by,
    r.created_at,
    r.deliver_to,
    r.reference,
    r.applied_at
   FROM public.renewals r
  WHERE (r.created_at > (public.clock_now() - ( SELECT r_1.keep
           FROM public.retention_rules r_1
          WHERE (r_1.what = 'renewal'::text))));

-- Name: VIEW live_renewals; Type: COMMENT

COMMENT ON VIEW public.live_renewals IS 'Those that their orderer can still open.';

-- Name: selections; Type: TABLE

CREATE TABLE public.selections (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    made_by bigint NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL
);

-- Name: TABLE selections; Type: COMMENT

COMMENT ON TABLE public.selections IS 'Cards that somebody chose, to do something with all of them.';

-- Name: COLUMN selections.made_by; Type: COMMENT

COMMENT ON COLUMN public.selections.made_by IS 'Who alone sees it.';

-- Name: live_selections; Type: VIEW

CREATE VIEW public.live_selections AS
 SELECT s.id,
    s.company_id,
    s.made_by,
    s.created_at
   FROM public.selections s
  WHERE (s.created_at > (public.clock_now() - ( SELECT r.keep
           FROM public.retention_rules r
          WHERE (r.what = 'selection'::text))));

-- Name: VIEW live_selections; Type: COMMENT

COMMENT ON VIEW public.live_selections IS 'Those that whoever made them can still open.';

-- Name: sessions; Type: TABLE

CREATE TABLE public.sessions (
    token_hash bytea NOT NULL,
    data jsonb NOT NULL,
    person_id bigint GENERATED ALWAYS AS (((data ->> 'person'::text))::bigint) STORED,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    ended_at timestamp with time zone,
    version integer DEFAULT 1 NOT NULL,
    CONSTRAINT sessions_token_hash_length CHECK ((length(token_hash) = 32))
)
WITH (fillfactor='80');

-- Name: TABLE sessions; Type: COMMENT

COMMENT ON TABLE public.sessions IS 'Who is logged in. An ended session stays as a tombstone until it could not live any more, so that a request in flight cannot revive it.';

-- Name: COLUMN sessions.token_hash; Type: COMMENT

COMMENT ON COLUMN public.sessions.token_hash IS 'SHA-256 of the cookie''s token; the token itself is only in the browser.';

-- Name: COLUMN sessions.data; Type: COMMENT

COMMENT ON COLUMN public.sessions.data IS 'account.Session as JSON, without what is read anew for each request.';

-- Name: COLUMN sessions.person_id; Type: COMMENT

COMMENT ON COLUMN public.sessions.person_id IS 'Out of data, so that all sessions of a person can be ended.';

-- Name: COLUMN sessions.last_seen_at; Type: COMMENT

COMMENT ON COLUMN public.sessions.last_seen_at IS 'Of the last request, to the minute.';

-- Name: COLUMN sessions.ended_at; Type: COMMENT

COMMENT ON COLUMN public.sessions.ended_at IS 'When it was logged out; null while it may live.';

-- Name: COLUMN sessions.version; Type: COMMENT

COMMENT ON COLUMN public.sessions.version IS 'How often the data were written: a writer that has seen another version changes nothing.';

-- Name: live_sessions; Type: VIEW

CREATE VIEW public.live_sessions AS
 SELECT s.token_hash,
    s.data,
    s.person_id,
    s.created_at,
    s.last_seen_at,
    s.version,
    n.now
   FROM (public.sessions s
     CROSS JOIN ( SELECT (now() + c.moved_by) AS now
           FROM public.clock c) n)
  WHERE ((s.ended_at IS NULL) AND (s.last_seen_at > (n.now - '01:00:00'::interval)) AND (s.created_at > (n.now - '12:00:00'::interval)));

-- Name: VIEW live_sessions; Type: COMMENT

COMMENT ON VIEW public.live_sessions IS 'A session ends by itself after 60 minutes without a request and 12 hours after login.';

-- Name: login_devices; Type: TABLE

CREATE TABLE public.login_devices (
    token_hash bytea NOT NULL,
    person_id bigint NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL
);

-- Name: TABLE login_devices; Type: COMMENT

COMMENT ON TABLE public.login_devices IS 'Browsers that have logged in to an account before. They are not slowed down by what strangers try on it.';

-- Name: COLUMN login_devices.token_hash; Type: COMMENT

COMMENT ON COLUMN public.login_devices.token_hash IS 'SHA-256 of the token that the browser keeps.';

-- Name: login_throttles; Type: TABLE

CREATE TABLE public.login_throttles (
    bucket bytea NOT NULL,
    failures integer NOT NULL,
    starts_over timestamp with time zone NOT NULL
);

-- Name: TABLE login_throttles; Type: COMMENT

COMMENT ON TABLE public.login_throttles IS 'How often somebody failed to log in, by a hash of address, account and the two together.';

-- Name: COLUMN login_throttles.bucket; Type: COMMENT

COMMENT ON COLUMN public.login_throttles.bucket IS 'SHA-256 of what is counted.';

-- Name: COLUMN login_throttles.failures; Type: COMMENT

COMMENT ON COLUMN public.login_throttles.failures IS 'Attempts that failed, or are not yet judged, since the count began.';

-- Name: COLUMN login_throttles.starts_over; Type: COMMENT

COMMENT ON COLUMN public.login_throttles.starts_over IS 'When the count begins again.';

-- Name: membership_events; Type: TABLE

CREATE TABLE public.membership_events (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    person_id bigint NOT NULL,
    role text NOT NULL,
    action text NOT NULL,
    actor_id bigint,
    occurred_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT membership_events_action_known CHECK ((action = ANY (ARRAY['begin'::text, 'end'::text]))),
    CONSTRAINT membership_events_role_of_company CHECK ((role = ANY (ARRAY['administrator'::text, 'orderer'::text])))
);

-- Name: TABLE membership_events; Type: COMMENT

COMMENT ON TABLE public.membership_events IS 'Each time somebody got or lost a role in a company. Memberships follow; nothing else changes them.';

-- Name: COLUMN membership_events.action; Type: COMMENT

COMMENT ON COLUMN public.membership_events.action IS 'begin or end.';

-- Name: COLUMN membership_events.actor_id; Type: COMMENT

COMMENT ON COLUMN public.membership_events.actor_id IS 'The administrator who did it; null for the operator, and for what was before this table.';

-- Name: COLUMN membership_events.occurred_at; Type: COMMENT

COMMENT ON COLUMN public.membership_events.occurred_at IS 'By the portal''s clock.';

-- Name: membership_events_id_seq; Type: SEQUENCE

ALTER TABLE public.membership_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.membership_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: message_attempts; Type: TABLE

CREATE TABLE public.message_attempts (
    message_id bigint NOT NULL,
    n integer NOT NULL,
    started_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    ended_at timestamp with time zone,
    outcome text,
    error text,
    CONSTRAINT message_attempts_ended_with_outcome CHECK (((ended_at IS NULL) = (outcome IS NULL))),
    CONSTRAINT message_attempts_error_known CHECK ((error = ANY (ARRAY['address_refused'::text, 'refused'::text, 'busy'::text, 'unreachable'::text, 'fault'::text]))),
    CONSTRAINT message_attempts_error_unless_sent CHECK (((error IS NOT NULL) = COALESCE((outcome = ANY (ARRAY['deferred'::text, 'failed'::text])), false))),
    CONSTRAINT message_attempts_n_positive CHECK ((n > 0)),
    CONSTRAINT message_attempts_outcome_known CHECK ((outcome = ANY (ARRAY['sent'::text, 'deferred'::text, 'failed'::text])))
);

-- Name: TABLE message_attempts; Type: COMMENT

COMMENT ON TABLE public.message_attempts IS 'Every attempt to send a message: written before the mail goes out, ended after it.';

-- Name: COLUMN message_attempts.message_id; Type: COMMENT

COMMENT ON COLUMN public.message_attempts.message_id IS 'What was to be sent.';

-- Name: COLUMN message_attempts.n; Type: COMMENT

COMMENT ON COLUMN public.message_attempts.n IS 'The how manieth.';

-- Name: COLUMN message_attempts.started_at; Type: COMMENT

COMMENT ON COLUMN public.message_attempts.started_at IS 'By the portal''s clock, before the mail server was spoken to.';

-- Name: COLUMN message_attempts.ended_at; Type: COMMENT

COMMENT ON COLUMN public.message_attempts.ended_at IS 'Null while it is under way, and for ever when the process ended in the middle.';

-- Name: COLUMN message_attempts.outcome; Type: COMMENT

COMMENT ON COLUMN public.message_attempts.outcome IS 'sent and failed are the end of the message; after deferred, and after none, comes another attempt.';

-- Name: COLUMN message_attempts.error; Type: COMMENT

COMMENT ON COLUMN public.message_attempts.error IS 'Why it was not sent, as a word. What the mail server said may hold an address and is not kept.';

-- Name: messages; Type: TABLE

CREATE TABLE public.messages (
    id bigint NOT NULL,
    company_id bigint,
    person_id bigint NOT NULL,
    card_id bigint,
    card_kind text,
    email text NOT NULL,
    template text NOT NULL,
    language text NOT NULL,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT messages_card_whole CHECK ((((card_id IS NULL) = (card_kind IS NULL)) AND ((card_id IS NULL) OR (company_id IS NOT NULL)))),
    CONSTRAINT messages_data_object CHECK ((jsonb_typeof(data) = 'object'::text)),
    CONSTRAINT messages_email_format CHECK (((email = lower(email)) AND (email ~~ '%_@_%'::text) AND (length(email) <= 254))),
    CONSTRAINT messages_language_known CHECK ((language = ANY (ARRAY['sv'::text, 'en'::text]))),
    CONSTRAINT messages_no_personal_number CHECK ((((data - 'company'::text))::text !~ '\d{6}[-+]?\d{4}'::text))
);

-- Name: TABLE messages; Type: COMMENT

COMMENT ON TABLE public.messages IS 'One row for each mail: to whom, about what. Never changed; what became of it stands in message_attempts.';

-- Name: COLUMN messages.company_id; Type: COMMENT

COMMENT ON COLUMN public.messages.company_id IS 'Whose users see the message; null for mails about an account.';

-- Name: COLUMN messages.person_id; Type: COMMENT

COMMENT ON COLUMN public.messages.person_id IS 'The receiver.';

-- Name: COLUMN messages.card_id; Type: COMMENT

COMMENT ON COLUMN public.messages.card_id IS 'What it is about; null when that is no card.';

-- Name: COLUMN messages.card_kind; Type: COMMENT

COMMENT ON COLUMN public.messages.card_kind IS 'Of the card, so that card and company go together.';

-- Name: COLUMN messages.email; Type: COMMENT

COMMENT ON COLUMN public.messages.email IS 'The address it goes to, as it was when the message was written.';

-- Name: COLUMN messages.template; Type: COMMENT

COMMENT ON COLUMN public.messages.template IS 'Which mail it is.';

-- Name: COLUMN messages.data; Type: COMMENT

COMMENT ON COLUMN public.messages.data IS 'Words for the template: a company''s name, a card number, a reason. Never a personnummer, a PIN or a token.';

-- Name: message_states; Type: VIEW

CREATE VIEW public.message_states AS
 SELECT m.id AS message_id,
    COALESCE(a.n, 0) AS attempts,
    a.error,
    COALESCE(a.ended_at, a.started_at) AS last_at,
        CASE
            WHEN (a.outcome = ANY (ARRAY['sent'::text, 'failed'::text])) THEN a.outcome
            ELSE 'waiting'::text
        END AS state
   FROM (public.messages m
     LEFT JOIN LATERAL ( SELECT x.message_id,
            x.n,
            x.started_at,
            x.ended_at,
            x.outcome,
            x.error
           FROM public.message_attempts x
          WHERE (x.message_id = m.id)
          ORDER BY x.n DESC
         LIMIT 1) a ON (true));

-- Name: VIEW message_states; Type: COMMENT

COMMENT ON VIEW public.message_states IS 'What became of each message: waiting, sent or failed, after how many attempts, and what went wrong in the last one.';

-- Name: message_templates; Type: TABLE

CREATE TABLE public.message_templates (
    template text NOT NULL,
    purpose text,
    while_status text
);

-- Name: TABLE message_templates; Type: COMMENT

COMMENT ON TABLE public.message_templates IS 'The mails that the portal can write.';

-- Name: COLUMN message_templates.template; Type: COMMENT

COMMENT ON COLUMN public.message_templates.template IS 'The words stand with the program, under this name.';

-- Name: COLUMN message_templates.purpose; Type: COMMENT

COMMENT ON COLUMN public.message_templates.purpose IS 'Of the secret link that the mail carries; null when it carries none.';

-- Name: COLUMN message_templates.while_status; Type: COMMENT

COMMENT ON COLUMN public.message_templates.while_status IS 'The mail asks the holder of a card in this status for the next step, and may be sent again; null for others.';

-- Name: messages_id_seq; Type: SEQUENCE

ALTER TABLE public.messages ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.messages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: order_imports_id_seq; Type: SEQUENCE

ALTER TABLE public.order_imports ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.order_imports_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: orderer_names; Type: TABLE

CREATE TABLE public.orderer_names (
    word text NOT NULL COLLATE pg_catalog."C",
    person_id bigint NOT NULL
);

-- Name: TABLE orderer_names; Type: COMMENT

COMMENT ON TABLE public.orderer_names IS 'The words by which orderers are found across companies; derived from memberships and persons.';

-- Name: COLUMN orderer_names.word; Type: COMMENT

COMMENT ON COLUMN public.orderer_names.word IS 'As in card_names.';

-- Name: ordererless_cards; Type: VIEW

CREATE VIEW public.ordererless_cards AS
 SELECT c.id,
    c.company_id,
    c.orderer_id
   FROM (public.cards c
     JOIN public.card_statuses s ON ((s.status = c.status)))
  WHERE ((NOT s.final) AND (NOT (EXISTS ( SELECT
           FROM public.memberships m
          WHERE ((m.company_id = c.company_id) AND (m.person_id = c.orderer_id) AND (m.role = 'orderer'::text) AND (m.ended_at IS NULL))))));

-- Name: VIEW ordererless_cards; Type: COMMENT

COMMENT ON VIEW public.ordererless_cards IS 'Cards that are not at an end and whose responsible person is no orderer of the company any more: nobody acts on them until they are handed over.';

-- Name: persons; Type: TABLE

CREATE TABLE public.persons (
    id bigint NOT NULL,
    identity_kind text NOT NULL,
    identity_country text DEFAULT 'SE'::text NOT NULL,
    identity_number text NOT NULL,
    given_name text NOT NULL,
    family_name text NOT NULL,
    name_key text GENERATED ALWAYS AS (public.name_key(((family_name || ' '::text) || given_name))) STORED NOT NULL COLLATE pg_catalog."C",
    personal_key text GENERATED ALWAYS AS (
CASE
    WHEN (identity_kind = ANY (ARRAY['personal_number'::text, 'coordination_number'::text])) THEN substr(identity_number, 3)
    ELSE NULL::text
END) STORED COLLATE pg_catalog."C",
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT persons_family_name_length CHECK (((length(family_name) >= 1) AND (length(family_name) <= 100))),
    CONSTRAINT persons_given_name_length CHECK (((length(given_name) >= 1) AND (length(given_name) <= 100))),
    CONSTRAINT persons_identity_country_format CHECK ((identity_country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT persons_identity_kind_known CHECK ((identity_kind = ANY (ARRAY['personal_number'::text, 'coordination_number'::text, 'passport'::text, 'national_id'::text]))),
    CONSTRAINT persons_identity_number_format CHECK (
CASE
    WHEN (identity_kind = ANY (ARRAY['personal_number'::text, 'coordination_number'::text])) THEN ((identity_country = 'SE'::text) AND (identity_number ~ '^\d{12}$'::text))
    ELSE (identity_number ~ '^[0-9A-Z]{1,30}$'::text)
END)
);

-- Name: TABLE persons; Type: COMMENT

COMMENT ON TABLE public.persons IS 'Human beings, each once: one canonical identity, however it was written.';

-- Name: COLUMN persons.identity_country; Type: COMMENT

COMMENT ON COLUMN public.persons.identity_country IS 'ISO 3166, two letters: whose authority gave the number.';

-- Name: COLUMN persons.identity_number; Type: COMMENT

COMMENT ON COLUMN public.persons.identity_number IS 'Twelve digits for Swedish numbers, capital letters and digits for foreign ones.';

-- Name: COLUMN persons.name_key; Type: COMMENT

COMMENT ON COLUMN public.persons.name_key IS 'The key of family name and given name, by which lists are sorted.';

-- Name: COLUMN persons.personal_key; Type: COMMENT

COMMENT ON COLUMN public.persons.personal_key IS 'A Swedish number without its century (YYMMDDNNNN), by which it is searched.';

-- Name: persons_id_seq; Type: SEQUENCE

ALTER TABLE public.persons ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.persons_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: pictures; Type: TABLE

CREATE TABLE public.pictures (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    purpose text NOT NULL,
    jpeg bytea,
    width integer NOT NULL,
    height integer NOT NULL,
    uploaded_by bigint NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    deleted_at timestamp with time zone,
    key uuid DEFAULT gen_random_uuid(),
    there boolean DEFAULT true NOT NULL,
    CONSTRAINT pictures_deleted CHECK (((NOT there) OR (deleted_at IS NULL))),
    CONSTRAINT pictures_height_some CHECK ((height > 0)),
    CONSTRAINT pictures_keyed CHECK (((key IS NOT NULL) OR ((deleted_at IS NOT NULL) AND (jpeg IS NULL)))),
    CONSTRAINT pictures_purpose_known CHECK ((purpose = ANY (ARRAY['photo'::text, 'claim'::text]))),
    CONSTRAINT pictures_size CHECK (((length(jpeg) >= 100) AND (length(jpeg) <= 3000000))),
    CONSTRAINT pictures_width_some CHECK ((width > 0))
);
ALTER TABLE ONLY public.pictures ALTER COLUMN jpeg SET STORAGE EXTERNAL;

-- Name: TABLE pictures; Type: COMMENT

COMMENT ON TABLE public.pictures IS 'Photos for cards and pictures for claims, without any metadata. Each belongs to one company.';

-- Name: COLUMN pictures.purpose; Type: COMMENT

COMMENT ON COLUMN public.pictures.purpose IS 'photo: for a card. claim: of a faulty card.';

-- Name: COLUMN pictures.jpeg; Type: COMMENT

COMMENT ON COLUMN public.pictures.jpeg IS 'The bytes, upright and scaled, where the database is the place of pictures; null where they are elsewhere, and once they are deleted.';

-- Name: COLUMN pictures.width; Type: COMMENT

COMMENT ON COLUMN public.pictures.width IS 'In pixels.';

-- Name: COLUMN pictures.height; Type: COMMENT

COMMENT ON COLUMN public.pictures.height IS 'In pixels.';

-- Name: COLUMN pictures.uploaded_by; Type: COMMENT

COMMENT ON COLUMN public.pictures.uploaded_by IS 'Who uploaded it.';

-- Name: COLUMN pictures.deleted_at; Type: COMMENT

COMMENT ON COLUMN public.pictures.deleted_at IS 'When its time was out and its bytes were to be deleted; that there was one is kept.';

-- Name: COLUMN pictures.key; Type: COMMENT

COMMENT ON COLUMN public.pictures.key IS 'By what its bytes are found where pictures are kept; null once they are deleted there.';

-- Name: COLUMN pictures.there; Type: COMMENT

COMMENT ON COLUMN public.pictures.there IS 'Whether it can be seen: not yet while its bytes are on their way, and no more once its time was out. The default is for rows that come with their bytes.';

-- Name: pictures_id_seq; Type: SEQUENCE

ALTER TABLE public.pictures ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.pictures_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: pictures_kept; Type: VIEW

CREATE VIEW public.pictures_kept AS
 SELECT p.id,
    GREATEST((p.created_at + ( SELECT public.retention('upload'::text) AS retention)), ( SELECT max(
                CASE
                    WHEN (corrected.at IS NOT NULL) THEN (corrected.at + ( SELECT public.retention('corrected_photo'::text) AS retention))
                    WHEN (EXISTS ( SELECT
                       FROM public.claims x
                      WHERE ((x.card_id = c.id) AND (x.accepted IS NULL)))) THEN 'infinity'::timestamp with time zone
                    ELSE (COALESCE(LEAST((((c.valid_to + 1))::timestamp without time zone AT TIME ZONE 'Europe/Stockholm'::text), ended.at), 'infinity'::timestamp with time zone) +
                    CASE
                        WHEN (c.status = 'cancelled'::text) THEN ( SELECT public.retention('cancelled_photo'::text) AS retention)
                        ELSE ( SELECT public.retention('card_photo'::text) AS retention)
                    END)
                END) AS max
           FROM ((((public.card_orders o
             JOIN public.cards c ON ((c.id = o.card_id)))
             JOIN public.card_statuses s ON ((s.status = c.status)))
             LEFT JOIN LATERAL ( SELECT e.occurred_at AS at
                   FROM (public.card_orders n
                     JOIN public.card_events e ON (((e.card_id = n.card_id) AND (e.seq = n.seq))))
                  WHERE ((n.card_id = o.card_id) AND (n.seq > o.seq))
                  ORDER BY n.seq
                 LIMIT 1) corrected ON (true))
             LEFT JOIN LATERAL ( SELECT e.occurred_at AS at
                   FROM public.card_events e
                  WHERE (s.final AND (e.card_id = c.id) AND (e.from_status <> e.to_status))
                  ORDER BY e.seq DESC
                 LIMIT 1) ended ON (true))
          WHERE (o.photo_id = p.id)), ( SELECT max((COALESCE(x.decided_at, 'infinity'::timestamp with time zone) + ( SELECT public.retention('claim_picture'::text) AS retention))) AS max
           FROM public.claims x
          WHERE (x.picture_id = p.id))) AS until
   FROM public.pictures p
  WHERE (p.deleted_at IS NULL);

-- Name: VIEW pictures_kept; Type: COMMENT

COMMENT ON VIEW public.pictures_kept IS 'Until when each picture is kept; infinity while an order, a card in use or an undecided claim needs it.';

-- Name: pin_views; Type: TABLE

CREATE TABLE public.pin_views (
    card_id bigint NOT NULL,
    viewed_on date NOT NULL,
    outcome text NOT NULL,
    nth smallint NOT NULL,
    viewed_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    written_by xid8 DEFAULT pg_current_xact_id() NOT NULL,
    CONSTRAINT pin_views_five_a_day CHECK (((nth >= 1) AND (nth <= 5))),
    CONSTRAINT pin_views_outcome_known CHECK ((outcome = ANY (ARRAY['shown'::text, 'wrong_number'::text])))
);

-- Name: TABLE pin_views; Type: COMMENT

COMMENT ON TABLE public.pin_views IS 'Each time the holder was shown a PIN, or gave a wrong card number for it: at most five of each a day (Europe/Stockholm) and card.';

-- Name: COLUMN pin_views.viewed_on; Type: COMMENT

COMMENT ON COLUMN public.pin_views.viewed_on IS 'The day in Sweden.';

-- Name: COLUMN pin_views.nth; Type: COMMENT

COMMENT ON COLUMN public.pin_views.nth IS 'The how manieth of its outcome that day.';

-- Name: COLUMN pin_views.written_by; Type: COMMENT

COMMENT ON COLUMN public.pin_views.written_by IS 'The transaction, which read_pin does not hand the PIN to.';

-- Name: plan_actions; Type: TABLE

CREATE TABLE public.plan_actions (
    action text NOT NULL,
    "position" smallint NOT NULL,
    event text NOT NULL,
    undo text,
    undo_reason text DEFAULT 'none'::text NOT NULL,
    most integer NOT NULL,
    offered boolean NOT NULL,
    CONSTRAINT plan_actions_most_some CHECK ((most > 0))
);

-- Name: TABLE plan_actions; Type: COMMENT

COMMENT ON TABLE public.plan_actions IS 'What can be done with many cards at once.';

-- Name: COLUMN plan_actions."position"; Type: COMMENT

COMMENT ON COLUMN public.plan_actions."position" IS 'The order in which a page offers them.';

-- Name: COLUMN plan_actions.event; Type: COMMENT

COMMENT ON COLUMN public.plan_actions.event IS 'The action of the events that it makes: on the cards themselves, or for replace on the cards that take their place.';

-- Name: COLUMN plan_actions.undo; Type: COMMENT

COMMENT ON COLUMN public.plan_actions.undo IS 'What takes it back; null for what nothing takes back.';

-- Name: COLUMN plan_actions.undo_reason; Type: COMMENT

COMMENT ON COLUMN public.plan_actions.undo_reason IS 'The reason with which that is done.';

-- Name: COLUMN plan_actions.most; Type: COMMENT

COMMENT ON COLUMN public.plan_actions.most IS 'How many cards a plan may have: a replacement is ordered once for the plan and once for good.';

-- Name: COLUMN plan_actions.offered; Type: COMMENT

COMMENT ON COLUMN public.plan_actions.offered IS 'A page offers it. withdraw comes along with a run to be undone: it takes back what is planned.';

-- Name: plan_cards; Type: TABLE

CREATE TABLE public.plan_cards (
    plan_id bigint NOT NULL,
    card_id bigint NOT NULL,
    version integer NOT NULL,
    effective text NOT NULL,
    planned_id bigint,
    orderer_id bigint NOT NULL,
    successor_id bigint,
    verdict text NOT NULL,
    rule text DEFAULT ''::text NOT NULL,
    instead text DEFAULT ''::text NOT NULL,
    saves integer DEFAULT 0 NOT NULL,
    CONSTRAINT plan_cards_verdict_known CHECK ((verdict = ANY (ARRAY['change'::text, 'already'::text, 'instead'::text, 'refused'::text, 'changed'::text])))
);

-- Name: TABLE plan_cards; Type: COMMENT

COMMENT ON TABLE public.plan_cards IS 'The cards of a plan, each with what the rules said of it when the plan was made.';

-- Name: COLUMN plan_cards.plan_id; Type: COMMENT

COMMENT ON COLUMN public.plan_cards.plan_id IS 'The plan.';

-- Name: COLUMN plan_cards.version; Type: COMMENT

COMMENT ON COLUMN public.plan_cards.version IS 'The version that was looked at. A card that has another one when its turn comes is left alone.';

-- Name: COLUMN plan_cards.effective; Type: COMMENT

COMMENT ON COLUMN public.plan_cards.effective IS 'What the card effectively was.';

-- Name: COLUMN plan_cards.planned_id; Type: COMMENT

COMMENT ON COLUMN public.plan_cards.planned_id IS 'withdraw: what is planned for the card and would be taken back.';

-- Name: COLUMN plan_cards.orderer_id; Type: COMMENT

COMMENT ON COLUMN public.plan_cards.orderer_id IS 'Who was responsible for the card.';

-- Name: COLUMN plan_cards.successor_id; Type: COMMENT

COMMENT ON COLUMN public.plan_cards.successor_id IS 'To whom it would be handed over.';

-- Name: COLUMN plan_cards.verdict; Type: COMMENT

COMMENT ON COLUMN public.plan_cards.verdict IS 'change: it would be done; already: the card is so already; instead: something else would lead there; refused: a rule is in the way; changed: the card is not any more as it was when it was chosen.';

-- Name: COLUMN plan_cards.rule; Type: COMMENT

COMMENT ON COLUMN public.plan_cards.rule IS 'The rule in the way, empty when there is none.';

-- Name: COLUMN plan_cards.instead; Type: COMMENT

COMMENT ON COLUMN public.plan_cards.instead IS 'What would lead there, where the verdict is instead.';

-- Name: COLUMN plan_cards.saves; Type: COMMENT

COMMENT ON COLUMN public.plan_cards.saves IS '1 when the quarterly fee of the card ends, -1 when it begins.';

-- Name: plan_instead; Type: TABLE

CREATE TABLE public.plan_instead (
    action text NOT NULL,
    "position" smallint NOT NULL,
    instead text NOT NULL
);

-- Name: TABLE plan_instead; Type: COMMENT

COMMENT ON TABLE public.plan_instead IS 'What may lead to what somebody wants, where the status of a card does not allow what was asked for.';

-- Name: COLUMN plan_instead."position"; Type: COMMENT

COMMENT ON COLUMN public.plan_instead."position" IS 'The first that is open is offered.';

-- Name: COLUMN plan_instead.instead; Type: COMMENT

COMMENT ON COLUMN public.plan_instead.instead IS 'What to offer.';

-- Name: planned_actions; Type: TABLE

CREATE TABLE public.planned_actions (
    id bigint NOT NULL,
    card_id bigint NOT NULL,
    company_id bigint NOT NULL,
    kind text NOT NULL,
    action text NOT NULL,
    reason text NOT NULL,
    note text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    grace boolean NOT NULL,
    blocked_seq integer,
    planned_by bigint NOT NULL,
    planned_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    outcome text,
    settled_at timestamp with time zone,
    seq integer,
    refused_by text,
    withdrawn_by bigint,
    CONSTRAINT planned_actions_ahead CHECK ((due_at > planned_at)),
    CONSTRAINT planned_actions_blocked_by_grace CHECK ((grace OR (blocked_seq IS NULL))),
    CONSTRAINT planned_actions_grace_to_terminate CHECK (((action = 'terminate'::text) OR (NOT grace))),
    CONSTRAINT planned_actions_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT planned_actions_other_needs_note CHECK (((reason <> 'other'::text) OR (note ~ '\S'::text))),
    CONSTRAINT planned_actions_outcome_known CHECK ((outcome = ANY (ARRAY['done'::text, 'withdrawn'::text, 'refused'::text, 'overtaken'::text]))),
    CONSTRAINT planned_actions_settled_whole CHECK ((((outcome IS NULL) = (settled_at IS NULL)) AND (((outcome = 'done'::text) IS TRUE) = (seq IS NOT NULL)) AND (((outcome = 'refused'::text) IS TRUE) = (refused_by IS NOT NULL)) AND (((outcome = 'withdrawn'::text) IS TRUE) = (withdrawn_by IS NOT NULL))))
);

-- Name: TABLE planned_actions; Type: COMMENT

COMMENT ON TABLE public.planned_actions IS 'What is to be done with cards at a time to come, and what became of it. Each is written once and ended once.';

-- Name: COLUMN planned_actions.note; Type: COMMENT

COMMENT ON COLUMN public.planned_actions.note IS 'As of an event: the event that comes of it bears it.';

-- Name: COLUMN planned_actions.due_at; Type: COMMENT

COMMENT ON COLUMN public.planned_actions.due_at IS 'Midnight in Stockholm when the day begins from which on it is to hold; of a grace the end.';

-- Name: COLUMN planned_actions.grace; Type: COMMENT

COMMENT ON COLUMN public.planned_actions.grace IS 'A termination in its grace time: the card is stopped already.';

-- Name: COLUMN planned_actions.blocked_seq; Type: COMMENT

COMMENT ON COLUMN public.planned_actions.blocked_seq IS 'The event by which the grace stopped the card; null where it did not work anyway.';

-- Name: COLUMN planned_actions.planned_by; Type: COMMENT

COMMENT ON COLUMN public.planned_actions.planned_by IS 'The orderer who was responsible then.';

-- Name: COLUMN planned_actions.planned_at; Type: COMMENT

COMMENT ON COLUMN public.planned_actions.planned_at IS 'By the portal''s clock.';

-- Name: COLUMN planned_actions.outcome; Type: COMMENT

COMMENT ON COLUMN public.planned_actions.outcome IS 'Null: it is still to come. overtaken: the card was ended, or already was what it was to become. refused: a rule was in the way when it was due.';

-- Name: COLUMN planned_actions.settled_at; Type: COMMENT

COMMENT ON COLUMN public.planned_actions.settled_at IS 'When the outcome was written, by the portal''s clock.';

-- Name: COLUMN planned_actions.seq; Type: COMMENT

COMMENT ON COLUMN public.planned_actions.seq IS 'done: the event that came of it.';

-- Name: COLUMN planned_actions.refused_by; Type: COMMENT

COMMENT ON COLUMN public.planned_actions.refused_by IS 'refused: the rule.';

-- Name: COLUMN planned_actions.withdrawn_by; Type: COMMENT

COMMENT ON COLUMN public.planned_actions.withdrawn_by IS 'withdrawn: who took it back.';

-- Name: planned_actions_id_seq; Type: SEQUENCE

ALTER TABLE public.planned_actions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.planned_actions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: plans; Type: TABLE

CREATE TABLE public.plans (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    made_by bigint NOT NULL,
    made_as text NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    action text NOT NULL,
    reason text NOT NULL,
    note text NOT NULL,
    starts_on date,
    grace_hours smallint NOT NULL,
    price integer,
    undoes_id bigint,
    after_id bigint,
    event_action text GENERATED ALWAYS AS (
CASE action
    WHEN 'replace'::text THEN NULL::text
    WHEN 'withdraw'::text THEN 'unblock'::text
    ELSE action
END) STORED,
    replace_reason text GENERATED ALWAYS AS (
CASE
    WHEN (action = 'replace'::text) THEN reason
    ELSE NULL::text
END) STORED,
    CONSTRAINT plans_not_reclaimed CHECK ((replace_reason <> 'reclaimed'::text)),
    CONSTRAINT plans_note_length CHECK ((length(note) <= 500)),
    CONSTRAINT plans_other_needs_note CHECK (((reason <> 'other'::text) OR (note ~ '\S'::text))),
    CONSTRAINT plans_starts_on_with_action CHECK (((starts_on IS NULL) OR (action = ANY (ARRAY['block'::text, 'unblock'::text, 'terminate'::text]))))
);

-- Name: TABLE plans; Type: COMMENT

COMMENT ON TABLE public.plans IS 'What would become of many cards if something were done with all of them: made whole by make_plan, never changed.';

-- Name: COLUMN plans.made_by; Type: COMMENT

COMMENT ON COLUMN public.plans.made_by IS 'Who may have it done.';

-- Name: COLUMN plans.made_as; Type: COMMENT

COMMENT ON COLUMN public.plans.made_as IS 'The role in which he or she would act.';

-- Name: COLUMN plans.note; Type: COMMENT

COMMENT ON COLUMN public.plans.note IS 'For the history of every card.';

-- Name: COLUMN plans.starts_on; Type: COMMENT

COMMENT ON COLUMN public.plans.starts_on IS 'From which day it is to hold; null for at once.';

-- Name: COLUMN plans.grace_hours; Type: COMMENT

COMMENT ON COLUMN public.plans.grace_hours IS 'For how long its terminations can be withdrawn; zero where they are final, and for all else.';

-- Name: COLUMN plans.price; Type: COMMENT

COMMENT ON COLUMN public.plans.price IS 'What a billed card cost a quarter when the plan was made, in öre.';

-- Name: COLUMN plans.undoes_id; Type: COMMENT

COMMENT ON COLUMN public.plans.undoes_id IS 'The run that it takes back.';

-- Name: COLUMN plans.after_id; Type: COMMENT

COMMENT ON COLUMN public.plans.after_id IS 'The plan or run from which its cards come: those that could not be taken there.';

-- Name: COLUMN plans.event_action; Type: COMMENT

COMMENT ON COLUMN public.plans.event_action IS 'The action whose reasons go with it; null for replace, which has reasons of its own.';

-- Name: COLUMN plans.replace_reason; Type: COMMENT

COMMENT ON COLUMN public.plans.replace_reason IS 'The reason of replace; null for all else.';

-- Name: CONSTRAINT plans_not_reclaimed ON plans; Type: COMMENT

COMMENT ON CONSTRAINT plans_not_reclaimed ON public.plans IS 'A card that the issuer pays for follows from its claim.';

-- Name: plans_id_seq; Type: SEQUENCE

ALTER TABLE public.plans ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.plans_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: production_batches; Type: TABLE

CREATE TABLE public.production_batches (
    id bigint NOT NULL,
    supplier text NOT NULL,
    made_by bigint NOT NULL,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL
);

-- Name: TABLE production_batches; Type: COMMENT

COMMENT ON TABLE public.production_batches IS 'What the card bureau is asked to make, in one file.';

-- Name: COLUMN production_batches.supplier; Type: COMMENT

COMMENT ON COLUMN public.production_batches.supplier IS 'Whose series the numbers are of.';

-- Name: COLUMN production_batches.made_by; Type: COMMENT

COMMENT ON COLUMN public.production_batches.made_by IS 'The clerk.';

-- Name: production_batches_id_seq; Type: SEQUENCE

ALTER TABLE public.production_batches ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.production_batches_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: refusal_notices; Type: TABLE

CREATE TABLE public.refusal_notices (
    planned_id bigint NOT NULL,
    noticed_at timestamp with time zone DEFAULT public.clock_now() NOT NULL
);

-- Name: TABLE refusal_notices; Type: COMMENT

COMMENT ON TABLE public.refusal_notices IS 'The plans whose refusal was told, so that each is told once. Written by tell_of_refusals alone.';

-- Name: COLUMN refusal_notices.planned_id; Type: COMMENT

COMMENT ON COLUMN public.refusal_notices.planned_id IS 'What was planned and refused.';

-- Name: COLUMN refusal_notices.noticed_at; Type: COMMENT

COMMENT ON COLUMN public.refusal_notices.noticed_at IS 'By the portal''s clock.';

-- Name: reminder_readers; Type: TABLE

CREATE TABLE public.reminder_readers (
    reader text NOT NULL,
    template text NOT NULL
);

-- Name: TABLE reminder_readers; Type: COMMENT

COMMENT ON TABLE public.reminder_readers IS 'Who is reminded that cards expire, and by which mail.';

-- Name: COLUMN reminder_readers.reader; Type: COMMENT

COMMENT ON COLUMN public.reminder_readers.reader IS 'The holder of a card, or the orderer who is responsible for it.';

-- Name: COLUMN reminder_readers.template; Type: COMMENT

COMMENT ON COLUMN public.reminder_readers.template IS 'A holder gets a mail for each card, an orderer one a day for all cards of a company.';

-- Name: reminder_steps; Type: TABLE

CREATE TABLE public.reminder_steps (
    step text NOT NULL,
    "position" smallint NOT NULL,
    before interval NOT NULL,
    CONSTRAINT reminder_steps_before_some CHECK ((before >= '7 days'::interval))
);

-- Name: TABLE reminder_steps; Type: COMMENT

COMMENT ON TABLE public.reminder_steps IS 'How long before a card''s last day people are reminded of it, and by which a list of expiring cards is narrowed.';

-- Name: COLUMN reminder_steps.step; Type: COMMENT

COMMENT ON COLUMN public.reminder_steps.step IS 'A word of its own in pages and mails.';

-- Name: COLUMN reminder_steps.before; Type: COMMENT

COMMENT ON COLUMN public.reminder_steps.before IS 'The reminder is due from so long before the last day, for a week. No two weeks meet.';

-- Name: renewal_cards; Type: TABLE

CREATE TABLE public.renewal_cards (
    renewal_id bigint NOT NULL,
    company_id bigint NOT NULL,
    card_id bigint NOT NULL,
    kind text NOT NULL,
    email text,
    refused_by text,
    order_card_id bigint,
    CONSTRAINT renewal_cards_email_format CHECK (((email = lower(email)) AND (email ~~ '%_@_%'::text) AND (length(email) <= 254))),
    CONSTRAINT renewal_cards_ordered_or_refused CHECK ((num_nonnulls(refused_by, order_card_id) <= 1))
);

-- Name: TABLE renewal_cards; Type: COMMENT

COMMENT ON TABLE public.renewal_cards IS 'The cards of a renewal.';

-- Name: COLUMN renewal_cards.renewal_id; Type: COMMENT

COMMENT ON COLUMN public.renewal_cards.renewal_id IS 'The renewal.';

-- Name: COLUMN renewal_cards.kind; Type: COMMENT

COMMENT ON COLUMN public.renewal_cards.kind IS 'Of the card; the new one is of the same.';

-- Name: COLUMN renewal_cards.email; Type: COMMENT

COMMENT ON COLUMN public.renewal_cards.email IS 'Where the holder is asked to approve, as the orderer typed it; null for the address of the old order.';

-- Name: COLUMN renewal_cards.refused_by; Type: COMMENT

COMMENT ON COLUMN public.renewal_cards.refused_by IS 'The rule in the way when the order was last tried; null when there is none.';

-- Name: COLUMN renewal_cards.order_card_id; Type: COMMENT

COMMENT ON COLUMN public.renewal_cards.order_card_id IS 'The new card.';

-- Name: renewals_id_seq; Type: SEQUENCE

ALTER TABLE public.renewals ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.renewals_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: replace_reasons; Type: TABLE

CREATE TABLE public.replace_reasons (
    reason text NOT NULL,
    pays text NOT NULL,
    CONSTRAINT replace_reasons_pays_known CHECK ((pays = ANY (ARRAY['company'::text, 'issuer'::text])))
);

-- Name: TABLE replace_reasons; Type: COMMENT

COMMENT ON TABLE public.replace_reasons IS 'Why a card may be replaced.';

-- Name: COLUMN replace_reasons.reason; Type: COMMENT

COMMENT ON COLUMN public.replace_reasons.reason IS 'A word of its own in the pages.';

-- Name: COLUMN replace_reasons.pays; Type: COMMENT

COMMENT ON COLUMN public.replace_reasons.pays IS 'Who pays for the new card: the company that orders it, or the issuer, where the old one was faulty.';

-- Name: review_holds; Type: TABLE

CREATE TABLE public.review_holds (
    card_id bigint NOT NULL,
    person_id bigint NOT NULL,
    until timestamp with time zone NOT NULL
);

-- Name: TABLE review_holds; Type: COMMENT

COMMENT ON TABLE public.review_holds IS 'Which order a clerk is reviewing, so that two do not look at the same one. It forbids nothing: of two decisions the card''s version lets one win.';

-- Name: COLUMN review_holds.until; Type: COMMENT

COMMENT ON COLUMN public.review_holds.until IS 'From then on the order is anybody''s again.';

-- Name: roles; Type: TABLE

CREATE TABLE public.roles (
    role text NOT NULL
);

-- Name: TABLE roles; Type: COMMENT

COMMENT ON TABLE public.roles IS 'What somebody is in relation to a card.';

-- Name: run_cards; Type: TABLE

CREATE TABLE public.run_cards (
    plan_id bigint NOT NULL,
    card_id bigint NOT NULL,
    verdict text DEFAULT 'change'::text NOT NULL,
    result text NOT NULL,
    rule text DEFAULT ''::text NOT NULL,
    seq integer,
    made_id bigint,
    planned_id bigint,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    stays_blocked boolean DEFAULT false NOT NULL,
    CONSTRAINT run_cards_done_by CHECK ((((result = ANY (ARRAY['done'::text, 'planned'::text])) = (num_nonnulls(seq, made_id, planned_id) = 1)) AND ((result <> 'planned'::text) OR (planned_id IS NOT NULL)))),
    CONSTRAINT run_cards_only_planned CHECK ((verdict = 'change'::text)),
    CONSTRAINT run_cards_refused_by_rule CHECK (((result = 'refused'::text) = (rule <> ''::text))),
    CONSTRAINT run_cards_result_known CHECK ((result = ANY (ARRAY['done'::text, 'planned'::text, 'changed'::text, 'refused'::text]))),
    CONSTRAINT run_cards_stays_blocked CHECK (((NOT stays_blocked) OR ((result = 'done'::text) AND (planned_id IS NOT NULL))))
);

-- Name: TABLE run_cards; Type: COMMENT

COMMENT ON TABLE public.run_cards IS 'What became of each card of a run; written once, with its event.';

-- Name: COLUMN run_cards.plan_id; Type: COMMENT

COMMENT ON COLUMN public.run_cards.plan_id IS 'The run.';

-- Name: COLUMN run_cards.verdict; Type: COMMENT

COMMENT ON COLUMN public.run_cards.verdict IS 'Only cards that the plan says will change are touched.';

-- Name: COLUMN run_cards.result; Type: COMMENT

COMMENT ON COLUMN public.run_cards.result IS 'done; planned: it is to come; changed: somebody changed the card after the plan was made, so it was left alone; refused: a rule was in the way.';

-- Name: COLUMN run_cards.rule; Type: COMMENT

COMMENT ON COLUMN public.run_cards.rule IS 'The rule in the way, empty when there was none.';

-- Name: COLUMN run_cards.seq; Type: COMMENT

COMMENT ON COLUMN public.run_cards.seq IS 'The event that it became, on the card itself.';

-- Name: COLUMN run_cards.made_id; Type: COMMENT

COMMENT ON COLUMN public.run_cards.made_id IS 'The card that was ordered in its place.';

-- Name: COLUMN run_cards.planned_id; Type: COMMENT

COMMENT ON COLUMN public.run_cards.planned_id IS 'What was planned for the card; of a run of withdraw what was taken back.';

-- Name: COLUMN run_cards.stays_blocked; Type: COMMENT

COMMENT ON COLUMN public.run_cards.stays_blocked IS 'withdraw: the termination was taken back, but the card that its grace stopped stays blocked all the same.';

-- Name: runs; Type: TABLE

CREATE TABLE public.runs (
    plan_id bigint NOT NULL,
    company_id bigint NOT NULL,
    started_by bigint NOT NULL,
    started_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    finished_at timestamp with time zone
);

-- Name: TABLE runs; Type: COMMENT

COMMENT ON TABLE public.runs IS 'Plans that were or are being done, each once, by whoever made it.';

-- Name: COLUMN runs.plan_id; Type: COMMENT

COMMENT ON COLUMN public.runs.plan_id IS 'The plan, whose number is the run''s.';

-- Name: COLUMN runs.started_by; Type: COMMENT

COMMENT ON COLUMN public.runs.started_by IS 'Whoever made the plan.';

-- Name: COLUMN runs.started_at; Type: COMMENT

COMMENT ON COLUMN public.runs.started_at IS 'By the portal''s clock.';

-- Name: COLUMN runs.finished_at; Type: COMMENT

COMMENT ON COLUMN public.runs.finished_at IS 'When the last card was accounted for; null until then.';

-- Name: saved_searches; Type: TABLE

CREATE TABLE public.saved_searches (
    id bigint NOT NULL,
    company_id bigint NOT NULL,
    person_id bigint NOT NULL,
    name text NOT NULL,
    shared boolean DEFAULT false NOT NULL,
    query text DEFAULT ''::text NOT NULL,
    status text,
    kind text,
    orderer_id bigint,
    expires_before date,
    cleanup text,
    created_at timestamp with time zone DEFAULT public.clock_now() NOT NULL,
    CONSTRAINT saved_searches_name_length CHECK (((length(name) <= 60) AND (name ~ '\S'::text))),
    CONSTRAINT saved_searches_name_no_personal_number CHECK ((name !~ '\d{6}\s*[-+]?\s*\d{4}'::text)),
    CONSTRAINT saved_searches_query_length CHECK ((length(query) <= 100)),
    CONSTRAINT saved_searches_query_not_personal CHECK (((query ~ '^[A-Z]{2}-\d{4}-\d{6}$'::text) OR ((query !~ '(^|[^[:alnum:]])\d{6}'::text) AND (query !~ '\d{6}\s*[-+]?\s*\d{4}'::text) AND (regexp_replace(query, '[\s+-]'::text, ''::text, 'g'::text) !~ '^\d{6}'::text)))),
    CONSTRAINT saved_searches_status_known CHECK ((status = ANY (ARRAY['ordered'::text, 'reviewed'::text, 'approved'::text, 'rejected'::text, 'cancelled'::text, 'produced'::text, 'active'::text, 'blocked'::text, 'terminated'::text, 'expired'::text, 'suspended'::text])))
);

-- Name: TABLE saved_searches; Type: COMMENT

COMMENT ON TABLE public.saved_searches IS 'Searches of a company''s cards that somebody named, each filter null or empty where it is not set.';

-- Name: COLUMN saved_searches.person_id; Type: COMMENT

COMMENT ON COLUMN public.saved_searches.person_id IS 'Who saved it, and alone changes it.';

-- Name: COLUMN saved_searches.shared; Type: COMMENT

COMMENT ON COLUMN public.saved_searches.shared IS 'Whether the company''s other people see it.';

-- Name: COLUMN saved_searches.query; Type: COMMENT

COMMENT ON COLUMN public.saved_searches.query IS 'As typed, but a card number as it is printed; never a personnummer or a birth date.';

-- Name: COLUMN saved_searches.status; Type: COMMENT

COMMENT ON COLUMN public.saved_searches.status IS 'An effective one.';

-- Name: COLUMN saved_searches.orderer_id; Type: COMMENT

COMMENT ON COLUMN public.saved_searches.orderer_id IS 'Who is responsible for the cards.';

-- Name: COLUMN saved_searches.expires_before; Type: COMMENT

COMMENT ON COLUMN public.saved_searches.expires_before IS 'Their last day is earlier.';

-- Name: COLUMN saved_searches.cleanup; Type: COMMENT

COMMENT ON COLUMN public.saved_searches.cleanup IS 'What there is to tidy up.';

-- Name: saved_searches_id_seq; Type: SEQUENCE

ALTER TABLE public.saved_searches ALTER COLUMN id ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME public.saved_searches_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: selection_cards; Type: TABLE

CREATE TABLE public.selection_cards (
    selection_id bigint NOT NULL,
    company_id bigint NOT NULL,
    card_id bigint NOT NULL,
    kind text NOT NULL
);

-- Name: TABLE selection_cards; Type: COMMENT

COMMENT ON TABLE public.selection_cards IS 'The cards of a selection.';

-- Name: COLUMN selection_cards.selection_id; Type: COMMENT

COMMENT ON COLUMN public.selection_cards.selection_id IS 'The selection.';

-- Name: COLUMN selection_cards.kind; Type: COMMENT

COMMENT ON COLUMN public.selection_cards.kind IS 'Of the card.';

-- Name: selections_id_seq; Type: SEQUENCE

ALTER TABLE public.selections ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.selections_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

-- Name: start_searches; Type: TABLE

CREATE TABLE public.start_searches (
    company_id bigint NOT NULL,
    person_id bigint NOT NULL,
    search_id bigint NOT NULL
);

-- Name: TABLE start_searches; Type: COMMENT

COMMENT ON TABLE public.start_searches IS 'With which search a person begins in a company, instead of the start page. It counts while it is the own one or shared.';

-- Name: COLUMN start_searches.search_id; Type: COMMENT

COMMENT ON COLUMN public.start_searches.search_id IS 'One of the same company.';

-- Name: suspended_companies; Type: VIEW

CREATE VIEW public.suspended_companies AS
 SELECT i.company_id,
    (min(i.due_on) + 1) AS since
   FROM public.invoices i
  WHERE ((i.paid_at IS NULL) AND (i.due_on < ( SELECT public.today() AS today)))
  GROUP BY i.company_id;

-- Name: VIEW suspended_companies; Type: COMMENT

COMMENT ON VIEW public.suspended_companies IS 'Companies with an overdue unpaid fee, and since when. It lies over their cards and changes none.';

-- Name: usable_searches; Type: VIEW

CREATE VIEW public.usable_searches AS
 SELECT s.id,
    s.company_id,
    s.person_id,
    s.name,
    s.shared,
    s.query,
    s.status,
    s.kind,
    s.orderer_id,
    s.expires_before,
    s.cleanup,
    s.created_at,
    r.person_id AS reader_id,
    (s.person_id = r.person_id) AS own,
    (EXISTS ( SELECT
           FROM public.start_searches t
          WHERE ((t.company_id = s.company_id) AND (t.person_id = r.person_id) AND (t.search_id = s.id)))) AS starts
   FROM (( SELECT DISTINCT m.company_id,
            m.person_id
           FROM public.memberships m
          WHERE (m.ended_at IS NULL)) r
     JOIN public.saved_searches s ON (((s.company_id = r.company_id) AND ((s.person_id = r.person_id) OR s.shared))));

-- Name: VIEW usable_searches; Type: COMMENT

COMMENT ON VIEW public.usable_searches IS 'The searches that each person of a company may use, reader_id: the own ones and those that others share.';

-- Name: validity_rules; Type: TABLE

CREATE TABLE public.validity_rules (
    valid_from date NOT NULL,
    "position" smallint NOT NULL,
    kind text,
    citizenship text,
    identity text,
    company text,
    months smallint NOT NULL,
    CONSTRAINT validity_rules_citizenship_known CHECK ((citizenship = ANY (ARRAY['SE'::text, 'EEA'::text, 'other'::text]))),
    CONSTRAINT validity_rules_company_known CHECK ((company = ANY (ARRAY['SE'::text, 'foreign'::text]))),
    CONSTRAINT validity_rules_identity_known CHECK ((identity = ANY (ARRAY['personal_number'::text, 'coordination_number'::text, 'foreign'::text]))),
    CONSTRAINT validity_rules_months_range CHECK (((months >= 1) AND (months <= 120)))
);

-- Name: TABLE validity_rules; Type: COMMENT

COMMENT ON TABLE public.validity_rules IS 'How long a card is valid. The rules of the latest valid_from count; of those the first by position that fits. Null fits all.';

-- Name: COLUMN validity_rules.citizenship; Type: COMMENT

COMMENT ON COLUMN public.validity_rules.citizenship IS 'The holder''s: SE, elsewhere in the EEA, or other.';

-- Name: COLUMN validity_rules.identity; Type: COMMENT

COMMENT ON COLUMN public.validity_rules.identity IS 'By which number the holder is known; foreign: passport or national number.';

-- Name: COLUMN validity_rules.company; Type: COMMENT

COMMENT ON COLUMN public.validity_rules.company IS 'Where the company is registered.';

-- Name: COLUMN validity_rules.months; Type: COMMENT

COMMENT ON COLUMN public.validity_rules.months IS 'From the day of production.';

-- Name: activation_tries activation_tries_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.activation_tries
    ADD CONSTRAINT activation_tries_pkey PRIMARY KEY (card_id, tried_on, nth);

-- Name: card_actions card_actions_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_actions
    ADD CONSTRAINT card_actions_pkey PRIMARY KEY (action);

-- Name: card_actions card_actions_position_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.card_actions
    ADD CONSTRAINT card_actions_position_unique UNIQUE ("position");

-- Name: card_events card_events_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_events
    ADD CONSTRAINT card_events_pkey PRIMARY KEY (card_id, seq);

-- Name: card_events card_events_status_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.card_events
    ADD CONSTRAINT card_events_status_unique UNIQUE (card_id, seq, to_status);

-- Name: card_exports card_exports_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_exports
    ADD CONSTRAINT card_exports_pkey PRIMARY KEY (id);

-- Name: card_kinds card_kinds_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_kinds
    ADD CONSTRAINT card_kinds_pkey PRIMARY KEY (kind);

-- Name: card_names card_names_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_names
    ADD CONSTRAINT card_names_pkey PRIMARY KEY (company_id, word, sort_key, card_id);

-- Name: card_orders card_orders_family_name_no_number; Type: CHECK CONSTRAINT

ALTER TABLE public.card_orders
    ADD CONSTRAINT card_orders_family_name_no_number CHECK ((family_name !~ '\d{6}[-+]?\d{4}'::text)) NOT VALID;

-- Name: card_orders card_orders_given_name_no_number; Type: CHECK CONSTRAINT

ALTER TABLE public.card_orders
    ADD CONSTRAINT card_orders_given_name_no_number CHECK ((given_name !~ '\d{6}[-+]?\d{4}'::text)) NOT VALID;

-- Name: card_orders card_orders_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_orders
    ADD CONSTRAINT card_orders_pkey PRIMARY KEY (card_id, seq);

-- Name: card_permissions card_permissions_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_permissions
    ADD CONSTRAINT card_permissions_pkey PRIMARY KEY (action, role);

-- Name: card_pins card_pins_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_pins
    ADD CONSTRAINT card_pins_pkey PRIMARY KEY (card_id);

-- Name: card_reasons card_reasons_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_reasons
    ADD CONSTRAINT card_reasons_pkey PRIMARY KEY (action, reason);

-- Name: card_reasons card_reasons_position_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.card_reasons
    ADD CONSTRAINT card_reasons_position_unique UNIQUE (action, "position");

-- Name: card_reminders card_reminders_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_reminders
    ADD CONSTRAINT card_reminders_pkey PRIMARY KEY (card_id, step, reader);

-- Name: card_series card_series_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_series
    ADD CONSTRAINT card_series_pkey PRIMARY KEY (supplier);

-- Name: card_statuses card_statuses_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_statuses
    ADD CONSTRAINT card_statuses_pkey PRIMARY KEY (status);

-- Name: card_statuses card_statuses_position_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.card_statuses
    ADD CONSTRAINT card_statuses_position_unique UNIQUE ("position");

-- Name: card_transitions card_transitions_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_transitions
    ADD CONSTRAINT card_transitions_pkey PRIMARY KEY (kind, action, from_status);

-- Name: card_transitions card_transitions_whole; Type: CONSTRAINT

ALTER TABLE ONLY public.card_transitions
    ADD CONSTRAINT card_transitions_whole UNIQUE (kind, action, from_status, to_status);

-- Name: card_waits card_waits_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.card_waits
    ADD CONSTRAINT card_waits_pkey PRIMARY KEY (kind, status);

-- Name: cards cards_company_id_kind_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_company_id_kind_unique UNIQUE (company_id, id, kind);

-- Name: cards cards_number_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_number_unique UNIQUE (number);

-- Name: cards cards_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_pkey PRIMARY KEY (id);

-- Name: claim_faults claim_faults_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.claim_faults
    ADD CONSTRAINT claim_faults_pkey PRIMARY KEY (fault);

-- Name: claim_faults claim_faults_position_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.claim_faults
    ADD CONSTRAINT claim_faults_position_unique UNIQUE ("position");

-- Name: claim_faults claim_faults_whole; Type: CONSTRAINT

ALTER TABLE ONLY public.claim_faults
    ADD CONSTRAINT claim_faults_whole UNIQUE (fault, at_reader);

-- Name: claims claims_order_card_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.claims
    ADD CONSTRAINT claims_order_card_unique UNIQUE (order_card_id);

-- Name: claims claims_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.claims
    ADD CONSTRAINT claims_pkey PRIMARY KEY (id);

-- Name: cleanup_rules cleanup_rules_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.cleanup_rules
    ADD CONSTRAINT cleanup_rules_pkey PRIMARY KEY (cleanup);

-- Name: cleanup_rules cleanup_rules_position_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.cleanup_rules
    ADD CONSTRAINT cleanup_rules_position_unique UNIQUE ("position");

-- Name: clock clock_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.clock
    ADD CONSTRAINT clock_pkey PRIMARY KEY (only_row);

-- Name: companies companies_org_number_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.companies
    ADD CONSTRAINT companies_org_number_unique UNIQUE (org_country, org_number);

-- Name: companies companies_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.companies
    ADD CONSTRAINT companies_pkey PRIMARY KEY (id);

-- Name: deputies deputies_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.deputies
    ADD CONSTRAINT deputies_pkey PRIMARY KEY (id);

-- Name: eea_countries eea_countries_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.eea_countries
    ADD CONSTRAINT eea_countries_pkey PRIMARY KEY (country);

-- Name: fee_policies fee_policies_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.fee_policies
    ADD CONSTRAINT fee_policies_pkey PRIMARY KEY (valid_from);

-- Name: fee_policy_statuses fee_policy_statuses_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.fee_policy_statuses
    ADD CONSTRAINT fee_policy_statuses_pkey PRIMARY KEY (valid_from, status);

-- Name: grace_changes grace_changes_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.grace_changes
    ADD CONSTRAINT grace_changes_pkey PRIMARY KEY (id);

-- Name: hand_overs hand_overs_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.hand_overs
    ADD CONSTRAINT hand_overs_pkey PRIMARY KEY (id);

-- Name: invoices invoices_number_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_number_unique UNIQUE (number);

-- Name: invoices invoices_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_pkey PRIMARY KEY (id);

-- Name: issuer_looks issuer_looks_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.issuer_looks
    ADD CONSTRAINT issuer_looks_pkey PRIMARY KEY (id);

-- Name: issuer_staff issuer_staff_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.issuer_staff
    ADD CONSTRAINT issuer_staff_pkey PRIMARY KEY (person_id);

-- Name: link_purposes link_purposes_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.link_purposes
    ADD CONSTRAINT link_purposes_pkey PRIMARY KEY (purpose);

-- Name: links links_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_pkey PRIMARY KEY (token_hash);

-- Name: listed_orderers listed_orderers_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.listed_orderers
    ADD CONSTRAINT listed_orderers_pkey PRIMARY KEY (person_id, company_id);

-- Name: login_devices login_devices_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.login_devices
    ADD CONSTRAINT login_devices_pkey PRIMARY KEY (token_hash);

-- Name: login_throttles login_throttles_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.login_throttles
    ADD CONSTRAINT login_throttles_pkey PRIMARY KEY (bucket);

-- Name: logins logins_email_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.logins
    ADD CONSTRAINT logins_email_unique UNIQUE (email);

-- Name: logins logins_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.logins
    ADD CONSTRAINT logins_pkey PRIMARY KEY (person_id);

-- Name: membership_events membership_events_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.membership_events
    ADD CONSTRAINT membership_events_pkey PRIMARY KEY (id);

-- Name: memberships memberships_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (company_id, person_id, role);

-- Name: message_attempts message_attempts_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.message_attempts
    ADD CONSTRAINT message_attempts_pkey PRIMARY KEY (message_id, n);

-- Name: message_templates message_templates_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.message_templates
    ADD CONSTRAINT message_templates_pkey PRIMARY KEY (template);

-- Name: message_templates message_templates_while_status_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.message_templates
    ADD CONSTRAINT message_templates_while_status_unique UNIQUE (while_status);

-- Name: messages messages_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (id);

-- Name: order_imports order_imports_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.order_imports
    ADD CONSTRAINT order_imports_pkey PRIMARY KEY (id);

-- Name: orderer_names orderer_names_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.orderer_names
    ADD CONSTRAINT orderer_names_pkey PRIMARY KEY (word, person_id);

-- Name: persons persons_identity_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.persons
    ADD CONSTRAINT persons_identity_unique UNIQUE (identity_country, identity_kind, identity_number);

-- Name: persons persons_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.persons
    ADD CONSTRAINT persons_pkey PRIMARY KEY (id);

-- Name: pictures pictures_company_id_purpose_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.pictures
    ADD CONSTRAINT pictures_company_id_purpose_unique UNIQUE (company_id, id, purpose);

-- Name: pictures pictures_key_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.pictures
    ADD CONSTRAINT pictures_key_unique UNIQUE (key);

-- Name: pictures pictures_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.pictures
    ADD CONSTRAINT pictures_pkey PRIMARY KEY (id);

-- Name: pin_views pin_views_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.pin_views
    ADD CONSTRAINT pin_views_pkey PRIMARY KEY (card_id, viewed_on, outcome, nth);

-- Name: plan_actions plan_actions_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.plan_actions
    ADD CONSTRAINT plan_actions_pkey PRIMARY KEY (action);

-- Name: plan_actions plan_actions_position_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.plan_actions
    ADD CONSTRAINT plan_actions_position_unique UNIQUE ("position");

-- Name: plan_cards plan_cards_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.plan_cards
    ADD CONSTRAINT plan_cards_pkey PRIMARY KEY (plan_id, card_id);

-- Name: plan_cards plan_cards_verdict_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.plan_cards
    ADD CONSTRAINT plan_cards_verdict_unique UNIQUE (plan_id, card_id, verdict);

-- Name: plan_instead plan_instead_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.plan_instead
    ADD CONSTRAINT plan_instead_pkey PRIMARY KEY (action, "position");

-- Name: planned_actions planned_actions_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.planned_actions
    ADD CONSTRAINT planned_actions_pkey PRIMARY KEY (id);

-- Name: plans plans_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_pkey PRIMARY KEY (id);

-- Name: plans plans_whole; Type: CONSTRAINT

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_whole UNIQUE (company_id, id, made_by);

-- Name: production_batches production_batches_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.production_batches
    ADD CONSTRAINT production_batches_pkey PRIMARY KEY (id);

-- Name: production_cards production_cards_number_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.production_cards
    ADD CONSTRAINT production_cards_number_unique UNIQUE (number);

-- Name: production_cards production_cards_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.production_cards
    ADD CONSTRAINT production_cards_pkey PRIMARY KEY (batch_id, card_id);

-- Name: refusal_notices refusal_notices_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.refusal_notices
    ADD CONSTRAINT refusal_notices_pkey PRIMARY KEY (planned_id);

-- Name: reminder_readers reminder_readers_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.reminder_readers
    ADD CONSTRAINT reminder_readers_pkey PRIMARY KEY (reader);

-- Name: reminder_steps reminder_steps_before_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.reminder_steps
    ADD CONSTRAINT reminder_steps_before_unique UNIQUE (before);

-- Name: reminder_steps reminder_steps_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.reminder_steps
    ADD CONSTRAINT reminder_steps_pkey PRIMARY KEY (step);

-- Name: reminder_steps reminder_steps_position_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.reminder_steps
    ADD CONSTRAINT reminder_steps_position_unique UNIQUE ("position");

-- Name: renewal_cards renewal_cards_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.renewal_cards
    ADD CONSTRAINT renewal_cards_pkey PRIMARY KEY (renewal_id, card_id);

-- Name: renewals renewals_company_id_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.renewals
    ADD CONSTRAINT renewals_company_id_unique UNIQUE (company_id, id);

-- Name: renewals renewals_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.renewals
    ADD CONSTRAINT renewals_pkey PRIMARY KEY (id);

-- Name: replace_reasons replace_reasons_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.replace_reasons
    ADD CONSTRAINT replace_reasons_pkey PRIMARY KEY (reason);

-- Name: retention_rules retention_rules_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.retention_rules
    ADD CONSTRAINT retention_rules_pkey PRIMARY KEY (what);

-- Name: review_holds review_holds_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.review_holds
    ADD CONSTRAINT review_holds_pkey PRIMARY KEY (card_id);

-- Name: roles roles_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.roles
    ADD CONSTRAINT roles_pkey PRIMARY KEY (role);

-- Name: run_cards run_cards_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.run_cards
    ADD CONSTRAINT run_cards_pkey PRIMARY KEY (plan_id, card_id);

-- Name: runs runs_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (plan_id);

-- Name: saved_searches saved_searches_company_id_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_company_id_unique UNIQUE (company_id, id);

-- Name: saved_searches saved_searches_name_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_name_unique UNIQUE (company_id, person_id, name);

-- Name: saved_searches saved_searches_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_pkey PRIMARY KEY (id);

-- Name: selection_cards selection_cards_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.selection_cards
    ADD CONSTRAINT selection_cards_pkey PRIMARY KEY (selection_id, card_id);

-- Name: selections selections_company_id_unique; Type: CONSTRAINT

ALTER TABLE ONLY public.selections
    ADD CONSTRAINT selections_company_id_unique UNIQUE (company_id, id);

-- Name: selections selections_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.selections
    ADD CONSTRAINT selections_pkey PRIMARY KEY (id);

-- Name: sessions sessions_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_hash);

-- Name: start_searches start_searches_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.start_searches
    ADD CONSTRAINT start_searches_pkey PRIMARY KEY (company_id, person_id);

-- Name: validity_rules validity_rules_pkey; Type: CONSTRAINT

ALTER TABLE ONLY public.validity_rules
    ADD CONSTRAINT validity_rules_pkey PRIMARY KEY (valid_from, "position");

-- Name: activation_tries_by_age; Type: INDEX

CREATE INDEX activation_tries_by_age ON public.activation_tries USING btree (tried_at);

-- Name: card_exports_by_company; Type: INDEX

CREATE INDEX card_exports_by_company ON public.card_exports USING btree (company_id, id);

-- Name: card_names_by_word; Type: INDEX

CREATE INDEX card_names_by_word ON public.card_names USING btree (word, sort_key, card_id);

-- Name: card_orders_by_photo; Type: INDEX

CREATE INDEX card_orders_by_photo ON public.card_orders USING btree (photo_id) WHERE (photo_id IS NOT NULL);

-- Name: card_orders_by_replaced; Type: INDEX

CREATE INDEX card_orders_by_replaced ON public.card_orders USING btree (replaces_id) WHERE (replaces_id IS NOT NULL);

-- Name: card_pins_by_key; Type: INDEX

CREATE INDEX card_pins_by_key ON public.card_pins USING btree (key_id, card_id);

-- Name: card_reminders_by_age; Type: INDEX

CREATE INDEX card_reminders_by_age ON public.card_reminders USING btree (created_at);

-- Name: card_reminders_by_message; Type: INDEX

CREATE INDEX card_reminders_by_message ON public.card_reminders USING btree (message_id) WHERE (message_id IS NOT NULL);

-- Name: cards_at_issuer; Type: INDEX

CREATE INDEX cards_at_issuer ON public.cards USING btree (status, id) WHERE (status = ANY (ARRAY['ordered'::text, 'reviewed'::text, 'approved'::text]));

-- Name: cards_by_last_day; Type: INDEX

CREATE INDEX cards_by_last_day ON public.cards USING btree (valid_to, id) WHERE (valid_to IS NOT NULL);

-- Name: cards_by_last_day_of_company; Type: INDEX

CREATE INDEX cards_by_last_day_of_company ON public.cards USING btree (company_id, valid_to, id) WHERE (valid_to IS NOT NULL);

-- Name: cards_by_name; Type: INDEX

CREATE INDEX cards_by_name ON public.cards USING btree (company_id, sort_key, id) INCLUDE (status, valid_to, kind, orderer_id, number);

-- Name: cards_by_orderer; Type: INDEX

CREATE INDEX cards_by_orderer ON public.cards USING btree (company_id, orderer_id, sort_key, id);

-- Name: cards_by_person; Type: INDEX

CREATE INDEX cards_by_person ON public.cards USING btree (person_id) WHERE (person_id IS NOT NULL);

-- Name: cards_by_personal_key; Type: INDEX

CREATE INDEX cards_by_personal_key ON public.cards USING btree (company_id, personal_key, id) WHERE (personal_key IS NOT NULL);

-- Name: cards_by_status; Type: INDEX

CREATE INDEX cards_by_status ON public.cards USING btree (company_id, status, valid_to);

-- Name: cards_one_active; Type: INDEX

CREATE UNIQUE INDEX cards_one_active ON public.cards USING btree (company_id, person_id) WHERE (status = 'active'::text);

-- Name: INDEX cards_one_active; Type: COMMENT

COMMENT ON INDEX public.cards_one_active IS 'One active card per person and company.';

-- Name: cards_one_open_order; Type: INDEX

CREATE UNIQUE INDEX cards_one_open_order ON public.cards USING btree (company_id, person_id, kind) WHERE ((status = ANY (ARRAY['ordered'::text, 'reviewed'::text, 'approved'::text, 'rejected'::text])) AND (person_id IS NOT NULL));

-- Name: INDEX cards_one_open_order; Type: COMMENT

COMMENT ON INDEX public.cards_one_open_order IS 'No second open order for the same person, company and kind.';

-- Name: claims_by_card; Type: INDEX

CREATE INDEX claims_by_card ON public.claims USING btree (card_id, id);

-- Name: claims_by_decision; Type: INDEX

CREATE INDEX claims_by_decision ON public.claims USING btree (company_id, decided_at) WHERE (decided_at IS NOT NULL);

-- Name: claims_by_picture; Type: INDEX

CREATE INDEX claims_by_picture ON public.claims USING btree (picture_id) WHERE (picture_id IS NOT NULL);

-- Name: claims_one_open; Type: INDEX

CREATE UNIQUE INDEX claims_one_open ON public.claims USING btree (card_id) WHERE (accepted IS NOT FALSE);

-- Name: INDEX claims_one_open; Type: COMMENT

COMMENT ON INDEX public.claims_one_open IS 'A card has one claim that is open or accepted; after a declined one it may be claimed again.';

-- Name: claims_undecided; Type: INDEX

CREATE INDEX claims_undecided ON public.claims USING btree (id) WHERE (accepted IS NULL);

-- Name: deputies_by_deputy; Type: INDEX

CREATE INDEX deputies_by_deputy ON public.deputies USING btree (company_id, deputy_id) WHERE (cancelled_at IS NULL);

-- Name: deputies_by_orderer; Type: INDEX

CREATE INDEX deputies_by_orderer ON public.deputies USING btree (company_id, orderer_id, deputy_id) WHERE (cancelled_at IS NULL);

-- Name: grace_changes_by_company; Type: INDEX

CREATE INDEX grace_changes_by_company ON public.grace_changes USING btree (company_id, id);

-- Name: hand_overs_by_person; Type: INDEX

CREATE INDEX hand_overs_by_person ON public.hand_overs USING btree (company_id, from_id, id);

-- Name: hand_overs_one_at_a_time; Type: INDEX

CREATE UNIQUE INDEX hand_overs_one_at_a_time ON public.hand_overs USING btree (company_id, from_id) WHERE (finished_at IS NULL);

-- Name: INDEX hand_overs_one_at_a_time; Type: COMMENT

COMMENT ON INDEX public.hand_overs_one_at_a_time IS 'A person''s cards go one way at a time.';

-- Name: invoices_unpaid; Type: INDEX

CREATE INDEX invoices_unpaid ON public.invoices USING btree (company_id, due_on) WHERE (paid_at IS NULL);

-- Name: issuer_looks_by_age; Type: INDEX

CREATE INDEX issuer_looks_by_age ON public.issuer_looks USING btree (looked_at);

-- Name: links_by_end; Type: INDEX

CREATE INDEX links_by_end ON public.links USING btree (expires_at);

-- Name: links_by_message; Type: INDEX

CREATE INDEX links_by_message ON public.links USING btree (message_id);

-- Name: links_by_person; Type: INDEX

CREATE INDEX links_by_person ON public.links USING btree (person_id, purpose, message_id);

-- Name: listed_orderers_in_order; Type: INDEX

CREATE INDEX listed_orderers_in_order ON public.listed_orderers USING btree (company_id, former, name_key, person_id) INCLUDE (given_name, family_name);

-- Name: login_devices_by_person; Type: INDEX

CREATE INDEX login_devices_by_person ON public.login_devices USING btree (person_id);

-- Name: login_throttles_by_time; Type: INDEX

CREATE INDEX login_throttles_by_time ON public.login_throttles USING btree (starts_over);

-- Name: membership_events_by_person; Type: INDEX

CREATE INDEX membership_events_by_person ON public.membership_events USING btree (company_id, person_id, id);

-- Name: memberships_by_person; Type: INDEX

CREATE INDEX memberships_by_person ON public.memberships USING btree (person_id);

-- Name: message_attempts_one_end; Type: INDEX

CREATE UNIQUE INDEX message_attempts_one_end ON public.message_attempts USING btree (message_id) WHERE (outcome = ANY (ARRAY['sent'::text, 'failed'::text]));

-- Name: INDEX message_attempts_one_end; Type: COMMENT

COMMENT ON INDEX public.message_attempts_one_end IS 'A message is sent once, or fails once.';

-- Name: messages_by_age; Type: INDEX

CREATE INDEX messages_by_age ON public.messages USING btree (created_at);

-- Name: messages_by_card; Type: INDEX

CREATE INDEX messages_by_card ON public.messages USING btree (card_id, id) WHERE (card_id IS NOT NULL);

-- Name: messages_by_company; Type: INDEX

CREATE INDEX messages_by_company ON public.messages USING btree (company_id, id) WHERE (company_id IS NOT NULL);

-- Name: messages_by_person; Type: INDEX

CREATE INDEX messages_by_person ON public.messages USING btree (person_id, id);

-- Name: order_imports_by_age; Type: INDEX

CREATE INDEX order_imports_by_age ON public.order_imports USING btree (created_at);

-- Name: persons_by_personal_key; Type: INDEX

CREATE INDEX persons_by_personal_key ON public.persons USING btree (personal_key, id) WHERE (personal_key IS NOT NULL);

-- Name: pictures_there; Type: INDEX

CREATE INDEX pictures_there ON public.pictures USING btree (id) WHERE (deleted_at IS NULL);

-- Name: pictures_to_forget; Type: INDEX

CREATE INDEX pictures_to_forget ON public.pictures USING btree (deleted_at) WHERE ((deleted_at IS NOT NULL) AND (key IS NOT NULL));

-- Name: planned_actions_by_card; Type: INDEX

CREATE INDEX planned_actions_by_card ON public.planned_actions USING btree (card_id, id);

-- Name: planned_actions_due; Type: INDEX

CREATE INDEX planned_actions_due ON public.planned_actions USING btree (due_at, card_id) WHERE (outcome IS NULL);

-- Name: planned_actions_listed; Type: INDEX

CREATE INDEX planned_actions_listed ON public.planned_actions USING btree (company_id, due_at, id) WHERE ((outcome IS NULL) OR (outcome = 'refused'::text));

-- Name: planned_actions_one_pending; Type: INDEX

CREATE UNIQUE INDEX planned_actions_one_pending ON public.planned_actions USING btree (card_id, action, grace) WHERE (outcome IS NULL);

-- Name: INDEX planned_actions_one_pending; Type: COMMENT

COMMENT ON INDEX public.planned_actions_one_pending IS 'A card has one plan for an action at a time, and one grace.';

-- Name: planned_actions_refused; Type: INDEX

CREATE INDEX planned_actions_refused ON public.planned_actions USING btree (settled_at) WHERE (outcome = 'refused'::text);

-- Name: plans_by_after; Type: INDEX

CREATE INDEX plans_by_after ON public.plans USING btree (after_id) WHERE (after_id IS NOT NULL);

-- Name: plans_by_age; Type: INDEX

CREATE INDEX plans_by_age ON public.plans USING btree (created_at);

-- Name: plans_by_undoes; Type: INDEX

CREATE INDEX plans_by_undoes ON public.plans USING btree (undoes_id) WHERE (undoes_id IS NOT NULL);

-- Name: production_cards_by_outcome; Type: INDEX

CREATE INDEX production_cards_by_outcome ON public.production_cards USING btree (batch_id, outcome);

-- Name: production_cards_one_open; Type: INDEX

CREATE UNIQUE INDEX production_cards_one_open ON public.production_cards USING btree (card_id) WHERE (outcome IS NULL);

-- Name: INDEX production_cards_one_open; Type: COMMENT

COMMENT ON INDEX public.production_cards_one_open IS 'A card is in one batch at a time.';

-- Name: production_cards_sent; Type: INDEX

CREATE INDEX production_cards_sent ON public.production_cards USING btree (answered_at, card_id) WHERE (outcome = 'made'::text);

-- Name: renewals_by_age; Type: INDEX

CREATE INDEX renewals_by_age ON public.renewals USING btree (created_at);

-- Name: review_holds_by_person; Type: INDEX

CREATE INDEX review_holds_by_person ON public.review_holds USING btree (person_id);

-- Name: runs_by_company; Type: INDEX

CREATE INDEX runs_by_company ON public.runs USING btree (company_id, plan_id);

-- Name: saved_searches_shared; Type: INDEX

CREATE INDEX saved_searches_shared ON public.saved_searches USING btree (company_id, name) WHERE shared;

-- Name: selections_by_age; Type: INDEX

CREATE INDEX selections_by_age ON public.selections USING btree (created_at);

-- Name: sessions_by_created_at; Type: INDEX

CREATE INDEX sessions_by_created_at ON public.sessions USING btree (created_at);

-- Name: sessions_by_person; Type: INDEX

CREATE INDEX sessions_by_person ON public.sessions USING btree (person_id);

-- Name: start_searches_by_search; Type: INDEX

CREATE INDEX start_searches_by_search ON public.start_searches USING btree (company_id, search_id);

-- Name: card_events card_events_0_now; Type: TRIGGER

CREATE TRIGGER card_events_0_now BEFORE INSERT ON public.card_events FOR EACH STATEMENT EXECUTE FUNCTION public.written_now();

ALTER TABLE public.card_events ENABLE ALWAYS TRIGGER card_events_0_now;

-- Name: card_events card_events_1_before; Type: TRIGGER

CREATE TRIGGER card_events_1_before BEFORE INSERT ON public.card_events FOR EACH ROW WHEN (((new.actor_role = 'system'::text) OR (new.action = ANY (ARRAY['activate'::text, 'unblock'::text])))) EXECUTE FUNCTION public.card_events_before_insert();

ALTER TABLE public.card_events ENABLE ALWAYS TRIGGER card_events_1_before;

-- Name: card_events card_events_1_due; Type: TRIGGER

CREATE TRIGGER card_events_1_due BEFORE INSERT ON public.card_events FOR EACH ROW WHEN (((new.actor_role <> 'system'::text) AND (new.from_status = ANY (ARRAY['produced'::text, 'active'::text, 'blocked'::text])))) EXECUTE FUNCTION public.card_events_due();

ALTER TABLE public.card_events ENABLE ALWAYS TRIGGER card_events_1_due;

-- Name: card_events card_events_1_in_time; Type: TRIGGER

CREATE TRIGGER card_events_1_in_time BEFORE INSERT ON public.card_events FOR EACH ROW WHEN ((new.seq > 1)) EXECUTE FUNCTION public.card_events_in_time();

ALTER TABLE public.card_events ENABLE ALWAYS TRIGGER card_events_1_in_time;

-- Name: card_events card_events_2_judge; Type: TRIGGER

CREATE TRIGGER card_events_2_judge AFTER INSERT ON public.card_events FOR EACH ROW EXECUTE FUNCTION public.card_events_judge();

ALTER TABLE public.card_events ENABLE ALWAYS TRIGGER card_events_2_judge;

-- Name: card_events card_events_2_judge_grace; Type: TRIGGER

CREATE TRIGGER card_events_2_judge_grace AFTER INSERT ON public.card_events FOR EACH ROW WHEN (((new.action = 'terminate'::text) AND (new.actor_role = 'orderer'::text) AND (new.reason <> 'stolen'::text))) EXECUTE FUNCTION public.card_events_grace();

ALTER TABLE public.card_events ENABLE ALWAYS TRIGGER card_events_2_judge_grace;

-- Name: card_events card_events_3_apply; Type: TRIGGER

CREATE TRIGGER card_events_3_apply AFTER INSERT ON public.card_events FOR EACH ROW EXECUTE FUNCTION public.card_events_apply();

ALTER TABLE public.card_events ENABLE ALWAYS TRIGGER card_events_3_apply;

-- Name: card_events card_events_4_pin; Type: TRIGGER

CREATE TRIGGER card_events_4_pin AFTER INSERT ON public.card_events FOR EACH ROW WHEN ((new.seq > 1)) EXECUTE FUNCTION public.card_events_pin();

ALTER TABLE public.card_events ENABLE ALWAYS TRIGGER card_events_4_pin;

-- Name: card_events card_events_5_orderer; Type: TRIGGER

CREATE TRIGGER card_events_5_orderer AFTER INSERT ON public.card_events FOR EACH ROW WHEN ((new.action = ANY (ARRAY['order'::text, 'hand_over'::text]))) EXECUTE FUNCTION public.card_events_orderer();

ALTER TABLE public.card_events ENABLE ALWAYS TRIGGER card_events_5_orderer;

-- Name: card_events card_events_5_overtake; Type: TRIGGER

CREATE TRIGGER card_events_5_overtake AFTER INSERT ON public.card_events FOR EACH ROW WHEN ((new.to_status = 'terminated'::text)) EXECUTE FUNCTION public.card_events_overtake();

ALTER TABLE public.card_events ENABLE ALWAYS TRIGGER card_events_5_overtake;

-- Name: card_events card_events_9_now; Type: TRIGGER

CREATE TRIGGER card_events_9_now AFTER INSERT ON public.card_events FOR EACH STATEMENT EXECUTE FUNCTION public.written_now();

ALTER TABLE public.card_events ENABLE ALWAYS TRIGGER card_events_9_now;

-- Name: card_events card_events_keep; Type: TRIGGER

CREATE TRIGGER card_events_keep BEFORE DELETE OR UPDATE OR TRUNCATE ON public.card_events FOR EACH STATEMENT EXECUTE FUNCTION public.card_events_keep();

ALTER TABLE public.card_events ENABLE ALWAYS TRIGGER card_events_keep;

-- Name: card_exports card_exports_keep; Type: TRIGGER

CREATE TRIGGER card_exports_keep BEFORE DELETE OR UPDATE ON public.card_exports FOR EACH ROW EXECUTE FUNCTION public.card_exports_keep();

ALTER TABLE public.card_exports ENABLE ALWAYS TRIGGER card_exports_keep;

-- Name: card_orders card_orders_0_now; Type: TRIGGER

CREATE TRIGGER card_orders_0_now BEFORE INSERT ON public.card_orders FOR EACH STATEMENT EXECUTE FUNCTION public.written_now();

ALTER TABLE public.card_orders ENABLE ALWAYS TRIGGER card_orders_0_now;

-- Name: card_orders card_orders_9_now; Type: TRIGGER

CREATE TRIGGER card_orders_9_now AFTER INSERT ON public.card_orders FOR EACH STATEMENT EXECUTE FUNCTION public.written_now();

ALTER TABLE public.card_orders ENABLE ALWAYS TRIGGER card_orders_9_now;

-- Name: card_orders card_orders_judge; Type: TRIGGER

CREATE TRIGGER card_orders_judge AFTER INSERT ON public.card_orders FOR EACH ROW EXECUTE FUNCTION public.card_orders_judge();

ALTER TABLE public.card_orders ENABLE ALWAYS TRIGGER card_orders_judge;

-- Name: card_orders card_orders_keep; Type: TRIGGER

CREATE TRIGGER card_orders_keep BEFORE DELETE OR UPDATE OR TRUNCATE ON public.card_orders FOR EACH STATEMENT EXECUTE FUNCTION public.card_orders_keep();

ALTER TABLE public.card_orders ENABLE ALWAYS TRIGGER card_orders_keep;

-- Name: card_orders card_orders_photo; Type: TRIGGER

CREATE TRIGGER card_orders_photo AFTER INSERT ON public.card_orders FOR EACH ROW WHEN ((new.photo_id IS NOT NULL)) EXECUTE FUNCTION public.card_orders_photo();

ALTER TABLE public.card_orders ENABLE ALWAYS TRIGGER card_orders_photo;

-- Name: card_orders card_orders_reclaimed; Type: TRIGGER

CREATE TRIGGER card_orders_reclaimed AFTER INSERT ON public.card_orders FOR EACH ROW WHEN ((new.replace_reason = 'reclaimed'::text)) EXECUTE FUNCTION public.card_orders_claim();

ALTER TABLE public.card_orders ENABLE ALWAYS TRIGGER card_orders_reclaimed;

-- Name: card_orders card_orders_replace; Type: TRIGGER

CREATE TRIGGER card_orders_replace AFTER INSERT ON public.card_orders FOR EACH ROW WHEN (((new.replaces_id IS NOT NULL) AND (new.seq = 1))) EXECUTE FUNCTION public.card_orders_replace();

ALTER TABLE public.card_orders ENABLE ALWAYS TRIGGER card_orders_replace;

-- Name: card_orders card_orders_replaced; Type: TRIGGER

CREATE TRIGGER card_orders_replaced AFTER INSERT ON public.card_orders FOR EACH ROW WHEN ((new.replaces_id IS NOT NULL)) EXECUTE FUNCTION public.card_orders_replaced();

ALTER TABLE public.card_orders ENABLE ALWAYS TRIGGER card_orders_replaced;

-- Name: cards cards_derive; Type: TRIGGER

CREATE TRIGGER cards_derive BEFORE INSERT ON public.cards FOR EACH ROW EXECUTE FUNCTION public.cards_derive();

ALTER TABLE public.cards ENABLE ALWAYS TRIGGER cards_derive;

-- Name: cards cards_freeze; Type: TRIGGER

CREATE TRIGGER cards_freeze BEFORE UPDATE ON public.cards FOR EACH ROW WHEN (((old.number IS NOT NULL) AND (((((((old.number IS DISTINCT FROM new.number) OR (old.chip_uid IS DISTINCT FROM new.chip_uid)) OR (old.valid_to IS DISTINCT FROM new.valid_to)) OR (old.printed_given_name IS DISTINCT FROM new.printed_given_name)) OR (old.printed_family_name IS DISTINCT FROM new.printed_family_name)) OR (old.printed_company IS DISTINCT FROM new.printed_company)) OR (old.printed_org_number IS DISTINCT FROM new.printed_org_number)))) EXECUTE FUNCTION public.cards_freeze();

ALTER TABLE public.cards ENABLE ALWAYS TRIGGER cards_freeze;

-- Name: cards cards_index_names; Type: TRIGGER

CREATE TRIGGER cards_index_names AFTER INSERT OR UPDATE OF sort_key, other_key ON public.cards FOR EACH ROW EXECUTE FUNCTION public.cards_index_names();

ALTER TABLE public.cards ENABLE ALWAYS TRIGGER cards_index_names;

-- Name: cards cards_make_holder; Type: TRIGGER

CREATE TRIGGER cards_make_holder AFTER INSERT ON public.cards FOR EACH ROW WHEN ((new.person_id IS NOT NULL)) EXECUTE FUNCTION public.cards_make_holder();

ALTER TABLE public.cards ENABLE ALWAYS TRIGGER cards_make_holder;

-- Name: claims claims_before_insert; Type: TRIGGER

CREATE TRIGGER claims_before_insert BEFORE INSERT ON public.claims FOR EACH ROW EXECUTE FUNCTION public.claims_before_insert();

ALTER TABLE public.claims ENABLE ALWAYS TRIGGER claims_before_insert;

-- Name: companies companies_standing; Type: TRIGGER

CREATE TRIGGER companies_standing AFTER UPDATE OF name ON public.companies FOR EACH ROW EXECUTE FUNCTION public.logins_follow_standing();

ALTER TABLE public.companies ENABLE ALWAYS TRIGGER companies_standing;

-- Name: deputies deputies_before_insert; Type: TRIGGER

CREATE TRIGGER deputies_before_insert BEFORE INSERT ON public.deputies FOR EACH ROW EXECUTE FUNCTION public.deputies_before_insert();

ALTER TABLE public.deputies ENABLE ALWAYS TRIGGER deputies_before_insert;

-- Name: grace_changes grace_changes_apply; Type: TRIGGER

CREATE TRIGGER grace_changes_apply AFTER INSERT ON public.grace_changes FOR EACH ROW EXECUTE FUNCTION public.grace_changes_apply();

ALTER TABLE public.grace_changes ENABLE ALWAYS TRIGGER grace_changes_apply;

-- Name: hand_overs hand_overs_after_insert; Type: TRIGGER

CREATE TRIGGER hand_overs_after_insert AFTER INSERT ON public.hand_overs FOR EACH ROW WHEN ((new.then_ends = 'membership'::text)) EXECUTE FUNCTION public.hand_overs_after_insert();

ALTER TABLE public.hand_overs ENABLE ALWAYS TRIGGER hand_overs_after_insert;

-- Name: hand_overs hand_overs_before_insert; Type: TRIGGER

CREATE TRIGGER hand_overs_before_insert BEFORE INSERT ON public.hand_overs FOR EACH ROW EXECUTE FUNCTION public.hand_overs_before_insert();

ALTER TABLE public.hand_overs ENABLE ALWAYS TRIGGER hand_overs_before_insert;

-- Name: issuer_staff issuer_staff_standing; Type: TRIGGER

CREATE TRIGGER issuer_staff_standing AFTER INSERT OR DELETE OR UPDATE ON public.issuer_staff FOR EACH ROW EXECUTE FUNCTION public.logins_follow_standing();

ALTER TABLE public.issuer_staff ENABLE ALWAYS TRIGGER issuer_staff_standing;

-- Name: logins logins_take_standing; Type: TRIGGER

CREATE TRIGGER logins_take_standing BEFORE INSERT ON public.logins FOR EACH ROW EXECUTE FUNCTION public.logins_take_standing();

ALTER TABLE public.logins ENABLE ALWAYS TRIGGER logins_take_standing;

-- Name: membership_events membership_events_1_before; Type: TRIGGER

CREATE TRIGGER membership_events_1_before BEFORE INSERT ON public.membership_events FOR EACH ROW EXECUTE FUNCTION public.membership_events_before_insert();

ALTER TABLE public.membership_events ENABLE ALWAYS TRIGGER membership_events_1_before;

-- Name: membership_events membership_events_2_apply; Type: TRIGGER

CREATE TRIGGER membership_events_2_apply AFTER INSERT ON public.membership_events FOR EACH ROW EXECUTE FUNCTION public.membership_events_apply();

ALTER TABLE public.membership_events ENABLE ALWAYS TRIGGER membership_events_2_apply;

-- Name: membership_events membership_events_keep; Type: TRIGGER

CREATE TRIGGER membership_events_keep BEFORE DELETE OR UPDATE OR TRUNCATE ON public.membership_events FOR EACH STATEMENT EXECUTE FUNCTION public.membership_events_keep();

ALTER TABLE public.membership_events ENABLE ALWAYS TRIGGER membership_events_keep;

-- Name: memberships memberships_delete; Type: TRIGGER

CREATE TRIGGER memberships_delete BEFORE DELETE ON public.memberships FOR EACH ROW WHEN ((old.ended_at IS NULL)) EXECUTE FUNCTION public.memberships_end();

ALTER TABLE public.memberships ENABLE ALWAYS TRIGGER memberships_delete;

-- Name: memberships memberships_end; Type: TRIGGER

CREATE TRIGGER memberships_end BEFORE UPDATE ON public.memberships FOR EACH ROW WHEN (((old.ended_at IS NULL) AND ((new.ended_at IS NOT NULL) OR ((old.company_id <> new.company_id) OR (old.person_id <> new.person_id) OR (old.role <> new.role))))) EXECUTE FUNCTION public.memberships_end();

ALTER TABLE public.memberships ENABLE ALWAYS TRIGGER memberships_end;

-- Name: memberships memberships_index_names; Type: TRIGGER

CREATE TRIGGER memberships_index_names AFTER INSERT ON public.memberships FOR EACH ROW WHEN ((new.role = 'orderer'::text)) EXECUTE FUNCTION public.orderers_index_names();

-- Name: memberships memberships_list_orderers; Type: TRIGGER

CREATE TRIGGER memberships_list_orderers AFTER INSERT OR DELETE OR UPDATE ON public.memberships FOR EACH ROW EXECUTE FUNCTION public.memberships_list_orderers();

ALTER TABLE public.memberships ENABLE ALWAYS TRIGGER memberships_list_orderers;

-- Name: memberships memberships_standing; Type: TRIGGER

CREATE TRIGGER memberships_standing AFTER INSERT OR DELETE OR UPDATE ON public.memberships FOR EACH ROW EXECUTE FUNCTION public.logins_follow_standing();

ALTER TABLE public.memberships ENABLE ALWAYS TRIGGER memberships_standing;

-- Name: persons persons_index_orderer_names; Type: TRIGGER

CREATE TRIGGER persons_index_orderer_names AFTER UPDATE OF given_name, family_name ON public.persons FOR EACH ROW WHEN ((old.name_key IS DISTINCT FROM new.name_key)) EXECUTE FUNCTION public.orderers_index_names();

-- Name: persons persons_list_orderers; Type: TRIGGER

CREATE TRIGGER persons_list_orderers AFTER UPDATE OF given_name, family_name ON public.persons FOR EACH ROW EXECUTE FUNCTION public.persons_list_orderers();

ALTER TABLE public.persons ENABLE ALWAYS TRIGGER persons_list_orderers;

-- Name: persons persons_rename_cards; Type: TRIGGER

CREATE TRIGGER persons_rename_cards AFTER UPDATE OF given_name, family_name ON public.persons FOR EACH ROW WHEN ((old.name_key IS DISTINCT FROM new.name_key)) EXECUTE FUNCTION public.persons_rename_cards();

-- Name: persons persons_standing; Type: TRIGGER

CREATE TRIGGER persons_standing AFTER UPDATE OF given_name, family_name ON public.persons FOR EACH ROW EXECUTE FUNCTION public.logins_follow_standing();

ALTER TABLE public.persons ENABLE ALWAYS TRIGGER persons_standing;

-- Name: pin_views pin_views_0_now; Type: TRIGGER

CREATE TRIGGER pin_views_0_now BEFORE INSERT ON public.pin_views FOR EACH STATEMENT EXECUTE FUNCTION public.written_now();

ALTER TABLE public.pin_views ENABLE ALWAYS TRIGGER pin_views_0_now;

-- Name: pin_views pin_views_9_now; Type: TRIGGER

CREATE TRIGGER pin_views_9_now AFTER INSERT ON public.pin_views FOR EACH STATEMENT EXECUTE FUNCTION public.written_now();

ALTER TABLE public.pin_views ENABLE ALWAYS TRIGGER pin_views_9_now;

-- Name: planned_actions planned_actions_0_now; Type: TRIGGER

CREATE TRIGGER planned_actions_0_now BEFORE INSERT OR UPDATE ON public.planned_actions FOR EACH STATEMENT EXECUTE FUNCTION public.written_now();

ALTER TABLE public.planned_actions ENABLE ALWAYS TRIGGER planned_actions_0_now;

-- Name: planned_actions planned_actions_9_now; Type: TRIGGER

CREATE TRIGGER planned_actions_9_now AFTER INSERT OR UPDATE ON public.planned_actions FOR EACH STATEMENT EXECUTE FUNCTION public.written_now();

ALTER TABLE public.planned_actions ENABLE ALWAYS TRIGGER planned_actions_9_now;

-- Name: planned_actions planned_actions_keep; Type: TRIGGER

CREATE TRIGGER planned_actions_keep BEFORE DELETE OR UPDATE ON public.planned_actions FOR EACH ROW EXECUTE FUNCTION public.planned_actions_keep();

ALTER TABLE public.planned_actions ENABLE ALWAYS TRIGGER planned_actions_keep;

-- Name: runs runs_guard; Type: TRIGGER

CREATE TRIGGER runs_guard BEFORE INSERT OR UPDATE ON public.runs FOR EACH ROW EXECUTE FUNCTION public.runs_guard();

ALTER TABLE public.runs ENABLE ALWAYS TRIGGER runs_guard;

-- Name: saved_searches saved_searches_limit; Type: TRIGGER

CREATE TRIGGER saved_searches_limit BEFORE INSERT ON public.saved_searches FOR EACH ROW EXECUTE FUNCTION public.saved_searches_limit();

ALTER TABLE public.saved_searches ENABLE ALWAYS TRIGGER saved_searches_limit;

-- Name: sessions sessions_stay_ended; Type: TRIGGER

CREATE TRIGGER sessions_stay_ended BEFORE UPDATE ON public.sessions FOR EACH ROW WHEN ((old.ended_at IS NOT NULL)) EXECUTE FUNCTION public.sessions_stay_ended();

ALTER TABLE public.sessions ENABLE ALWAYS TRIGGER sessions_stay_ended;

-- Name: activation_tries activation_tries_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.activation_tries
    ADD CONSTRAINT activation_tries_card FOREIGN KEY (card_id) REFERENCES public.cards(id);

-- Name: card_events card_events_actor; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_events
    ADD CONSTRAINT card_events_actor FOREIGN KEY (actor_id) REFERENCES public.persons(id);

-- Name: card_events card_events_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_events
    ADD CONSTRAINT card_events_card FOREIGN KEY (company_id, card_id, kind) REFERENCES public.cards(company_id, id, kind);

-- Name: card_events card_events_chain; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_events
    ADD CONSTRAINT card_events_chain FOREIGN KEY (card_id, prev_seq, from_status) REFERENCES public.card_events(card_id, seq, to_status);

-- Name: card_events card_events_permission; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_events
    ADD CONSTRAINT card_events_permission FOREIGN KEY (action, actor_role) REFERENCES public.card_permissions(action, role);

-- Name: card_events card_events_reason; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_events
    ADD CONSTRAINT card_events_reason FOREIGN KEY (action, reason) REFERENCES public.card_reasons(action, reason);

-- Name: card_events card_events_successor; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_events
    ADD CONSTRAINT card_events_successor FOREIGN KEY (successor_id) REFERENCES public.persons(id);

-- Name: card_events card_events_transition; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_events
    ADD CONSTRAINT card_events_transition FOREIGN KEY (kind, action, from_status, to_status) REFERENCES public.card_transitions(kind, action, from_status, to_status);

-- Name: card_exports card_exports_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_exports
    ADD CONSTRAINT card_exports_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: card_exports card_exports_made_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_exports
    ADD CONSTRAINT card_exports_made_by FOREIGN KEY (made_by) REFERENCES public.persons(id);

-- Name: card_orders card_orders_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_orders
    ADD CONSTRAINT card_orders_card FOREIGN KEY (company_id, card_id, kind) REFERENCES public.cards(company_id, id, kind);

-- Name: card_orders card_orders_event; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_orders
    ADD CONSTRAINT card_orders_event FOREIGN KEY (card_id, seq) REFERENCES public.card_events(card_id, seq);

-- Name: card_orders card_orders_photo; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_orders
    ADD CONSTRAINT card_orders_photo FOREIGN KEY (company_id, photo_id, photo_purpose) REFERENCES public.pictures(company_id, id, purpose);

-- Name: card_orders card_orders_replace_reason_known; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_orders
    ADD CONSTRAINT card_orders_replace_reason_known FOREIGN KEY (replace_reason) REFERENCES public.replace_reasons(reason);

-- Name: card_orders card_orders_replaces; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_orders
    ADD CONSTRAINT card_orders_replaces FOREIGN KEY (company_id, replaces_id, kind) REFERENCES public.cards(company_id, id, kind);

-- Name: card_permissions card_permissions_action; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_permissions
    ADD CONSTRAINT card_permissions_action FOREIGN KEY (action) REFERENCES public.card_actions(action);

-- Name: card_permissions card_permissions_role; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_permissions
    ADD CONSTRAINT card_permissions_role FOREIGN KEY (role) REFERENCES public.roles(role);

-- Name: card_pins card_pins_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_pins
    ADD CONSTRAINT card_pins_card FOREIGN KEY (card_id) REFERENCES public.cards(id);

-- Name: card_reasons card_reasons_action; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_reasons
    ADD CONSTRAINT card_reasons_action FOREIGN KEY (action) REFERENCES public.card_actions(action);

-- Name: card_reminders card_reminders_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_reminders
    ADD CONSTRAINT card_reminders_card FOREIGN KEY (card_id) REFERENCES public.cards(id);

-- Name: card_reminders card_reminders_message; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_reminders
    ADD CONSTRAINT card_reminders_message FOREIGN KEY (message_id) REFERENCES public.messages(id);

-- Name: card_reminders card_reminders_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_reminders
    ADD CONSTRAINT card_reminders_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: card_reminders card_reminders_reader; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_reminders
    ADD CONSTRAINT card_reminders_reader FOREIGN KEY (reader) REFERENCES public.reminder_readers(reader);

-- Name: card_reminders card_reminders_step; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_reminders
    ADD CONSTRAINT card_reminders_step FOREIGN KEY (step) REFERENCES public.reminder_steps(step);

-- Name: card_transitions card_transitions_action; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_transitions
    ADD CONSTRAINT card_transitions_action FOREIGN KEY (action) REFERENCES public.card_actions(action);

-- Name: card_transitions card_transitions_from; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_transitions
    ADD CONSTRAINT card_transitions_from FOREIGN KEY (from_status) REFERENCES public.card_statuses(status);

-- Name: card_transitions card_transitions_kind; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_transitions
    ADD CONSTRAINT card_transitions_kind FOREIGN KEY (kind) REFERENCES public.card_kinds(kind);

-- Name: card_transitions card_transitions_to; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_transitions
    ADD CONSTRAINT card_transitions_to FOREIGN KEY (to_status) REFERENCES public.card_statuses(status);

-- Name: card_waits card_waits_kind; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_waits
    ADD CONSTRAINT card_waits_kind FOREIGN KEY (kind) REFERENCES public.card_kinds(kind);

-- Name: card_waits card_waits_role; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_waits
    ADD CONSTRAINT card_waits_role FOREIGN KEY (role) REFERENCES public.roles(role);

-- Name: card_waits card_waits_status; Type: FK CONSTRAINT

ALTER TABLE ONLY public.card_waits
    ADD CONSTRAINT card_waits_status FOREIGN KEY (status) REFERENCES public.card_statuses(status);

-- Name: cards cards_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: cards cards_kind; Type: FK CONSTRAINT

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_kind FOREIGN KEY (kind) REFERENCES public.card_kinds(kind);

-- Name: cards cards_ordered_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_ordered_by FOREIGN KEY (ordered_by) REFERENCES public.persons(id);

-- Name: cards cards_orderer; Type: FK CONSTRAINT

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_orderer FOREIGN KEY (orderer_id) REFERENCES public.persons(id);

-- Name: cards cards_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: cards cards_status; Type: FK CONSTRAINT

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_status FOREIGN KEY (status) REFERENCES public.card_statuses(status);

-- Name: cards cards_status_of_last_event; Type: FK CONSTRAINT

ALTER TABLE ONLY public.cards
    ADD CONSTRAINT cards_status_of_last_event FOREIGN KEY (id, version, status) REFERENCES public.card_events(card_id, seq, to_status) DEFERRABLE INITIALLY DEFERRED;

-- Name: claims claims_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.claims
    ADD CONSTRAINT claims_card FOREIGN KEY (company_id, card_id, kind) REFERENCES public.cards(company_id, id, kind);

-- Name: claims claims_decided_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.claims
    ADD CONSTRAINT claims_decided_by FOREIGN KEY (decided_by) REFERENCES public.persons(id);

-- Name: claims claims_fault; Type: FK CONSTRAINT

ALTER TABLE ONLY public.claims
    ADD CONSTRAINT claims_fault FOREIGN KEY (fault, at_reader) REFERENCES public.claim_faults(fault, at_reader);

-- Name: claims claims_made_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.claims
    ADD CONSTRAINT claims_made_by FOREIGN KEY (made_by) REFERENCES public.persons(id);

-- Name: claims claims_order_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.claims
    ADD CONSTRAINT claims_order_card FOREIGN KEY (company_id, order_card_id, kind) REFERENCES public.cards(company_id, id, kind);

-- Name: claims claims_picture; Type: FK CONSTRAINT

ALTER TABLE ONLY public.claims
    ADD CONSTRAINT claims_picture FOREIGN KEY (company_id, picture_id, picture_purpose) REFERENCES public.pictures(company_id, id, purpose);

-- Name: deputies deputies_cancelled_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.deputies
    ADD CONSTRAINT deputies_cancelled_by FOREIGN KEY (cancelled_by) REFERENCES public.persons(id);

-- Name: deputies deputies_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.deputies
    ADD CONSTRAINT deputies_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: deputies deputies_deputy; Type: FK CONSTRAINT

ALTER TABLE ONLY public.deputies
    ADD CONSTRAINT deputies_deputy FOREIGN KEY (deputy_id) REFERENCES public.persons(id);

-- Name: deputies deputies_named_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.deputies
    ADD CONSTRAINT deputies_named_by FOREIGN KEY (named_by) REFERENCES public.persons(id);

-- Name: deputies deputies_orderer; Type: FK CONSTRAINT

ALTER TABLE ONLY public.deputies
    ADD CONSTRAINT deputies_orderer FOREIGN KEY (orderer_id) REFERENCES public.persons(id);

-- Name: fee_policy_statuses fee_policy_statuses_policy; Type: FK CONSTRAINT

ALTER TABLE ONLY public.fee_policy_statuses
    ADD CONSTRAINT fee_policy_statuses_policy FOREIGN KEY (valid_from) REFERENCES public.fee_policies(valid_from);

-- Name: fee_policy_statuses fee_policy_statuses_status; Type: FK CONSTRAINT

ALTER TABLE ONLY public.fee_policy_statuses
    ADD CONSTRAINT fee_policy_statuses_status FOREIGN KEY (status) REFERENCES public.card_statuses(status);

-- Name: grace_changes grace_changes_changed_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.grace_changes
    ADD CONSTRAINT grace_changes_changed_by FOREIGN KEY (changed_by) REFERENCES public.persons(id);

-- Name: grace_changes grace_changes_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.grace_changes
    ADD CONSTRAINT grace_changes_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: hand_overs hand_overs_asked_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.hand_overs
    ADD CONSTRAINT hand_overs_asked_by FOREIGN KEY (asked_by) REFERENCES public.persons(id);

-- Name: hand_overs hand_overs_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.hand_overs
    ADD CONSTRAINT hand_overs_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: hand_overs hand_overs_from; Type: FK CONSTRAINT

ALTER TABLE ONLY public.hand_overs
    ADD CONSTRAINT hand_overs_from FOREIGN KEY (from_id) REFERENCES public.persons(id);

-- Name: hand_overs hand_overs_reason; Type: FK CONSTRAINT

ALTER TABLE ONLY public.hand_overs
    ADD CONSTRAINT hand_overs_reason FOREIGN KEY (action, reason) REFERENCES public.card_reasons(action, reason);

-- Name: hand_overs hand_overs_to; Type: FK CONSTRAINT

ALTER TABLE ONLY public.hand_overs
    ADD CONSTRAINT hand_overs_to FOREIGN KEY (to_id) REFERENCES public.persons(id);

-- Name: invoices invoices_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: issuer_looks issuer_looks_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.issuer_looks
    ADD CONSTRAINT issuer_looks_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: issuer_staff issuer_staff_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.issuer_staff
    ADD CONSTRAINT issuer_staff_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: links links_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_card FOREIGN KEY (card_id) REFERENCES public.cards(id);

-- Name: links links_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: links links_message; Type: FK CONSTRAINT

ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_message FOREIGN KEY (message_id) REFERENCES public.messages(id);

-- Name: links links_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: links links_purpose; Type: FK CONSTRAINT

ALTER TABLE ONLY public.links
    ADD CONSTRAINT links_purpose FOREIGN KEY (purpose) REFERENCES public.link_purposes(purpose);

-- Name: listed_orderers listed_orderers_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.listed_orderers
    ADD CONSTRAINT listed_orderers_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: listed_orderers listed_orderers_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.listed_orderers
    ADD CONSTRAINT listed_orderers_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: login_devices login_devices_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.login_devices
    ADD CONSTRAINT login_devices_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: logins logins_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.logins
    ADD CONSTRAINT logins_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: membership_events membership_events_actor; Type: FK CONSTRAINT

ALTER TABLE ONLY public.membership_events
    ADD CONSTRAINT membership_events_actor FOREIGN KEY (actor_id) REFERENCES public.persons(id);

-- Name: membership_events membership_events_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.membership_events
    ADD CONSTRAINT membership_events_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: membership_events membership_events_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.membership_events
    ADD CONSTRAINT membership_events_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: memberships memberships_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: memberships memberships_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: memberships memberships_role; Type: FK CONSTRAINT

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_role FOREIGN KEY (role) REFERENCES public.roles(role);

-- Name: message_attempts message_attempts_message; Type: FK CONSTRAINT

ALTER TABLE ONLY public.message_attempts
    ADD CONSTRAINT message_attempts_message FOREIGN KEY (message_id) REFERENCES public.messages(id);

-- Name: message_templates message_templates_purpose; Type: FK CONSTRAINT

ALTER TABLE ONLY public.message_templates
    ADD CONSTRAINT message_templates_purpose FOREIGN KEY (purpose) REFERENCES public.link_purposes(purpose);

-- Name: message_templates message_templates_while_status; Type: FK CONSTRAINT

ALTER TABLE ONLY public.message_templates
    ADD CONSTRAINT message_templates_while_status FOREIGN KEY (while_status) REFERENCES public.card_statuses(status);

-- Name: messages messages_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_card FOREIGN KEY (company_id, card_id, card_kind) REFERENCES public.cards(company_id, id, kind);

-- Name: messages messages_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: messages messages_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: messages messages_template; Type: FK CONSTRAINT

ALTER TABLE ONLY public.messages
    ADD CONSTRAINT messages_template FOREIGN KEY (template) REFERENCES public.message_templates(template);

-- Name: order_imports order_imports_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.order_imports
    ADD CONSTRAINT order_imports_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: order_imports order_imports_made_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.order_imports
    ADD CONSTRAINT order_imports_made_by FOREIGN KEY (made_by) REFERENCES public.persons(id);

-- Name: orderer_names orderer_names_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.orderer_names
    ADD CONSTRAINT orderer_names_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: pictures pictures_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.pictures
    ADD CONSTRAINT pictures_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: pictures pictures_uploaded_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.pictures
    ADD CONSTRAINT pictures_uploaded_by FOREIGN KEY (uploaded_by) REFERENCES public.persons(id);

-- Name: pin_views pin_views_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.pin_views
    ADD CONSTRAINT pin_views_card FOREIGN KEY (card_id) REFERENCES public.cards(id);

-- Name: plan_actions plan_actions_event; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plan_actions
    ADD CONSTRAINT plan_actions_event FOREIGN KEY (event) REFERENCES public.card_actions(action);

-- Name: plan_actions plan_actions_undo; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plan_actions
    ADD CONSTRAINT plan_actions_undo FOREIGN KEY (undo) REFERENCES public.plan_actions(action);

-- Name: plan_cards plan_cards_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plan_cards
    ADD CONSTRAINT plan_cards_card FOREIGN KEY (card_id) REFERENCES public.cards(id);

-- Name: plan_cards plan_cards_orderer; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plan_cards
    ADD CONSTRAINT plan_cards_orderer FOREIGN KEY (orderer_id) REFERENCES public.persons(id);

-- Name: plan_cards plan_cards_plan; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plan_cards
    ADD CONSTRAINT plan_cards_plan FOREIGN KEY (plan_id) REFERENCES public.plans(id) ON DELETE CASCADE;

-- Name: plan_cards plan_cards_planned; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plan_cards
    ADD CONSTRAINT plan_cards_planned FOREIGN KEY (planned_id) REFERENCES public.planned_actions(id);

-- Name: plan_cards plan_cards_successor; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plan_cards
    ADD CONSTRAINT plan_cards_successor FOREIGN KEY (successor_id) REFERENCES public.persons(id);

-- Name: plan_instead plan_instead_action; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plan_instead
    ADD CONSTRAINT plan_instead_action FOREIGN KEY (action) REFERENCES public.plan_actions(action);

-- Name: plan_instead plan_instead_instead; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plan_instead
    ADD CONSTRAINT plan_instead_instead FOREIGN KEY (instead) REFERENCES public.plan_actions(action);

-- Name: planned_actions planned_actions_action; Type: FK CONSTRAINT

ALTER TABLE ONLY public.planned_actions
    ADD CONSTRAINT planned_actions_action FOREIGN KEY (action) REFERENCES public.card_actions(action);

-- Name: planned_actions planned_actions_blocked_event; Type: FK CONSTRAINT

ALTER TABLE ONLY public.planned_actions
    ADD CONSTRAINT planned_actions_blocked_event FOREIGN KEY (card_id, blocked_seq) REFERENCES public.card_events(card_id, seq);

-- Name: planned_actions planned_actions_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.planned_actions
    ADD CONSTRAINT planned_actions_card FOREIGN KEY (company_id, card_id, kind) REFERENCES public.cards(company_id, id, kind);

-- Name: planned_actions planned_actions_event; Type: FK CONSTRAINT

ALTER TABLE ONLY public.planned_actions
    ADD CONSTRAINT planned_actions_event FOREIGN KEY (card_id, seq) REFERENCES public.card_events(card_id, seq) DEFERRABLE INITIALLY DEFERRED;

-- Name: planned_actions planned_actions_planned_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.planned_actions
    ADD CONSTRAINT planned_actions_planned_by FOREIGN KEY (planned_by) REFERENCES public.persons(id);

-- Name: planned_actions planned_actions_reason; Type: FK CONSTRAINT

ALTER TABLE ONLY public.planned_actions
    ADD CONSTRAINT planned_actions_reason FOREIGN KEY (action, reason) REFERENCES public.card_reasons(action, reason);

-- Name: planned_actions planned_actions_withdrawn_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.planned_actions
    ADD CONSTRAINT planned_actions_withdrawn_by FOREIGN KEY (withdrawn_by) REFERENCES public.persons(id);

-- Name: plans plans_action; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_action FOREIGN KEY (action) REFERENCES public.plan_actions(action);

-- Name: plans plans_after; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_after FOREIGN KEY (after_id) REFERENCES public.plans(id);

-- Name: plans plans_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: plans plans_made_as; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_made_as FOREIGN KEY (made_as) REFERENCES public.roles(role);

-- Name: plans plans_made_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_made_by FOREIGN KEY (made_by) REFERENCES public.persons(id);

-- Name: plans plans_reason; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_reason FOREIGN KEY (event_action, reason) REFERENCES public.card_reasons(action, reason);

-- Name: plans plans_replace_reason; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_replace_reason FOREIGN KEY (replace_reason) REFERENCES public.replace_reasons(reason);

-- Name: plans plans_undoes; Type: FK CONSTRAINT

ALTER TABLE ONLY public.plans
    ADD CONSTRAINT plans_undoes FOREIGN KEY (undoes_id) REFERENCES public.plans(id);

-- Name: production_batches production_batches_made_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.production_batches
    ADD CONSTRAINT production_batches_made_by FOREIGN KEY (made_by) REFERENCES public.persons(id);

-- Name: production_batches production_batches_supplier; Type: FK CONSTRAINT

ALTER TABLE ONLY public.production_batches
    ADD CONSTRAINT production_batches_supplier FOREIGN KEY (supplier) REFERENCES public.card_series(supplier);

-- Name: production_cards production_cards_answered_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.production_cards
    ADD CONSTRAINT production_cards_answered_by FOREIGN KEY (answered_by) REFERENCES public.persons(id);

-- Name: production_cards production_cards_batch; Type: FK CONSTRAINT

ALTER TABLE ONLY public.production_cards
    ADD CONSTRAINT production_cards_batch FOREIGN KEY (batch_id) REFERENCES public.production_batches(id);

-- Name: production_cards production_cards_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.production_cards
    ADD CONSTRAINT production_cards_card FOREIGN KEY (card_id) REFERENCES public.cards(id);

-- Name: refusal_notices refusal_notices_planned; Type: FK CONSTRAINT

ALTER TABLE ONLY public.refusal_notices
    ADD CONSTRAINT refusal_notices_planned FOREIGN KEY (planned_id) REFERENCES public.planned_actions(id);

-- Name: reminder_readers reminder_readers_role; Type: FK CONSTRAINT

ALTER TABLE ONLY public.reminder_readers
    ADD CONSTRAINT reminder_readers_role FOREIGN KEY (reader) REFERENCES public.roles(role);

-- Name: reminder_readers reminder_readers_template; Type: FK CONSTRAINT

ALTER TABLE ONLY public.reminder_readers
    ADD CONSTRAINT reminder_readers_template FOREIGN KEY (template) REFERENCES public.message_templates(template);

-- Name: renewal_cards renewal_cards_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.renewal_cards
    ADD CONSTRAINT renewal_cards_card FOREIGN KEY (company_id, card_id, kind) REFERENCES public.cards(company_id, id, kind);

-- Name: renewal_cards renewal_cards_order_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.renewal_cards
    ADD CONSTRAINT renewal_cards_order_card FOREIGN KEY (company_id, order_card_id, kind) REFERENCES public.cards(company_id, id, kind);

-- Name: renewal_cards renewal_cards_renewal; Type: FK CONSTRAINT

ALTER TABLE ONLY public.renewal_cards
    ADD CONSTRAINT renewal_cards_renewal FOREIGN KEY (company_id, renewal_id) REFERENCES public.renewals(company_id, id) ON DELETE CASCADE;

-- Name: renewals renewals_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.renewals
    ADD CONSTRAINT renewals_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: renewals renewals_made_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.renewals
    ADD CONSTRAINT renewals_made_by FOREIGN KEY (made_by) REFERENCES public.persons(id);

-- Name: review_holds review_holds_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.review_holds
    ADD CONSTRAINT review_holds_card FOREIGN KEY (card_id) REFERENCES public.cards(id);

-- Name: review_holds review_holds_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.review_holds
    ADD CONSTRAINT review_holds_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: run_cards run_cards_event; Type: FK CONSTRAINT

ALTER TABLE ONLY public.run_cards
    ADD CONSTRAINT run_cards_event FOREIGN KEY (card_id, seq) REFERENCES public.card_events(card_id, seq);

-- Name: run_cards run_cards_made; Type: FK CONSTRAINT

ALTER TABLE ONLY public.run_cards
    ADD CONSTRAINT run_cards_made FOREIGN KEY (made_id) REFERENCES public.cards(id);

-- Name: run_cards run_cards_of_plan; Type: FK CONSTRAINT

ALTER TABLE ONLY public.run_cards
    ADD CONSTRAINT run_cards_of_plan FOREIGN KEY (plan_id, card_id, verdict) REFERENCES public.plan_cards(plan_id, card_id, verdict);

-- Name: run_cards run_cards_planned; Type: FK CONSTRAINT

ALTER TABLE ONLY public.run_cards
    ADD CONSTRAINT run_cards_planned FOREIGN KEY (planned_id) REFERENCES public.planned_actions(id);

-- Name: run_cards run_cards_run; Type: FK CONSTRAINT

ALTER TABLE ONLY public.run_cards
    ADD CONSTRAINT run_cards_run FOREIGN KEY (plan_id) REFERENCES public.runs(plan_id);

-- Name: runs runs_plan; Type: FK CONSTRAINT

ALTER TABLE ONLY public.runs
    ADD CONSTRAINT runs_plan FOREIGN KEY (company_id, plan_id, started_by) REFERENCES public.plans(company_id, id, made_by);

-- Name: saved_searches saved_searches_cleanup; Type: FK CONSTRAINT

ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_cleanup FOREIGN KEY (cleanup) REFERENCES public.cleanup_rules(cleanup);

-- Name: saved_searches saved_searches_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: saved_searches saved_searches_kind; Type: FK CONSTRAINT

ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_kind FOREIGN KEY (kind) REFERENCES public.card_kinds(kind);

-- Name: saved_searches saved_searches_orderer; Type: FK CONSTRAINT

ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_orderer FOREIGN KEY (orderer_id) REFERENCES public.persons(id);

-- Name: saved_searches saved_searches_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.saved_searches
    ADD CONSTRAINT saved_searches_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: selection_cards selection_cards_card; Type: FK CONSTRAINT

ALTER TABLE ONLY public.selection_cards
    ADD CONSTRAINT selection_cards_card FOREIGN KEY (company_id, card_id, kind) REFERENCES public.cards(company_id, id, kind);

-- Name: selection_cards selection_cards_selection; Type: FK CONSTRAINT

ALTER TABLE ONLY public.selection_cards
    ADD CONSTRAINT selection_cards_selection FOREIGN KEY (company_id, selection_id) REFERENCES public.selections(company_id, id) ON DELETE CASCADE;

-- Name: selections selections_company; Type: FK CONSTRAINT

ALTER TABLE ONLY public.selections
    ADD CONSTRAINT selections_company FOREIGN KEY (company_id) REFERENCES public.companies(id);

-- Name: selections selections_made_by; Type: FK CONSTRAINT

ALTER TABLE ONLY public.selections
    ADD CONSTRAINT selections_made_by FOREIGN KEY (made_by) REFERENCES public.persons(id);

-- Name: sessions sessions_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: start_searches start_searches_person; Type: FK CONSTRAINT

ALTER TABLE ONLY public.start_searches
    ADD CONSTRAINT start_searches_person FOREIGN KEY (person_id) REFERENCES public.persons(id);

-- Name: start_searches start_searches_search; Type: FK CONSTRAINT

ALTER TABLE ONLY public.start_searches
    ADD CONSTRAINT start_searches_search FOREIGN KEY (company_id, search_id) REFERENCES public.saved_searches(company_id, id) ON DELETE CASCADE;

-- Name: validity_rules validity_rules_kind; Type: FK CONSTRAINT

ALTER TABLE ONLY public.validity_rules
    ADD CONSTRAINT validity_rules_kind FOREIGN KEY (kind) REFERENCES public.card_kinds(kind);

-- Name: SCHEMA public; Type: ACL

REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO kortportal_app;

-- Name: TYPE new_order; Type: ACL

REVOKE ALL ON TYPE public.new_order FROM PUBLIC;
GRANT ALL ON TYPE public.new_order TO kortportal_app;

-- Name: FUNCTION activate_card(p_card bigint, p_version integer, p_actor bigint, p_number text, p_key_id bigint, p_ciphertext bytea, OUT version integer, OUT refused_by text); Type: ACL

REVOKE ALL ON FUNCTION public.activate_card(p_card bigint, p_version integer, p_actor bigint, p_number text, p_key_id bigint, p_ciphertext bytea, OUT version integer, OUT refused_by text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.activate_card(p_card bigint, p_version integer, p_actor bigint, p_number text, p_key_id bigint, p_ciphertext bytea, OUT version integer, OUT refused_by text) TO kortportal_app;

-- Name: FUNCTION acts_for(p_company bigint, p_orderer bigint, p_person bigint); Type: ACL

REVOKE ALL ON FUNCTION public.acts_for(p_company bigint, p_orderer bigint, p_person bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.acts_for(p_company bigint, p_orderer bigint, p_person bigint) TO kortportal_app;

-- Name: FUNCTION answer_batch(p_actor bigint, p_batch bigint, p_numbers text[], p_chips text[], p_made boolean[]); Type: ACL

REVOKE ALL ON FUNCTION public.answer_batch(p_actor bigint, p_batch bigint, p_numbers text[], p_chips text[], p_made boolean[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.answer_batch(p_actor bigint, p_batch bigint, p_numbers text[], p_chips text[], p_made boolean[]) TO kortportal_app;

-- Name: FUNCTION answer_faults(p_batch bigint, p_numbers text[], p_chips text[], p_outcomes text[]); Type: ACL

REVOKE ALL ON FUNCTION public.answer_faults(p_batch bigint, p_numbers text[], p_chips text[], p_outcomes text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.answer_faults(p_batch bigint, p_numbers text[], p_chips text[], p_outcomes text[]) TO kortportal_app;

-- Name: FUNCTION begin_attempt(p_message bigint, OUT answer text, OUT n integer); Type: ACL

REVOKE ALL ON FUNCTION public.begin_attempt(p_message bigint, OUT answer text, OUT n integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.begin_attempt(p_message bigint, OUT answer text, OUT n integer) TO kortportal_app;

-- Name: FUNCTION cancel_deputy(p_deputy bigint, p_company bigint, p_actor bigint); Type: ACL

REVOKE ALL ON FUNCTION public.cancel_deputy(p_deputy bigint, p_company bigint, p_actor bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.cancel_deputy(p_deputy bigint, p_company bigint, p_actor bigint) TO kortportal_app;

-- Name: FUNCTION card_events_apply(); Type: ACL

REVOKE ALL ON FUNCTION public.card_events_apply() FROM PUBLIC;

-- Name: FUNCTION card_events_before_insert(); Type: ACL

REVOKE ALL ON FUNCTION public.card_events_before_insert() FROM PUBLIC;

-- Name: FUNCTION card_events_due(); Type: ACL

REVOKE ALL ON FUNCTION public.card_events_due() FROM PUBLIC;

-- Name: FUNCTION card_events_grace(); Type: ACL

REVOKE ALL ON FUNCTION public.card_events_grace() FROM PUBLIC;

-- Name: FUNCTION card_events_in_time(); Type: ACL

REVOKE ALL ON FUNCTION public.card_events_in_time() FROM PUBLIC;

-- Name: FUNCTION card_events_judge(); Type: ACL

REVOKE ALL ON FUNCTION public.card_events_judge() FROM PUBLIC;

-- Name: FUNCTION card_events_keep(); Type: ACL

REVOKE ALL ON FUNCTION public.card_events_keep() FROM PUBLIC;

-- Name: FUNCTION card_events_orderer(); Type: ACL

REVOKE ALL ON FUNCTION public.card_events_orderer() FROM PUBLIC;

-- Name: FUNCTION card_events_overtake(); Type: ACL

REVOKE ALL ON FUNCTION public.card_events_overtake() FROM PUBLIC;

-- Name: FUNCTION card_events_pin(); Type: ACL

REVOKE ALL ON FUNCTION public.card_events_pin() FROM PUBLIC;

-- Name: FUNCTION card_exports_keep(); Type: ACL

REVOKE ALL ON FUNCTION public.card_exports_keep() FROM PUBLIC;

-- Name: FUNCTION clock_now(); Type: ACL

REVOKE ALL ON FUNCTION public.clock_now() FROM PUBLIC;
GRANT ALL ON FUNCTION public.clock_now() TO kortportal_app;

-- Name: TABLE cards; Type: ACL

GRANT SELECT ON TABLE public.cards TO kortportal_app;

-- Name: COLUMN cards.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.cards TO kortportal_app;

-- Name: COLUMN cards.kind; Type: ACL

GRANT INSERT(kind) ON TABLE public.cards TO kortportal_app;

-- Name: COLUMN cards.person_id; Type: ACL

GRANT INSERT(person_id) ON TABLE public.cards TO kortportal_app;

-- Name: COLUMN cards.ordered_by; Type: ACL

GRANT INSERT(ordered_by) ON TABLE public.cards TO kortportal_app;

-- Name: FUNCTION card_guard(c public.cards, p_action text, p_actor bigint, p_role text); Type: ACL

REVOKE ALL ON FUNCTION public.card_guard(c public.cards, p_action text, p_actor bigint, p_role text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.card_guard(c public.cards, p_action text, p_actor bigint, p_role text) TO kortportal_app;

-- Name: FUNCTION card_orders_claim(); Type: ACL

REVOKE ALL ON FUNCTION public.card_orders_claim() FROM PUBLIC;

-- Name: FUNCTION card_orders_judge(); Type: ACL

REVOKE ALL ON FUNCTION public.card_orders_judge() FROM PUBLIC;

-- Name: FUNCTION card_orders_keep(); Type: ACL

REVOKE ALL ON FUNCTION public.card_orders_keep() FROM PUBLIC;

-- Name: FUNCTION card_orders_photo(); Type: ACL

REVOKE ALL ON FUNCTION public.card_orders_photo() FROM PUBLIC;

-- Name: FUNCTION card_orders_replace(); Type: ACL

REVOKE ALL ON FUNCTION public.card_orders_replace() FROM PUBLIC;

-- Name: FUNCTION card_orders_replaced(); Type: ACL

REVOKE ALL ON FUNCTION public.card_orders_replaced() FROM PUBLIC;

-- Name: FUNCTION card_refusal(c public.cards, p_action text, p_actor bigint, p_role text); Type: ACL

REVOKE ALL ON FUNCTION public.card_refusal(c public.cards, p_action text, p_actor bigint, p_role text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.card_refusal(c public.cards, p_action text, p_actor bigint, p_role text) TO kortportal_app;

-- Name: FUNCTION card_valid_to(c public.cards); Type: ACL

REVOKE ALL ON FUNCTION public.card_valid_to(c public.cards) FROM PUBLIC;
GRANT ALL ON FUNCTION public.card_valid_to(c public.cards) TO kortportal_app;

-- Name: FUNCTION cards_derive(); Type: ACL

REVOKE ALL ON FUNCTION public.cards_derive() FROM PUBLIC;

-- Name: FUNCTION cards_freeze(); Type: ACL

REVOKE ALL ON FUNCTION public.cards_freeze() FROM PUBLIC;

-- Name: FUNCTION cards_index_names(); Type: ACL

REVOKE ALL ON FUNCTION public.cards_index_names() FROM PUBLIC;

-- Name: FUNCTION cards_make_holder(); Type: ACL

REVOKE ALL ON FUNCTION public.cards_make_holder() FROM PUBLIC;

-- Name: FUNCTION claim_refusal(c public.cards, p_actor bigint, p_role text); Type: ACL

REVOKE ALL ON FUNCTION public.claim_refusal(c public.cards, p_actor bigint, p_role text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_refusal(c public.cards, p_actor bigint, p_role text) TO kortportal_app;

-- Name: FUNCTION claims_before_insert(); Type: ACL

REVOKE ALL ON FUNCTION public.claims_before_insert() FROM PUBLIC;

-- Name: FUNCTION cleanup_before(p_cleanup text); Type: ACL

REVOKE ALL ON FUNCTION public.cleanup_before(p_cleanup text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.cleanup_before(p_cleanup text) TO kortportal_app;

-- Name: FUNCTION decide_claim(p_claim bigint, p_actor bigint, p_accept boolean, p_note text); Type: ACL

REVOKE ALL ON FUNCTION public.decide_claim(p_claim bigint, p_actor bigint, p_accept boolean, p_note text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.decide_claim(p_claim bigint, p_actor bigint, p_accept boolean, p_note text) TO kortportal_app;

-- Name: FUNCTION deputies_before_insert(); Type: ACL

REVOKE ALL ON FUNCTION public.deputies_before_insert() FROM PUBLIC;

-- Name: FUNCTION effective_status(p_status text, p_valid_to date, p_suspended boolean, p_day date); Type: ACL

REVOKE ALL ON FUNCTION public.effective_status(p_status text, p_valid_to date, p_suspended boolean, p_day date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.effective_status(p_status text, p_valid_to date, p_suspended boolean, p_day date) TO kortportal_app;

-- Name: FUNCTION end_attempt(p_message bigint, p_n integer, p_outcome text, p_error text); Type: ACL

REVOKE ALL ON FUNCTION public.end_attempt(p_message bigint, p_n integer, p_outcome text, p_error text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.end_attempt(p_message bigint, p_n integer, p_outcome text, p_error text) TO kortportal_app;

-- Name: FUNCTION fold_key(key text); Type: ACL

REVOKE ALL ON FUNCTION public.fold_key(key text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.fold_key(key text) TO kortportal_app;

-- Name: FUNCTION forget_jpegs(p_keys uuid[]); Type: ACL

REVOKE ALL ON FUNCTION public.forget_jpegs(p_keys uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_jpegs(p_keys uuid[]) TO kortportal_app;

-- Name: FUNCTION forget_pictures(p_after bigint, p_limit integer, OUT last bigint, OUT forgotten integer); Type: ACL

REVOKE ALL ON FUNCTION public.forget_pictures(p_after bigint, p_limit integer, OUT last bigint, OUT forgotten integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_pictures(p_after bigint, p_limit integer, OUT last bigint, OUT forgotten integer) TO kortportal_app;

-- Name: FUNCTION forget_plans(p_limit integer); Type: ACL

REVOKE ALL ON FUNCTION public.forget_plans(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_plans(p_limit integer) TO kortportal_app;

-- Name: FUNCTION forget_rows(p_limit integer); Type: ACL

REVOKE ALL ON FUNCTION public.forget_rows(p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_rows(p_limit integer) TO kortportal_app;

-- Name: FUNCTION grace_changes_apply(); Type: ACL

REVOKE ALL ON FUNCTION public.grace_changes_apply() FROM PUBLIC;

-- Name: FUNCTION hand_over_some(p_hand_over bigint, p_limit integer); Type: ACL

REVOKE ALL ON FUNCTION public.hand_over_some(p_hand_over bigint, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.hand_over_some(p_hand_over bigint, p_limit integer) TO kortportal_app;

-- Name: FUNCTION hand_overs_after_insert(); Type: ACL

REVOKE ALL ON FUNCTION public.hand_overs_after_insert() FROM PUBLIC;

-- Name: FUNCTION hand_overs_before_insert(); Type: ACL

REVOKE ALL ON FUNCTION public.hand_overs_before_insert() FROM PUBLIC;

-- Name: FUNCTION hold_review(p_actor bigint, p_after bigint); Type: ACL

REVOKE ALL ON FUNCTION public.hold_review(p_actor bigint, p_after bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.hold_review(p_actor bigint, p_after bigint) TO kortportal_app;

-- Name: FUNCTION import_orders(p_company bigint, p_orderer bigint, p_rows jsonb); Type: ACL

REVOKE ALL ON FUNCTION public.import_orders(p_company bigint, p_orderer bigint, p_rows jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.import_orders(p_company bigint, p_orderer bigint, p_rows jsonb) TO kortportal_app;

-- Name: FUNCTION key_words(key text); Type: ACL

REVOKE ALL ON FUNCTION public.key_words(key text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.key_words(key text) TO kortportal_app;

-- Name: FUNCTION known_elsewhere(p_person bigint, p_company bigint, p_email text); Type: ACL

REVOKE ALL ON FUNCTION public.known_elsewhere(p_person bigint, p_company bigint, p_email text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.known_elsewhere(p_person bigint, p_company bigint, p_email text) TO kortportal_app;

-- Name: FUNCTION last_administrator(p_company bigint, p_person bigint); Type: ACL

REVOKE ALL ON FUNCTION public.last_administrator(p_company bigint, p_person bigint) FROM PUBLIC;

-- Name: TABLE links; Type: ACL

GRANT SELECT ON TABLE public.links TO kortportal_app;

-- Name: FUNCTION link_refusal(l public.links, p_purpose text); Type: ACL

REVOKE ALL ON FUNCTION public.link_refusal(l public.links, p_purpose text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.link_refusal(l public.links, p_purpose text) TO kortportal_app;

-- Name: FUNCTION lock_company(p_company bigint); Type: ACL

REVOKE ALL ON FUNCTION public.lock_company(p_company bigint) FROM PUBLIC;

-- Name: FUNCTION logins_follow_standing(); Type: ACL

REVOKE ALL ON FUNCTION public.logins_follow_standing() FROM PUBLIC;

-- Name: FUNCTION logins_take_standing(); Type: ACL

REVOKE ALL ON FUNCTION public.logins_take_standing() FROM PUBLIC;

-- Name: FUNCTION make_batch(p_actor bigint, p_supplier text, p_limit integer); Type: ACL

REVOKE ALL ON FUNCTION public.make_batch(p_actor bigint, p_supplier text, p_limit integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.make_batch(p_actor bigint, p_supplier text, p_limit integer) TO kortportal_app;

-- Name: FUNCTION make_link(p_message bigint, p_token_hash bytea); Type: ACL

REVOKE ALL ON FUNCTION public.make_link(p_message bigint, p_token_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.make_link(p_message bigint, p_token_hash bytea) TO kortportal_app;

-- Name: FUNCTION make_plan(p_company bigint, p_person bigint, p_roles text[], p_action text, p_reason text, p_note text, p_starts_on date, p_undoes bigint, p_after bigint, p_cards bigint[], p_versions integer[], p_successors bigint[], p_planned bigint[], p_refused text[]); Type: ACL

REVOKE ALL ON FUNCTION public.make_plan(p_company bigint, p_person bigint, p_roles text[], p_action text, p_reason text, p_note text, p_starts_on date, p_undoes bigint, p_after bigint, p_cards bigint[], p_versions integer[], p_successors bigint[], p_planned bigint[], p_refused text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.make_plan(p_company bigint, p_person bigint, p_roles text[], p_action text, p_reason text, p_note text, p_starts_on date, p_undoes bigint, p_after bigint, p_cards bigint[], p_versions integer[], p_successors bigint[], p_planned bigint[], p_refused text[]) TO kortportal_app;

-- Name: FUNCTION membership_events_apply(); Type: ACL

REVOKE ALL ON FUNCTION public.membership_events_apply() FROM PUBLIC;

-- Name: FUNCTION membership_events_before_insert(); Type: ACL

REVOKE ALL ON FUNCTION public.membership_events_before_insert() FROM PUBLIC;

-- Name: FUNCTION membership_events_keep(); Type: ACL

REVOKE ALL ON FUNCTION public.membership_events_keep() FROM PUBLIC;

-- Name: FUNCTION memberships_end(); Type: ACL

REVOKE ALL ON FUNCTION public.memberships_end() FROM PUBLIC;

-- Name: FUNCTION memberships_list_orderers(); Type: ACL

REVOKE ALL ON FUNCTION public.memberships_list_orderers() FROM PUBLIC;

-- Name: FUNCTION must_be_issuer(p_person bigint); Type: ACL

REVOKE ALL ON FUNCTION public.must_be_issuer(p_person bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.must_be_issuer(p_person bigint) TO kortportal_app;

-- Name: FUNCTION name_key(name text); Type: ACL

REVOKE ALL ON FUNCTION public.name_key(name text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.name_key(name text) TO kortportal_app;

-- Name: FUNCTION oldest_transaction(); Type: ACL

REVOKE ALL ON FUNCTION public.oldest_transaction() FROM PUBLIC;
GRANT ALL ON FUNCTION public.oldest_transaction() TO kortportal_app;

-- Name: FUNCTION order_cards(p_company bigint, p_orderer bigint, p_orders jsonb); Type: ACL

REVOKE ALL ON FUNCTION public.order_cards(p_company bigint, p_orderer bigint, p_orders jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.order_cards(p_company bigint, p_orderer bigint, p_orders jsonb) TO kortportal_app;

-- Name: FUNCTION orderers_index_names(); Type: ACL

REVOKE ALL ON FUNCTION public.orderers_index_names() FROM PUBLIC;

-- Name: FUNCTION person_standing(p_person bigint); Type: ACL

REVOKE ALL ON FUNCTION public.person_standing(p_person bigint) FROM PUBLIC;

-- Name: FUNCTION persons_list_orderers(); Type: ACL

REVOKE ALL ON FUNCTION public.persons_list_orderers() FROM PUBLIC;

-- Name: FUNCTION persons_rename_cards(); Type: ACL

REVOKE ALL ON FUNCTION public.persons_rename_cards() FROM PUBLIC;

-- Name: FUNCTION picture_arrived(p_picture bigint); Type: ACL

REVOKE ALL ON FUNCTION public.picture_arrived(p_picture bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.picture_arrived(p_picture bigint) TO kortportal_app;

-- Name: FUNCTION pictures_forgotten(p_keys uuid[]); Type: ACL

REVOKE ALL ON FUNCTION public.pictures_forgotten(p_keys uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.pictures_forgotten(p_keys uuid[]) TO kortportal_app;

-- Name: FUNCTION plan_action(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_action text, p_reason text, p_note text, p_from date, p_hours smallint); Type: ACL

REVOKE ALL ON FUNCTION public.plan_action(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_action text, p_reason text, p_note text, p_from date, p_hours smallint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.plan_action(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_action text, p_reason text, p_note text, p_from date, p_hours smallint) TO kortportal_app;

-- Name: FUNCTION plan_refusal(c public.cards, p_action text, p_actor bigint, p_due_at timestamp with time zone); Type: ACL

REVOKE ALL ON FUNCTION public.plan_refusal(c public.cards, p_action text, p_actor bigint, p_due_at timestamp with time zone) FROM PUBLIC;

-- Name: FUNCTION planned_actions_keep(); Type: ACL

REVOKE ALL ON FUNCTION public.planned_actions_keep() FROM PUBLIC;

-- Name: FUNCTION planned_status(c public.cards, p_at timestamp with time zone); Type: ACL

REVOKE ALL ON FUNCTION public.planned_status(c public.cards, p_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.planned_status(c public.cards, p_at timestamp with time zone) TO kortportal_app;

-- Name: FUNCTION produce_card(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_number text, p_chip_uid text, p_valid_to date); Type: ACL

REVOKE ALL ON FUNCTION public.produce_card(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_number text, p_chip_uid text, p_valid_to date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.produce_card(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_number text, p_chip_uid text, p_valid_to date) TO kortportal_app;

-- Name: FUNCTION put_jpeg(p_key uuid, p_jpeg bytea); Type: ACL

REVOKE ALL ON FUNCTION public.put_jpeg(p_key uuid, p_jpeg bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION public.put_jpeg(p_key uuid, p_jpeg bytea) TO kortportal_app;

-- Name: FUNCTION read_pin(p_card bigint, p_holder bigint); Type: ACL

REVOKE ALL ON FUNCTION public.read_pin(p_card bigint, p_holder bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.read_pin(p_card bigint, p_holder bigint) TO kortportal_app;

-- Name: FUNCTION remind_holders(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[]); Type: ACL

REVOKE ALL ON FUNCTION public.remind_holders(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.remind_holders(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[]) TO kortportal_app;

-- Name: FUNCTION remind_orderers(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[]); Type: ACL

REVOKE ALL ON FUNCTION public.remind_orderers(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.remind_orderers(p_day date, p_after bigint, p_limit integer, OUT last_card bigint, OUT message_ids bigint[]) TO kortportal_app;

-- Name: FUNCTION reminder_days(); Type: ACL

REVOKE ALL ON FUNCTION public.reminder_days() FROM PUBLIC;
GRANT ALL ON FUNCTION public.reminder_days() TO kortportal_app;

-- Name: FUNCTION resend_refusal(c public.cards); Type: ACL

REVOKE ALL ON FUNCTION public.resend_refusal(c public.cards) FROM PUBLIC;
GRANT ALL ON FUNCTION public.resend_refusal(c public.cards) TO kortportal_app;

-- Name: FUNCTION retention(p_what text); Type: ACL

REVOKE ALL ON FUNCTION public.retention(p_what text) FROM PUBLIC;

-- Name: FUNCTION runs_guard(); Type: ACL

REVOKE ALL ON FUNCTION public.runs_guard() FROM PUBLIC;

-- Name: FUNCTION saved_searches_limit(); Type: ACL

REVOKE ALL ON FUNCTION public.saved_searches_limit() FROM PUBLIC;

-- Name: FUNCTION sessions_stay_ended(); Type: ACL

REVOKE ALL ON FUNCTION public.sessions_stay_ended() FROM PUBLIC;

-- Name: FUNCTION settle_card(p_card bigint); Type: ACL

REVOKE ALL ON FUNCTION public.settle_card(p_card bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_card(p_card bigint) TO kortportal_app;

-- Name: FUNCTION tell_of_refusals(); Type: ACL

REVOKE ALL ON FUNCTION public.tell_of_refusals() FROM PUBLIC;
GRANT ALL ON FUNCTION public.tell_of_refusals() TO kortportal_app;

-- Name: FUNCTION today(); Type: ACL

REVOKE ALL ON FUNCTION public.today() FROM PUBLIC;
GRANT ALL ON FUNCTION public.today() TO kortportal_app;

-- Name: FUNCTION use_link(p_token_hash bytea, p_purpose text); Type: ACL

REVOKE ALL ON FUNCTION public.use_link(p_token_hash bytea, p_purpose text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.use_link(p_token_hash bytea, p_purpose text) TO kortportal_app;

-- Name: FUNCTION view_pin(p_card bigint, p_holder bigint, p_last_six text); Type: ACL

REVOKE ALL ON FUNCTION public.view_pin(p_card bigint, p_holder bigint, p_last_six text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.view_pin(p_card bigint, p_holder bigint, p_last_six text) TO kortportal_app;

-- Name: FUNCTION withdraw_plan(p_plan bigint, p_card bigint, p_company bigint, p_actor bigint); Type: ACL

REVOKE ALL ON FUNCTION public.withdraw_plan(p_plan bigint, p_card bigint, p_company bigint, p_actor bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION public.withdraw_plan(p_plan bigint, p_card bigint, p_company bigint, p_actor bigint) TO kortportal_app;

-- Name: FUNCTION works_as(p_company bigint, p_person bigint, p_role text); Type: ACL

REVOKE ALL ON FUNCTION public.works_as(p_company bigint, p_person bigint, p_role text) FROM PUBLIC;

-- Name: FUNCTION written_now(); Type: ACL

REVOKE ALL ON FUNCTION public.written_now() FROM PUBLIC;

-- Name: TABLE activation_tries; Type: ACL

GRANT SELECT ON TABLE public.activation_tries TO kortportal_app;

-- Name: TABLE fee_policies; Type: ACL

GRANT SELECT ON TABLE public.fee_policies TO kortportal_app;

-- Name: TABLE fee_policy_statuses; Type: ACL

GRANT SELECT ON TABLE public.fee_policy_statuses TO kortportal_app;

-- Name: TABLE billed_statuses; Type: ACL

GRANT SELECT ON TABLE public.billed_statuses TO kortportal_app;

-- Name: TABLE card_actions; Type: ACL

GRANT SELECT ON TABLE public.card_actions TO kortportal_app;

-- Name: TABLE card_events; Type: ACL

GRANT SELECT ON TABLE public.card_events TO kortportal_app;

-- Name: COLUMN card_events.card_id; Type: ACL

GRANT INSERT(card_id) ON TABLE public.card_events TO kortportal_app;

-- Name: COLUMN card_events.seq; Type: ACL

GRANT INSERT(seq) ON TABLE public.card_events TO kortportal_app;

-- Name: COLUMN card_events.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.card_events TO kortportal_app;

-- Name: COLUMN card_events.kind; Type: ACL

GRANT INSERT(kind) ON TABLE public.card_events TO kortportal_app;

-- Name: COLUMN card_events.action; Type: ACL

GRANT INSERT(action) ON TABLE public.card_events TO kortportal_app;

-- Name: COLUMN card_events.from_status; Type: ACL

GRANT INSERT(from_status) ON TABLE public.card_events TO kortportal_app;

-- Name: COLUMN card_events.to_status; Type: ACL

GRANT INSERT(to_status) ON TABLE public.card_events TO kortportal_app;

-- Name: COLUMN card_events.actor_id; Type: ACL

GRANT INSERT(actor_id) ON TABLE public.card_events TO kortportal_app;

-- Name: COLUMN card_events.actor_role; Type: ACL

GRANT INSERT(actor_role) ON TABLE public.card_events TO kortportal_app;

-- Name: COLUMN card_events.reason; Type: ACL

GRANT INSERT(reason) ON TABLE public.card_events TO kortportal_app;

-- Name: COLUMN card_events.note; Type: ACL

GRANT INSERT(note) ON TABLE public.card_events TO kortportal_app;

-- Name: COLUMN card_events.successor_id; Type: ACL

GRANT INSERT(successor_id) ON TABLE public.card_events TO kortportal_app;

-- Name: TABLE card_exports; Type: ACL

GRANT SELECT ON TABLE public.card_exports TO kortportal_app;

-- Name: COLUMN card_exports.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.card_exports TO kortportal_app;

-- Name: COLUMN card_exports.made_by; Type: ACL

GRANT INSERT(made_by) ON TABLE public.card_exports TO kortportal_app;

-- Name: COLUMN card_exports.format; Type: ACL

GRANT INSERT(format) ON TABLE public.card_exports TO kortportal_app;

-- Name: COLUMN card_exports.personal_numbers; Type: ACL

GRANT INSERT(personal_numbers) ON TABLE public.card_exports TO kortportal_app;

-- Name: COLUMN card_exports.purpose; Type: ACL

GRANT INSERT(purpose) ON TABLE public.card_exports TO kortportal_app;

-- Name: COLUMN card_exports.rows; Type: ACL

GRANT UPDATE(rows) ON TABLE public.card_exports TO kortportal_app;

-- Name: TABLE card_kinds; Type: ACL

GRANT SELECT ON TABLE public.card_kinds TO kortportal_app;

-- Name: TABLE card_names; Type: ACL

GRANT SELECT ON TABLE public.card_names TO kortportal_app;

-- Name: TABLE card_orders; Type: ACL

GRANT SELECT ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.card_id; Type: ACL

GRANT INSERT(card_id) ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.seq; Type: ACL

GRANT INSERT(seq) ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.kind; Type: ACL

GRANT INSERT(kind) ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.given_name; Type: ACL

GRANT INSERT(given_name) ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.family_name; Type: ACL

GRANT INSERT(family_name) ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.citizenship; Type: ACL

GRANT INSERT(citizenship) ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.photo_id; Type: ACL

GRANT INSERT(photo_id) ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.email; Type: ACL

GRANT INSERT(email) ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.language; Type: ACL

GRANT INSERT(language) ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.reference; Type: ACL

GRANT INSERT(reference) ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.deliver_to; Type: ACL

GRANT INSERT(deliver_to) ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.replaces_id; Type: ACL

GRANT INSERT(replaces_id) ON TABLE public.card_orders TO kortportal_app;

-- Name: COLUMN card_orders.replace_reason; Type: ACL

GRANT INSERT(replace_reason) ON TABLE public.card_orders TO kortportal_app;

-- Name: TABLE card_permissions; Type: ACL

GRANT SELECT ON TABLE public.card_permissions TO kortportal_app;

-- Name: TABLE card_reasons; Type: ACL

GRANT SELECT ON TABLE public.card_reasons TO kortportal_app;

-- Name: TABLE card_reminders; Type: ACL

GRANT SELECT ON TABLE public.card_reminders TO kortportal_app;

-- Name: TABLE card_series; Type: ACL

GRANT SELECT ON TABLE public.card_series TO kortportal_app;

-- Name: TABLE card_statuses; Type: ACL

GRANT SELECT ON TABLE public.card_statuses TO kortportal_app;

-- Name: TABLE card_waits; Type: ACL

GRANT SELECT ON TABLE public.card_waits TO kortportal_app;

-- Name: TABLE card_transitions; Type: ACL

GRANT SELECT ON TABLE public.card_transitions TO kortportal_app;

-- Name: TABLE cards_in_use; Type: ACL

GRANT SELECT ON TABLE public.cards_in_use TO kortportal_app;

-- Name: TABLE production_cards; Type: ACL

GRANT SELECT ON TABLE public.production_cards TO kortportal_app;

-- Name: TABLE cards_to_produce; Type: ACL

GRANT SELECT ON TABLE public.cards_to_produce TO kortportal_app;

-- Name: TABLE claim_faults; Type: ACL

GRANT SELECT ON TABLE public.claim_faults TO kortportal_app;

-- Name: TABLE claims; Type: ACL

GRANT SELECT ON TABLE public.claims TO kortportal_app;

-- Name: COLUMN claims.card_id; Type: ACL

GRANT INSERT(card_id) ON TABLE public.claims TO kortportal_app;

-- Name: COLUMN claims.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.claims TO kortportal_app;

-- Name: COLUMN claims.made_by; Type: ACL

GRANT INSERT(made_by) ON TABLE public.claims TO kortportal_app;

-- Name: COLUMN claims.made_as; Type: ACL

GRANT INSERT(made_as) ON TABLE public.claims TO kortportal_app;

-- Name: COLUMN claims.fault; Type: ACL

GRANT INSERT(fault) ON TABLE public.claims TO kortportal_app;

-- Name: COLUMN claims.held_still; Type: ACL

GRANT INSERT(held_still) ON TABLE public.claims TO kortportal_app;

-- Name: COLUMN claims.note; Type: ACL

GRANT INSERT(note) ON TABLE public.claims TO kortportal_app;

-- Name: COLUMN claims.picture_id; Type: ACL

GRANT INSERT(picture_id) ON TABLE public.claims TO kortportal_app;

-- Name: TABLE logins; Type: ACL

GRANT SELECT ON TABLE public.logins TO kortportal_app;

-- Name: COLUMN logins.person_id; Type: ACL

GRANT INSERT(person_id) ON TABLE public.logins TO kortportal_app;

-- Name: COLUMN logins.email; Type: ACL

GRANT INSERT(email),UPDATE(email) ON TABLE public.logins TO kortportal_app;

-- Name: COLUMN logins.password_hash; Type: ACL

GRANT INSERT(password_hash),UPDATE(password_hash) ON TABLE public.logins TO kortportal_app;

-- Name: COLUMN logins.language; Type: ACL

GRANT INSERT(language),UPDATE(language) ON TABLE public.logins TO kortportal_app;

-- Name: COLUMN logins.disabled_at; Type: ACL

GRANT UPDATE(disabled_at) ON TABLE public.logins TO kortportal_app;

-- Name: TABLE memberships; Type: ACL

GRANT SELECT ON TABLE public.memberships TO kortportal_app;

-- Name: TABLE cleanup_cards; Type: ACL

GRANT SELECT ON TABLE public.cleanup_cards TO kortportal_app;

-- Name: TABLE cleanup_rules; Type: ACL

GRANT SELECT ON TABLE public.cleanup_rules TO kortportal_app;

-- Name: TABLE clock; Type: ACL

GRANT SELECT ON TABLE public.clock TO kortportal_app;

-- Name: TABLE companies; Type: ACL

GRANT SELECT ON TABLE public.companies TO kortportal_app;

-- Name: COLUMN companies.name; Type: ACL

GRANT INSERT(name) ON TABLE public.companies TO kortportal_app;

-- Name: COLUMN companies.org_country; Type: ACL

GRANT INSERT(org_country) ON TABLE public.companies TO kortportal_app;

-- Name: COLUMN companies.org_number; Type: ACL

GRANT INSERT(org_number) ON TABLE public.companies TO kortportal_app;

-- Name: TABLE deputies; Type: ACL

GRANT SELECT ON TABLE public.deputies TO kortportal_app;

-- Name: COLUMN deputies.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.deputies TO kortportal_app;

-- Name: COLUMN deputies.orderer_id; Type: ACL

GRANT INSERT(orderer_id) ON TABLE public.deputies TO kortportal_app;

-- Name: COLUMN deputies.deputy_id; Type: ACL

GRANT INSERT(deputy_id) ON TABLE public.deputies TO kortportal_app;

-- Name: COLUMN deputies.first_day; Type: ACL

GRANT INSERT(first_day) ON TABLE public.deputies TO kortportal_app;

-- Name: COLUMN deputies.last_day; Type: ACL

GRANT INSERT(last_day) ON TABLE public.deputies TO kortportal_app;

-- Name: COLUMN deputies.named_by; Type: ACL

GRANT INSERT(named_by) ON TABLE public.deputies TO kortportal_app;

-- Name: TABLE current_deputies; Type: ACL

GRANT SELECT ON TABLE public.current_deputies TO kortportal_app;

-- Name: TABLE current_fee; Type: ACL

GRANT SELECT ON TABLE public.current_fee TO kortportal_app;

-- Name: TABLE current_orders; Type: ACL

GRANT SELECT ON TABLE public.current_orders TO kortportal_app;

-- Name: TABLE eea_countries; Type: ACL

GRANT SELECT ON TABLE public.eea_countries TO kortportal_app;

-- Name: TABLE grace_changes; Type: ACL

GRANT SELECT ON TABLE public.grace_changes TO kortportal_app;

-- Name: COLUMN grace_changes.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.grace_changes TO kortportal_app;

-- Name: COLUMN grace_changes.grace_hours; Type: ACL

GRANT INSERT(grace_hours) ON TABLE public.grace_changes TO kortportal_app;

-- Name: COLUMN grace_changes.changed_by; Type: ACL

GRANT INSERT(changed_by) ON TABLE public.grace_changes TO kortportal_app;

-- Name: TABLE hand_overs; Type: ACL

GRANT SELECT ON TABLE public.hand_overs TO kortportal_app;

-- Name: COLUMN hand_overs.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.hand_overs TO kortportal_app;

-- Name: COLUMN hand_overs.from_id; Type: ACL

GRANT INSERT(from_id) ON TABLE public.hand_overs TO kortportal_app;

-- Name: COLUMN hand_overs.to_id; Type: ACL

GRANT INSERT(to_id) ON TABLE public.hand_overs TO kortportal_app;

-- Name: COLUMN hand_overs.reason; Type: ACL

GRANT INSERT(reason) ON TABLE public.hand_overs TO kortportal_app;

-- Name: COLUMN hand_overs.note; Type: ACL

GRANT INSERT(note) ON TABLE public.hand_overs TO kortportal_app;

-- Name: COLUMN hand_overs.then_ends; Type: ACL

GRANT INSERT(then_ends) ON TABLE public.hand_overs TO kortportal_app;

-- Name: COLUMN hand_overs.asked_by; Type: ACL

GRANT INSERT(asked_by) ON TABLE public.hand_overs TO kortportal_app;

-- Name: TABLE invoices; Type: ACL

GRANT SELECT ON TABLE public.invoices TO kortportal_app;

-- Name: COLUMN issuer_looks.person_id; Type: ACL

GRANT INSERT(person_id) ON TABLE public.issuer_looks TO kortportal_app;

-- Name: COLUMN issuer_looks.page; Type: ACL

GRANT INSERT(page) ON TABLE public.issuer_looks TO kortportal_app;

-- Name: COLUMN issuer_looks.card_ids; Type: ACL

GRANT INSERT(card_ids) ON TABLE public.issuer_looks TO kortportal_app;

-- Name: TABLE issuer_staff; Type: ACL

GRANT SELECT ON TABLE public.issuer_staff TO kortportal_app;

-- Name: TABLE link_purposes; Type: ACL

GRANT SELECT ON TABLE public.link_purposes TO kortportal_app;

-- Name: TABLE listed_orderers; Type: ACL

GRANT SELECT ON TABLE public.listed_orderers TO kortportal_app;

-- Name: TABLE order_imports; Type: ACL

GRANT SELECT ON TABLE public.order_imports TO kortportal_app;

-- Name: COLUMN order_imports.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.order_imports TO kortportal_app;

-- Name: COLUMN order_imports.made_by; Type: ACL

GRANT INSERT(made_by) ON TABLE public.order_imports TO kortportal_app;

-- Name: COLUMN order_imports.rows; Type: ACL

GRANT INSERT(rows),UPDATE(rows) ON TABLE public.order_imports TO kortportal_app;

-- Name: COLUMN order_imports.ignored; Type: ACL

GRANT INSERT(ignored) ON TABLE public.order_imports TO kortportal_app;

-- Name: COLUMN order_imports.made; Type: ACL

GRANT UPDATE(made) ON TABLE public.order_imports TO kortportal_app;

-- Name: COLUMN order_imports.left_out; Type: ACL

GRANT UPDATE(left_out) ON TABLE public.order_imports TO kortportal_app;

-- Name: TABLE retention_rules; Type: ACL

GRANT SELECT ON TABLE public.retention_rules TO kortportal_app;

-- Name: TABLE live_order_imports; Type: ACL

GRANT SELECT ON TABLE public.live_order_imports TO kortportal_app;

-- Name: TABLE renewals; Type: ACL

GRANT SELECT ON TABLE public.renewals TO kortportal_app;

-- Name: COLUMN renewals.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.renewals TO kortportal_app;

-- Name: COLUMN renewals.made_by; Type: ACL

GRANT INSERT(made_by) ON TABLE public.renewals TO kortportal_app;

-- Name: COLUMN renewals.deliver_to; Type: ACL

GRANT UPDATE(deliver_to) ON TABLE public.renewals TO kortportal_app;

-- Name: COLUMN renewals.reference; Type: ACL

GRANT UPDATE(reference) ON TABLE public.renewals TO kortportal_app;

-- Name: COLUMN renewals.applied_at; Type: ACL

GRANT UPDATE(applied_at) ON TABLE public.renewals TO kortportal_app;

-- Name: TABLE live_renewals; Type: ACL

GRANT SELECT ON TABLE public.live_renewals TO kortportal_app;

-- Name: TABLE selections; Type: ACL

GRANT SELECT ON TABLE public.selections TO kortportal_app;

-- Name: COLUMN selections.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.selections TO kortportal_app;

-- Name: COLUMN selections.made_by; Type: ACL

GRANT INSERT(made_by) ON TABLE public.selections TO kortportal_app;

-- Name: TABLE live_selections; Type: ACL

GRANT SELECT ON TABLE public.live_selections TO kortportal_app;

-- Name: TABLE sessions; Type: ACL

GRANT SELECT,DELETE ON TABLE public.sessions TO kortportal_app;

-- Name: COLUMN sessions.token_hash; Type: ACL

GRANT INSERT(token_hash) ON TABLE public.sessions TO kortportal_app;

-- Name: COLUMN sessions.data; Type: ACL

GRANT INSERT(data),UPDATE(data) ON TABLE public.sessions TO kortportal_app;

-- Name: COLUMN sessions.last_seen_at; Type: ACL

GRANT UPDATE(last_seen_at) ON TABLE public.sessions TO kortportal_app;

-- Name: COLUMN sessions.ended_at; Type: ACL

GRANT UPDATE(ended_at) ON TABLE public.sessions TO kortportal_app;

-- Name: COLUMN sessions.version; Type: ACL

GRANT UPDATE(version) ON TABLE public.sessions TO kortportal_app;

-- Name: TABLE live_sessions; Type: ACL

GRANT SELECT ON TABLE public.live_sessions TO kortportal_app;

-- Name: TABLE login_devices; Type: ACL

GRANT SELECT,DELETE ON TABLE public.login_devices TO kortportal_app;

-- Name: COLUMN login_devices.token_hash; Type: ACL

GRANT INSERT(token_hash) ON TABLE public.login_devices TO kortportal_app;

-- Name: COLUMN login_devices.person_id; Type: ACL

GRANT INSERT(person_id) ON TABLE public.login_devices TO kortportal_app;

-- Name: TABLE login_throttles; Type: ACL

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.login_throttles TO kortportal_app;

-- Name: TABLE membership_events; Type: ACL

GRANT SELECT ON TABLE public.membership_events TO kortportal_app;

-- Name: COLUMN membership_events.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.membership_events TO kortportal_app;

-- Name: COLUMN membership_events.person_id; Type: ACL

GRANT INSERT(person_id) ON TABLE public.membership_events TO kortportal_app;

-- Name: COLUMN membership_events.role; Type: ACL

GRANT INSERT(role) ON TABLE public.membership_events TO kortportal_app;

-- Name: COLUMN membership_events.action; Type: ACL

GRANT INSERT(action) ON TABLE public.membership_events TO kortportal_app;

-- Name: COLUMN membership_events.actor_id; Type: ACL

GRANT INSERT(actor_id) ON TABLE public.membership_events TO kortportal_app;

-- Name: TABLE message_attempts; Type: ACL

GRANT SELECT ON TABLE public.message_attempts TO kortportal_app;

-- Name: TABLE messages; Type: ACL

GRANT SELECT ON TABLE public.messages TO kortportal_app;

-- Name: COLUMN messages.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.messages TO kortportal_app;

-- Name: COLUMN messages.person_id; Type: ACL

GRANT INSERT(person_id) ON TABLE public.messages TO kortportal_app;

-- Name: COLUMN messages.card_id; Type: ACL

GRANT INSERT(card_id) ON TABLE public.messages TO kortportal_app;

-- Name: COLUMN messages.card_kind; Type: ACL

GRANT INSERT(card_kind) ON TABLE public.messages TO kortportal_app;

-- Name: COLUMN messages.email; Type: ACL

GRANT INSERT(email) ON TABLE public.messages TO kortportal_app;

-- Name: COLUMN messages.template; Type: ACL

GRANT INSERT(template) ON TABLE public.messages TO kortportal_app;

-- Name: COLUMN messages.language; Type: ACL

GRANT INSERT(language) ON TABLE public.messages TO kortportal_app;

-- Name: COLUMN messages.data; Type: ACL

GRANT INSERT(data) ON TABLE public.messages TO kortportal_app;

-- Name: TABLE message_states; Type: ACL

GRANT SELECT ON TABLE public.message_states TO kortportal_app;

-- Name: TABLE message_templates; Type: ACL

GRANT SELECT ON TABLE public.message_templates TO kortportal_app;

-- Name: TABLE orderer_names; Type: ACL

GRANT SELECT ON TABLE public.orderer_names TO kortportal_app;

-- Name: TABLE ordererless_cards; Type: ACL

GRANT SELECT ON TABLE public.ordererless_cards TO kortportal_app;

-- Name: TABLE persons; Type: ACL

GRANT SELECT ON TABLE public.persons TO kortportal_app;

-- Name: COLUMN persons.identity_kind; Type: ACL

GRANT INSERT(identity_kind) ON TABLE public.persons TO kortportal_app;

-- Name: COLUMN persons.identity_country; Type: ACL

GRANT INSERT(identity_country) ON TABLE public.persons TO kortportal_app;

-- Name: COLUMN persons.identity_number; Type: ACL

GRANT INSERT(identity_number) ON TABLE public.persons TO kortportal_app;

-- Name: COLUMN persons.given_name; Type: ACL

GRANT INSERT(given_name) ON TABLE public.persons TO kortportal_app;

-- Name: COLUMN persons.family_name; Type: ACL

GRANT INSERT(family_name) ON TABLE public.persons TO kortportal_app;

-- Name: TABLE pictures; Type: ACL

GRANT SELECT ON TABLE public.pictures TO kortportal_app;

-- Name: COLUMN pictures.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.pictures TO kortportal_app;

-- Name: COLUMN pictures.purpose; Type: ACL

GRANT INSERT(purpose) ON TABLE public.pictures TO kortportal_app;

-- Name: COLUMN pictures.jpeg; Type: ACL

GRANT INSERT(jpeg) ON TABLE public.pictures TO kortportal_app;

-- Name: COLUMN pictures.width; Type: ACL

GRANT INSERT(width) ON TABLE public.pictures TO kortportal_app;

-- Name: COLUMN pictures.height; Type: ACL

GRANT INSERT(height) ON TABLE public.pictures TO kortportal_app;

-- Name: COLUMN pictures.uploaded_by; Type: ACL

GRANT INSERT(uploaded_by) ON TABLE public.pictures TO kortportal_app;

-- Name: COLUMN pictures.there; Type: ACL

GRANT INSERT(there) ON TABLE public.pictures TO kortportal_app;

-- Name: TABLE pin_views; Type: ACL

GRANT SELECT ON TABLE public.pin_views TO kortportal_app;

-- Name: TABLE plan_actions; Type: ACL

GRANT SELECT ON TABLE public.plan_actions TO kortportal_app;

-- Name: TABLE plan_cards; Type: ACL

GRANT SELECT ON TABLE public.plan_cards TO kortportal_app;

-- Name: TABLE planned_actions; Type: ACL

GRANT SELECT ON TABLE public.planned_actions TO kortportal_app;

-- Name: TABLE plans; Type: ACL

GRANT SELECT ON TABLE public.plans TO kortportal_app;

-- Name: TABLE production_batches; Type: ACL

GRANT SELECT ON TABLE public.production_batches TO kortportal_app;

-- Name: TABLE reminder_steps; Type: ACL

GRANT SELECT ON TABLE public.reminder_steps TO kortportal_app;

-- Name: TABLE renewal_cards; Type: ACL

GRANT SELECT ON TABLE public.renewal_cards TO kortportal_app;

-- Name: COLUMN renewal_cards.renewal_id; Type: ACL

GRANT INSERT(renewal_id) ON TABLE public.renewal_cards TO kortportal_app;

-- Name: COLUMN renewal_cards.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.renewal_cards TO kortportal_app;

-- Name: COLUMN renewal_cards.card_id; Type: ACL

GRANT INSERT(card_id) ON TABLE public.renewal_cards TO kortportal_app;

-- Name: COLUMN renewal_cards.kind; Type: ACL

GRANT INSERT(kind) ON TABLE public.renewal_cards TO kortportal_app;

-- Name: COLUMN renewal_cards.email; Type: ACL

GRANT UPDATE(email) ON TABLE public.renewal_cards TO kortportal_app;

-- Name: COLUMN renewal_cards.refused_by; Type: ACL

GRANT UPDATE(refused_by) ON TABLE public.renewal_cards TO kortportal_app;

-- Name: COLUMN renewal_cards.order_card_id; Type: ACL

GRANT UPDATE(order_card_id) ON TABLE public.renewal_cards TO kortportal_app;

-- Name: TABLE replace_reasons; Type: ACL

GRANT SELECT ON TABLE public.replace_reasons TO kortportal_app;

-- Name: TABLE review_holds; Type: ACL

GRANT SELECT ON TABLE public.review_holds TO kortportal_app;

-- Name: TABLE roles; Type: ACL

GRANT SELECT ON TABLE public.roles TO kortportal_app;

-- Name: TABLE run_cards; Type: ACL

GRANT SELECT ON TABLE public.run_cards TO kortportal_app;

-- Name: COLUMN run_cards.plan_id; Type: ACL

GRANT INSERT(plan_id) ON TABLE public.run_cards TO kortportal_app;

-- Name: COLUMN run_cards.card_id; Type: ACL

GRANT INSERT(card_id) ON TABLE public.run_cards TO kortportal_app;

-- Name: COLUMN run_cards.result; Type: ACL

GRANT INSERT(result) ON TABLE public.run_cards TO kortportal_app;

-- Name: COLUMN run_cards.rule; Type: ACL

GRANT INSERT(rule) ON TABLE public.run_cards TO kortportal_app;

-- Name: COLUMN run_cards.seq; Type: ACL

GRANT INSERT(seq) ON TABLE public.run_cards TO kortportal_app;

-- Name: COLUMN run_cards.made_id; Type: ACL

GRANT INSERT(made_id) ON TABLE public.run_cards TO kortportal_app;

-- Name: COLUMN run_cards.planned_id; Type: ACL

GRANT INSERT(planned_id) ON TABLE public.run_cards TO kortportal_app;

-- Name: COLUMN run_cards.stays_blocked; Type: ACL

GRANT INSERT(stays_blocked) ON TABLE public.run_cards TO kortportal_app;

-- Name: TABLE runs; Type: ACL

GRANT SELECT ON TABLE public.runs TO kortportal_app;

-- Name: COLUMN runs.plan_id; Type: ACL

GRANT INSERT(plan_id) ON TABLE public.runs TO kortportal_app;

-- Name: COLUMN runs.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.runs TO kortportal_app;

-- Name: COLUMN runs.started_by; Type: ACL

GRANT INSERT(started_by) ON TABLE public.runs TO kortportal_app;

-- Name: COLUMN runs.finished_at; Type: ACL

GRANT UPDATE(finished_at) ON TABLE public.runs TO kortportal_app;

-- Name: TABLE saved_searches; Type: ACL

GRANT SELECT,DELETE ON TABLE public.saved_searches TO kortportal_app;

-- Name: COLUMN saved_searches.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.saved_searches TO kortportal_app;

-- Name: COLUMN saved_searches.person_id; Type: ACL

GRANT INSERT(person_id) ON TABLE public.saved_searches TO kortportal_app;

-- Name: COLUMN saved_searches.name; Type: ACL

GRANT INSERT(name),UPDATE(name) ON TABLE public.saved_searches TO kortportal_app;

-- Name: COLUMN saved_searches.shared; Type: ACL

GRANT INSERT(shared),UPDATE(shared) ON TABLE public.saved_searches TO kortportal_app;

-- Name: COLUMN saved_searches.query; Type: ACL

GRANT INSERT(query) ON TABLE public.saved_searches TO kortportal_app;

-- Name: COLUMN saved_searches.status; Type: ACL

GRANT INSERT(status) ON TABLE public.saved_searches TO kortportal_app;

-- Name: COLUMN saved_searches.kind; Type: ACL

GRANT INSERT(kind) ON TABLE public.saved_searches TO kortportal_app;

-- Name: COLUMN saved_searches.orderer_id; Type: ACL

GRANT INSERT(orderer_id) ON TABLE public.saved_searches TO kortportal_app;

-- Name: COLUMN saved_searches.expires_before; Type: ACL

GRANT INSERT(expires_before) ON TABLE public.saved_searches TO kortportal_app;

-- Name: COLUMN saved_searches.cleanup; Type: ACL

GRANT INSERT(cleanup) ON TABLE public.saved_searches TO kortportal_app;

-- Name: TABLE selection_cards; Type: ACL

GRANT SELECT,DELETE ON TABLE public.selection_cards TO kortportal_app;

-- Name: COLUMN selection_cards.selection_id; Type: ACL

GRANT INSERT(selection_id) ON TABLE public.selection_cards TO kortportal_app;

-- Name: COLUMN selection_cards.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.selection_cards TO kortportal_app;

-- Name: COLUMN selection_cards.card_id; Type: ACL

GRANT INSERT(card_id) ON TABLE public.selection_cards TO kortportal_app;

-- Name: COLUMN selection_cards.kind; Type: ACL

GRANT INSERT(kind) ON TABLE public.selection_cards TO kortportal_app;

-- Name: TABLE start_searches; Type: ACL

GRANT SELECT,DELETE ON TABLE public.start_searches TO kortportal_app;

-- Name: COLUMN start_searches.company_id; Type: ACL

GRANT INSERT(company_id) ON TABLE public.start_searches TO kortportal_app;

-- Name: COLUMN start_searches.person_id; Type: ACL

GRANT INSERT(person_id) ON TABLE public.start_searches TO kortportal_app;

-- Name: COLUMN start_searches.search_id; Type: ACL

GRANT INSERT(search_id),UPDATE(search_id) ON TABLE public.start_searches TO kortportal_app;

-- Name: TABLE suspended_companies; Type: ACL

GRANT SELECT ON TABLE public.suspended_companies TO kortportal_app;

-- Name: TABLE usable_searches; Type: ACL

GRANT SELECT ON TABLE public.usable_searches TO kortportal_app;

-- Name: TABLE validity_rules; Type: ACL

GRANT SELECT ON TABLE public.validity_rules TO kortportal_app;

-- Name: DEFAULT PRIVILEGES FOR FUNCTIONS; Type: DEFAULT ACL

ALTER DEFAULT PRIVILEGES FOR ROLE kortportal_owner REVOKE ALL ON FUNCTIONS  FROM PUBLIC;
