-- The life of a card: the rules as rows, the history as the truth, the card as what its last event says.
--
-- A rule is a FOREIGN KEY, a CHECK or a UNIQUE wherever it can be one; the name of the constraint is the error's code.
-- What needs a look at the card itself (whose it is, has it expired) is in card_guard, which answers with a name of the
-- same kind, card_events_*. The application inserts events; nothing else changes a card.
BEGIN;

CREATE TABLE card_statuses (
    status     text     CONSTRAINT card_statuses_pkey PRIMARY KEY,
    position   smallint NOT NULL CONSTRAINT card_statuses_position_unique UNIQUE,
    final      boolean  NOT NULL,
    can_expire boolean  NOT NULL,
    works      boolean  NOT NULL
);
COMMENT ON TABLE card_statuses IS 'The vocabulary. none is the status before the first event; no card has it.';
COMMENT ON COLUMN card_statuses.position IS 'The order in the life of a card, in which lists show them.';
COMMENT ON COLUMN card_statuses.final IS 'Nothing follows it.';
COMMENT ON COLUMN card_statuses.can_expire IS 'The card exists, so that its last day matters.';
COMMENT ON COLUMN card_statuses.works IS 'A standard card works at the gate, if it has not expired and its company is not suspended.';
INSERT INTO card_statuses (status, position, final, can_expire, works) VALUES
    ('none',       0, false, false, false),
    ('ordered',    1, false, false, false),
    ('reviewed',   2, false, false, false),
    ('approved',   3, false, false, false),
    ('rejected',   4, false, false, false),
    ('cancelled',  5, true,  false, false),
    ('produced',   6, false, true,  false),
    ('active',     7, false, true,  true),
    ('blocked',    8, false, true,  false),
    ('terminated', 9, true,  false, false);

CREATE TABLE card_kinds (
    kind text CONSTRAINT card_kinds_pkey PRIMARY KEY
);
INSERT INTO card_kinds VALUES ('standard'), ('visitor');
COMMENT ON TABLE card_kinds IS 'A visitor card has no chip and no holder, and never works at a gate.';

CREATE TABLE card_waits (
    kind   text NOT NULL CONSTRAINT card_waits_kind REFERENCES card_kinds,
    status text NOT NULL CONSTRAINT card_waits_status REFERENCES card_statuses,
    role   text NOT NULL CONSTRAINT card_waits_role REFERENCES roles,
    CONSTRAINT card_waits_pkey PRIMARY KEY (kind, status)
);
COMMENT ON TABLE card_waits IS 'Who must act now for a card to go on; no row where nobody must.';
INSERT INTO card_waits (kind, status, role) VALUES
    ('standard', 'ordered', 'issuer'), ('standard', 'reviewed', 'holder'), ('standard', 'approved', 'issuer'),
    ('standard', 'rejected', 'orderer'), ('standard', 'produced', 'holder'),
    ('visitor', 'ordered', 'issuer'), ('visitor', 'reviewed', 'issuer'), ('visitor', 'rejected', 'orderer');

CREATE TABLE card_actions (
    action   text     CONSTRAINT card_actions_pkey PRIMARY KEY,
    position smallint NOT NULL CONSTRAINT card_actions_position_unique UNIQUE
);
COMMENT ON TABLE card_actions IS 'What can be done with a card; position is the order in which a page offers it.';
INSERT INTO card_actions (position, action) VALUES
    (1, 'order'), (2, 'review'), (3, 'reject'), (4, 'approve'), (5, 'decline'), (6, 'correct'), (7, 'cancel'), (8, 'produce'),
    (9, 'activate'), (10, 'block'), (11, 'unblock'), (12, 'terminate'), (13, 'supersede'), (14, 'hand_over');

CREATE TABLE card_transitions (
    kind        text NOT NULL CONSTRAINT card_transitions_kind REFERENCES card_kinds,
    action      text NOT NULL CONSTRAINT card_transitions_action REFERENCES card_actions,
    from_status text NOT NULL CONSTRAINT card_transitions_from REFERENCES card_statuses,
    to_status   text NOT NULL CONSTRAINT card_transitions_to REFERENCES card_statuses
                CONSTRAINT card_transitions_to_some CHECK (to_status <> 'none'),
    CONSTRAINT card_transitions_pkey PRIMARY KEY (kind, action, from_status),
    CONSTRAINT card_transitions_whole UNIQUE (kind, action, from_status, to_status)
);
COMMENT ON TABLE card_transitions IS 'Every legal move. An action is deterministic: one status after it.';
COMMENT ON COLUMN card_transitions.from_status IS 'none for the action with which a card begins.';
INSERT INTO card_transitions (kind, action, from_status, to_status) VALUES
    ('standard', 'order',     'none',       'ordered'),
    ('standard', 'review',    'ordered',    'reviewed'),
    ('standard', 'reject',    'ordered',    'rejected'),
    ('standard', 'approve',   'reviewed',   'approved'),
    ('standard', 'decline',   'reviewed',   'rejected'),
    ('standard', 'correct',   'ordered',    'ordered'),
    ('standard', 'correct',   'reviewed',   'ordered'),
    ('standard', 'correct',   'rejected',   'ordered'),
    ('standard', 'cancel',    'ordered',    'cancelled'),
    ('standard', 'cancel',    'reviewed',   'cancelled'),
    ('standard', 'cancel',    'rejected',   'cancelled'),
    ('standard', 'cancel',    'approved',   'cancelled'),
    ('standard', 'produce',   'approved',   'produced'),
    ('standard', 'activate',  'produced',   'active'),
    ('standard', 'block',     'active',     'blocked'),
    ('standard', 'unblock',   'blocked',    'active'),
    ('standard', 'terminate', 'produced',   'terminated'),
    ('standard', 'terminate', 'active',     'terminated'),
    ('standard', 'terminate', 'blocked',    'terminated'),
    ('standard', 'supersede', 'produced',   'terminated'),
    ('standard', 'supersede', 'active',     'terminated'),
    ('standard', 'supersede', 'blocked',    'terminated'),
    ('visitor',  'order',     'none',       'ordered'),
    ('visitor',  'review',    'ordered',    'reviewed'),
    ('visitor',  'reject',    'ordered',    'rejected'),
    ('visitor',  'correct',   'ordered',    'ordered'),
    ('visitor',  'correct',   'reviewed',   'ordered'),
    ('visitor',  'correct',   'rejected',   'ordered'),
    ('visitor',  'cancel',    'ordered',    'cancelled'),
    ('visitor',  'cancel',    'reviewed',   'cancelled'),
    ('visitor',  'cancel',    'rejected',   'cancelled'),
    ('visitor',  'produce',   'reviewed',   'produced'),
    ('visitor',  'terminate', 'produced',   'terminated');
INSERT INTO card_transitions (kind, action, from_status, to_status)
SELECT k.kind, 'hand_over', s.status, s.status
FROM card_kinds k CROSS JOIN card_statuses s
WHERE NOT s.final AND s.status <> 'none'
  AND EXISTS (SELECT FROM card_transitions t WHERE t.kind = k.kind AND t.to_status = s.status);

CREATE TABLE card_permissions (
    action text NOT NULL CONSTRAINT card_permissions_action REFERENCES card_actions,
    role   text NOT NULL CONSTRAINT card_permissions_role REFERENCES roles,
    CONSTRAINT card_permissions_pkey PRIMARY KEY (action, role)
);
COMMENT ON TABLE card_permissions IS 'Which role may do what; whose card it must be is in card_guard.';
INSERT INTO card_permissions (action, role) VALUES
    ('order', 'orderer'), ('review', 'issuer'), ('reject', 'issuer'), ('approve', 'holder'), ('decline', 'holder'),
    ('correct', 'orderer'), ('cancel', 'orderer'), ('produce', 'issuer'), ('activate', 'holder'),
    ('block', 'orderer'), ('block', 'holder'), ('unblock', 'orderer'), ('terminate', 'orderer'),
    ('supersede', 'system'), ('hand_over', 'administrator');

CREATE TABLE card_reasons (
    action   text     NOT NULL CONSTRAINT card_reasons_action REFERENCES card_actions,
    reason   text     NOT NULL,
    position smallint NOT NULL,
    CONSTRAINT card_reasons_pkey PRIMARY KEY (action, reason),
    CONSTRAINT card_reasons_position_unique UNIQUE (action, position)
);
COMMENT ON TABLE card_reasons IS 'The reasons that go with an action. An action with the row none may be done without one.';
COMMENT ON COLUMN card_reasons.position IS 'The order in which a page offers them.';
INSERT INTO card_reasons (action, position, reason) VALUES
    ('order',     0, 'none'),
    ('review',    0, 'none'),
    ('reject',    1, 'photo'), ('reject', 2, 'documents'), ('reject', 3, 'wrong_data'), ('reject', 4, 'not_employed'), ('reject', 9, 'other'),
    ('approve',   0, 'none'),
    ('decline',   1, 'wrong_data'), ('decline', 2, 'photo'), ('decline', 3, 'not_employed'), ('decline', 9, 'other'),
    ('correct',   0, 'none'),
    ('cancel',    0, 'none'), ('cancel', 1, 'not_employed'), ('cancel', 2, 'wrong_data'), ('cancel', 3, 'mistake'), ('cancel', 9, 'other'),
    ('produce',   0, 'none'),
    ('activate',  0, 'none'),
    ('block',     1, 'lost'), ('block', 2, 'stolen'), ('block', 3, 'leave'), ('block', 4, 'not_in_use'), ('block', 5, 'employment_ended'),
    ('block',     9, 'other'),
    ('unblock',   0, 'none'), ('unblock', 1, 'found'), ('unblock', 2, 'back_in_use'), ('unblock', 3, 'mistake'), ('unblock', 9, 'other'),
    ('terminate', 1, 'employment_ended'), ('terminate', 2, 'lost'), ('terminate', 3, 'stolen'), ('terminate', 4, 'damaged'),
    ('terminate', 5, 'not_in_use'), ('terminate', 6, 'wrong_data'), ('terminate', 7, 'mistake'), ('terminate', 9, 'other'),
    ('supersede', 1, 'superseded'), ('supersede', 2, 'reclaimed'),
    ('hand_over', 0, 'none'), ('hand_over', 1, 'employment_ended'), ('hand_over', 2, 'leave'), ('hand_over', 9, 'other');

CREATE TABLE cards (
    id                  bigint      GENERATED BY DEFAULT AS IDENTITY CONSTRAINT cards_pkey PRIMARY KEY,
    company_id          bigint      NOT NULL CONSTRAINT cards_company REFERENCES companies,
    kind                text        NOT NULL CONSTRAINT cards_kind REFERENCES card_kinds,
    person_id           bigint      CONSTRAINT cards_person REFERENCES persons,
    ordered_by          bigint      NOT NULL CONSTRAINT cards_ordered_by REFERENCES persons,
    orderer_id          bigint      NOT NULL CONSTRAINT cards_orderer REFERENCES persons,
    status              text        NOT NULL DEFAULT 'ordered' CONSTRAINT cards_status REFERENCES card_statuses,
    version             integer     NOT NULL DEFAULT 1,
    number              text        COLLATE "C" CONSTRAINT cards_number_unique UNIQUE
                                    CONSTRAINT cards_number_format CHECK (number ~ '^[A-Z]{2}-\d{4}-\d{6}$'),
    chip_uid            text        CONSTRAINT cards_chip_uid_format CHECK (chip_uid ~ '^([0-9A-F]{2}){4,10}$'),
    valid_to            date,
    printed_given_name  text,
    printed_family_name text,
    printed_company     text,
    printed_org_number  text,
    sort_key            text        COLLATE "C" NOT NULL,
    other_key           text        COLLATE "C",
    personal_key        text        COLLATE "C",
    created_at          timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT cards_company_id_kind_unique UNIQUE (company_id, id, kind),
    CONSTRAINT cards_holder_by_kind CHECK ((kind = 'visitor') = (person_id IS NULL)),
    CONSTRAINT cards_chip_by_kind CHECK (chip_uid IS NULL OR kind = 'standard'),
    CONSTRAINT cards_printed_when_produced CHECK (
        status NOT IN ('produced', 'active', 'blocked', 'terminated')
        OR number IS NOT NULL AND valid_to IS NOT NULL AND printed_company IS NOT NULL AND printed_org_number IS NOT NULL
           AND (kind = 'visitor'
                OR chip_uid IS NOT NULL AND printed_given_name IS NOT NULL AND printed_family_name IS NOT NULL))
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_insert_scale_factor = 0.02);
COMMENT ON TABLE cards IS 'The cards, each as its last event says.';
COMMENT ON COLUMN cards.person_id IS 'The holder; null on a visitor card.';
COMMENT ON COLUMN cards.status IS 'to_status of the last event. Written by the events alone.';
COMMENT ON COLUMN cards.version IS 'seq of the last event: what a page was made from, and must still be when its form comes back.';
COMMENT ON COLUMN cards.chip_uid IS 'The RFID chip''s number in hexadecimal; null on a visitor card.';
COMMENT ON COLUMN cards.ordered_by IS 'Who ordered the card; never changes.';
COMMENT ON COLUMN cards.orderer_id IS 'Who is responsible for it now: whoever ordered it, or took it over.';
COMMENT ON COLUMN cards.number IS 'In its canonical form AA-NNNN-NNNNNN; from production on.';
COMMENT ON COLUMN cards.valid_to IS 'The last day on which the card is valid.';
COMMENT ON COLUMN cards.printed_given_name IS 'printed_*: what stands on the card, as it was at production; a later change does not touch it.';
COMMENT ON COLUMN cards.sort_key IS 'Key of the name that lists show: the printed one, before production the person''s.';
COMMENT ON COLUMN cards.other_key IS 'Key of the person''s name of today where another one is printed, so that the card is found by both.';
COMMENT ON COLUMN cards.personal_key IS 'The holder''s Swedish number without century, so that a company searches its own cards only.';

CREATE UNIQUE INDEX cards_one_active ON cards (company_id, person_id) WHERE status = 'active';
CREATE UNIQUE INDEX cards_one_open_order ON cards (company_id, person_id, kind)
    WHERE status IN ('ordered', 'reviewed', 'approved', 'rejected') AND person_id IS NOT NULL;
CREATE INDEX cards_by_name ON cards (company_id, sort_key, id) INCLUDE (status, valid_to, kind, orderer_id, number);
CREATE INDEX cards_by_status ON cards (company_id, status, valid_to);
CREATE INDEX cards_by_orderer ON cards (company_id, orderer_id, sort_key, id);
CREATE INDEX cards_by_person ON cards (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX cards_by_personal_key ON cards (company_id, personal_key, id) WHERE personal_key IS NOT NULL;
ALTER TABLE cards ALTER COLUMN company_id SET STATISTICS 1000;
COMMENT ON INDEX cards_one_active IS 'One active card per person and company.';
COMMENT ON INDEX cards_one_open_order IS 'No second open order for the same person, company and kind.';

CREATE TABLE card_events (
    card_id      bigint      NOT NULL,
    seq          integer     NOT NULL CONSTRAINT card_events_seq_positive CHECK (seq > 0),
    company_id   bigint      NOT NULL,
    kind         text        NOT NULL,
    action       text        NOT NULL,
    from_status  text        NOT NULL,
    to_status    text        NOT NULL,
    actor_id     bigint      CONSTRAINT card_events_actor REFERENCES persons,
    actor_role   text        NOT NULL,
    reason       text        NOT NULL DEFAULT 'none',
    note         text        NOT NULL DEFAULT '' CONSTRAINT card_events_note_length CHECK (length(note) <= 500),
    successor_id bigint      CONSTRAINT card_events_successor REFERENCES persons,
    occurred_at  timestamptz NOT NULL DEFAULT clock_now(),
    prev_seq     integer     GENERATED ALWAYS AS (CASE WHEN seq > 1 THEN seq - 1 END) STORED,
    CONSTRAINT card_events_pkey PRIMARY KEY (card_id, seq),
    CONSTRAINT card_events_status_unique UNIQUE (card_id, seq, to_status),
    CONSTRAINT card_events_chain FOREIGN KEY (card_id, prev_seq, from_status) REFERENCES card_events (card_id, seq, to_status),
    CONSTRAINT card_events_first_is_order CHECK ((seq = 1) = (from_status = 'none')),
    CONSTRAINT card_events_card FOREIGN KEY (company_id, card_id, kind) REFERENCES cards (company_id, id, kind),
    CONSTRAINT card_events_transition FOREIGN KEY (kind, action, from_status, to_status)
        REFERENCES card_transitions (kind, action, from_status, to_status),
    CONSTRAINT card_events_permission FOREIGN KEY (action, actor_role) REFERENCES card_permissions (action, role),
    CONSTRAINT card_events_reason FOREIGN KEY (action, reason) REFERENCES card_reasons (action, reason),
    CONSTRAINT card_events_other_needs_note CHECK (reason <> 'other' OR note ~ '\S'),
    CONSTRAINT card_events_actor_unless_system CHECK ((actor_role = 'system') = (actor_id IS NULL)),
    CONSTRAINT card_events_successor_when_handed_over CHECK ((action = 'hand_over') = (successor_id IS NOT NULL))
);
COMMENT ON TABLE card_events IS 'What happened to each card, in order. Only ever appended to.';
COMMENT ON COLUMN card_events.seq IS 'The card''s version after the event: one winner per version.';
COMMENT ON COLUMN card_events.from_status IS 'to_status of the event before; none for the first.';
COMMENT ON COLUMN card_events.actor_id IS 'Who acted; null for the system.';
COMMENT ON COLUMN card_events.actor_role IS 'As what: the role that permitted it.';
COMMENT ON COLUMN card_events.reason IS 'none where no reason was given.';
COMMENT ON COLUMN card_events.occurred_at IS 'By the portal''s clock; the application cannot give it.';
COMMENT ON COLUMN card_events.prev_seq IS 'The event before, which must have ended in from_status; null for the first.';
COMMENT ON COLUMN card_events.note IS 'Written by the actor for the company''s other people; never leaves the portal.';
COMMENT ON COLUMN card_events.successor_id IS 'hand_over: the orderer who becomes responsible.';

ALTER TABLE cards ADD CONSTRAINT cards_status_of_last_event
    FOREIGN KEY (id, version, status) REFERENCES card_events (card_id, seq, to_status) DEFERRABLE INITIALLY DEFERRED;

-- The rules that need a look at the card itself. The answer is the name of the rule that refuses, or null.
CREATE FUNCTION card_guard(c cards, p_action text, p_actor bigint, p_role text) RETURNS text
LANGUAGE plpgsql STABLE AS
$$
BEGIN
    CASE p_role
    WHEN 'orderer', 'administrator' THEN
        IF NOT EXISTS (SELECT FROM memberships m
                       WHERE m.company_id = c.company_id AND m.person_id = p_actor AND m.role = p_role AND m.ended_at IS NULL) THEN
            RETURN 'card_events_member';
        END IF;
        IF p_role = 'orderer' AND c.orderer_id IS DISTINCT FROM p_actor THEN
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

    IF p_action IN ('activate', 'unblock') THEN
        IF c.valid_to < today() THEN
            RETURN 'card_events_not_expired';
        END IF;
        IF EXISTS (SELECT FROM cards n
                   WHERE n.company_id = c.company_id AND n.person_id = c.person_id AND n.status = 'active' AND n.id > c.id) THEN
            RETURN 'card_events_no_newer_active';
        END IF;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION card_guard IS
    'Who is responsible, whose card it is, has it expired, is a newer one active: the name of the rule that refuses, or null.';

CREATE FUNCTION card_refusal(c cards, p_action text, p_actor bigint, p_role text) RETURNS text
LANGUAGE plpgsql STABLE AS
$$
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
COMMENT ON FUNCTION card_refusal IS
    'Why this actor cannot do this to this card now, by the name of the first rule in the way; null when nothing is. '
    'It asks the same tables and the same guard that judge the event itself.';

-- Before: no event of the system's comes from outside, and two activations for one person queue up.
CREATE FUNCTION card_events_before_insert() RETURNS trigger LANGUAGE plpgsql AS
$$
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

-- After: the foreign keys have judged (their triggers come first by name), now the guard; then the card follows.
CREATE FUNCTION card_events_judge() RETURNS trigger LANGUAGE plpgsql AS
$$
DECLARE
    c    cards;
    rule text;
BEGIN
    SELECT x.* INTO STRICT c FROM cards x WHERE x.id = NEW.card_id;
    rule := card_guard(c, NEW.action, NEW.actor_id, NEW.actor_role);
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

CREATE FUNCTION card_events_apply() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    IF NEW.action = 'activate' THEN
        INSERT INTO card_events (card_id, seq, company_id, kind, action, from_status, to_status, actor_role, reason)
        SELECT o.id, o.version + 1, o.company_id, o.kind, t.action, t.from_status, t.to_status, 'system', 'superseded'
        FROM cards c
        JOIN cards o ON o.company_id = c.company_id AND o.person_id = c.person_id AND o.kind = c.kind AND o.id < c.id
        JOIN card_transitions t ON t.kind = o.kind AND t.action = 'supersede' AND t.from_status = o.status
        WHERE c.id = NEW.card_id;
    END IF;
    UPDATE cards
    SET status = NEW.to_status, version = NEW.seq, orderer_id = coalesce(NEW.successor_id, orderer_id)
    WHERE id = NEW.card_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER card_events_1_before BEFORE INSERT ON card_events FOR EACH ROW EXECUTE FUNCTION card_events_before_insert();
CREATE TRIGGER card_events_2_judge  AFTER INSERT ON card_events FOR EACH ROW EXECUTE FUNCTION card_events_judge();
CREATE TRIGGER card_events_3_apply  AFTER INSERT ON card_events FOR EACH ROW EXECUTE FUNCTION card_events_apply();
ALTER TABLE card_events ENABLE ALWAYS TRIGGER card_events_1_before, ENABLE ALWAYS TRIGGER card_events_2_judge,
    ENABLE ALWAYS TRIGGER card_events_3_apply;

-- History is only appended to: not even the owner edits or deletes it by accident.
CREATE FUNCTION card_events_keep() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    RAISE EXCEPTION 'history is only appended to'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'card_events_append_only', TABLE = 'card_events', SCHEMA = 'public';
END
$$;
CREATE TRIGGER card_events_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON card_events FOR EACH STATEMENT EXECUTE FUNCTION card_events_keep();
ALTER TABLE card_events ENABLE ALWAYS TRIGGER card_events_keep;

-- A new card: its keys and its first responsible orderer are derived, not given.
CREATE FUNCTION cards_derive() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
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
CREATE TRIGGER cards_derive BEFORE INSERT ON cards FOR EACH ROW EXECUTE FUNCTION cards_derive();
ALTER TABLE cards ENABLE ALWAYS TRIGGER cards_derive;

-- What is printed is frozen, by whatever way the row is written.
CREATE FUNCTION cards_freeze() RETURNS trigger LANGUAGE plpgsql AS
$$
BEGIN
    RAISE EXCEPTION 'what is printed on a card is frozen at production'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'cards_printed_frozen', TABLE = 'cards', SCHEMA = 'public';
END
$$;
CREATE TRIGGER cards_freeze BEFORE UPDATE ON cards FOR EACH ROW
    WHEN (OLD.number IS NOT NULL
          AND (OLD.number, OLD.chip_uid, OLD.valid_to, OLD.printed_given_name, OLD.printed_family_name, OLD.printed_company, OLD.printed_org_number)
              IS DISTINCT FROM
              (NEW.number, NEW.chip_uid, NEW.valid_to, NEW.printed_given_name, NEW.printed_family_name, NEW.printed_company, NEW.printed_org_number))
    EXECUTE FUNCTION cards_freeze();
ALTER TABLE cards ENABLE ALWAYS TRIGGER cards_freeze;

CREATE FUNCTION produce_card(p_card bigint, p_version integer, p_company bigint, p_actor bigint, p_number text, p_chip_uid text, p_valid_to date)
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
            printed_given_name = p.given_name, printed_family_name = p.family_name,
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
COMMENT ON FUNCTION produce_card IS
    'Gives a card its number, chip and last day of validity, freezes what is printed, and appends the event. '
    'Returns the new version; null when the company has no such card.';

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT SELECT ON card_statuses, card_kinds, card_waits, card_actions, card_transitions, card_permissions, card_reasons, cards, card_events TO kortportal_app;
GRANT INSERT (company_id, kind, person_id, ordered_by) ON cards TO kortportal_app;
GRANT INSERT (card_id, seq, company_id, kind, action, from_status, to_status, actor_id, actor_role, reason, note, successor_id)
    ON card_events TO kortportal_app;
GRANT EXECUTE ON FUNCTION card_guard, card_refusal, produce_card TO kortportal_app;

COMMIT;
