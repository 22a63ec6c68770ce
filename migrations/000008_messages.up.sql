-- Messages: what the portal writes to people by e-mail, every attempt to send it, and the secret links that some of them carry.
--
-- A message says which link it carries; the link's token is made when the message is sent, goes into the mail and is kept as a hash only.
-- An attempt is written down before the mail goes out and its outcome after it, so that a crash in between is seen and repaired.
BEGIN;

-- The tables of the job queue belong to its library (river), which makes them after this file. They are no part of public.
CREATE SCHEMA river;
COMMENT ON SCHEMA river IS 'The job queue''s own tables, made and changed by its library.';
GRANT USAGE ON SCHEMA river TO kortportal_app;

CREATE TABLE link_purposes (
    purpose text     CONSTRAINT link_purposes_pkey PRIMARY KEY,
    lasts   interval NOT NULL CONSTRAINT link_purposes_lasts_some CHECK (lasts > interval '0')
);
COMMENT ON TABLE link_purposes IS 'What a personal link in a mail may be for.';
COMMENT ON COLUMN link_purposes.purpose IS 'invite: choose a password; approve: the holder approves an order; reset_password; change_email: the new address is the person''s.';
COMMENT ON COLUMN link_purposes.lasts IS 'From the moment the mail is sent.';
INSERT INTO link_purposes (purpose, lasts) VALUES
    ('invite', '7 days'), ('approve', '14 days'), ('reset_password', '1 hour'), ('change_email', '1 day');
GRANT SELECT ON link_purposes TO kortportal_app;

CREATE TABLE message_templates (
    template text CONSTRAINT message_templates_pkey PRIMARY KEY,
    purpose  text CONSTRAINT message_templates_purpose REFERENCES link_purposes
);
COMMENT ON TABLE message_templates IS 'The mails that the portal can write.';
COMMENT ON COLUMN message_templates.template IS 'The words stand with the program, under this name.';
COMMENT ON COLUMN message_templates.purpose IS 'Of the secret link that the mail carries; null when it carries none.';
INSERT INTO message_templates (template, purpose) VALUES
    ('order_to_approve', 'approve'), ('order_rejected', NULL), ('card_produced', NULL), ('card_expires', NULL), ('replacement_ordered', NULL),
    ('invitation', 'invite'), ('password_reset', 'reset_password'), ('confirm_email', 'change_email'), ('email_changed', NULL);
GRANT SELECT ON message_templates TO kortportal_app;

CREATE TABLE messages (
    id         bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT messages_pkey PRIMARY KEY,
    company_id bigint      CONSTRAINT messages_company REFERENCES companies,
    person_id  bigint      NOT NULL CONSTRAINT messages_person REFERENCES persons,
    card_id    bigint,
    card_kind  text,
    email      text        NOT NULL
                           CONSTRAINT messages_email_format CHECK (email = lower(email) AND email LIKE '%_@_%' AND length(email) <= 254),
    template   text        NOT NULL CONSTRAINT messages_template REFERENCES message_templates,
    language   text        NOT NULL CONSTRAINT messages_language_known CHECK (language IN ('sv', 'en')),
    data       jsonb       NOT NULL DEFAULT '{}' CONSTRAINT messages_data_object CHECK (jsonb_typeof(data) = 'object'),
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    CONSTRAINT messages_card FOREIGN KEY (company_id, card_id, card_kind) REFERENCES cards (company_id, id, kind),
    CONSTRAINT messages_card_whole CHECK ((card_id IS NULL) = (card_kind IS NULL) AND (card_id IS NULL OR company_id IS NOT NULL)),
    CONSTRAINT messages_no_personal_number CHECK ((data - 'company')::text !~ '\d{6}[-+]?\d{4}')
);
COMMENT ON TABLE messages IS 'One row for each mail: to whom, about what. Never changed; what became of it stands in message_attempts.';
COMMENT ON COLUMN messages.company_id IS 'Whose users see the message; null for mails about an account.';
COMMENT ON COLUMN messages.person_id IS 'The receiver.';
COMMENT ON COLUMN messages.card_id IS 'What it is about; null when that is no card.';
COMMENT ON COLUMN messages.card_kind IS 'Of the card, so that card and company go together.';
COMMENT ON COLUMN messages.email IS 'The address it goes to, as it was when the message was written.';
COMMENT ON COLUMN messages.template IS 'Which mail it is.';
COMMENT ON COLUMN messages.data IS 'Words for the template: a company''s name, a card number, a reason. Never a personnummer, a PIN or a token.';
CREATE INDEX messages_by_company ON messages (company_id, id) WHERE company_id IS NOT NULL;
CREATE INDEX messages_by_card ON messages (card_id, id) WHERE card_id IS NOT NULL;
CREATE INDEX messages_by_person ON messages (person_id, id);
GRANT SELECT, INSERT (company_id, person_id, card_id, card_kind, email, template, language, data) ON messages TO kortportal_app;

CREATE TABLE message_attempts (
    message_id bigint      NOT NULL CONSTRAINT message_attempts_message REFERENCES messages,
    n          integer     NOT NULL CONSTRAINT message_attempts_n_positive CHECK (n > 0),
    started_at timestamptz NOT NULL DEFAULT clock_now(),
    ended_at   timestamptz,
    outcome    text        CONSTRAINT message_attempts_outcome_known CHECK (outcome IN ('sent', 'deferred', 'failed')),
    error      text        CONSTRAINT message_attempts_error_known CHECK (error IN ('address_refused', 'refused', 'busy', 'unreachable', 'fault')),
    CONSTRAINT message_attempts_pkey PRIMARY KEY (message_id, n),
    CONSTRAINT message_attempts_ended_with_outcome CHECK ((ended_at IS NULL) = (outcome IS NULL)),
    CONSTRAINT message_attempts_error_unless_sent CHECK ((error IS NOT NULL) = coalesce(outcome IN ('deferred', 'failed'), false))
);
COMMENT ON TABLE message_attempts IS 'Every attempt to send a message: written before the mail goes out, ended after it.';
COMMENT ON COLUMN message_attempts.message_id IS 'What was to be sent.';
COMMENT ON COLUMN message_attempts.n IS 'The how manieth.';
COMMENT ON COLUMN message_attempts.started_at IS 'By the portal''s clock, before the mail server was spoken to.';
COMMENT ON COLUMN message_attempts.ended_at IS 'Null while it is under way, and for ever when the process ended in the middle.';
COMMENT ON COLUMN message_attempts.outcome IS 'sent and failed are the end of the message; after deferred, and after none, comes another attempt.';
COMMENT ON COLUMN message_attempts.error IS 'Why it was not sent, as a word. What the mail server said may hold an address and is not kept.';
CREATE UNIQUE INDEX message_attempts_one_end ON message_attempts (message_id) WHERE outcome IN ('sent', 'failed');
COMMENT ON INDEX message_attempts_one_end IS 'A message is sent once, or fails once.';
GRANT SELECT ON message_attempts TO kortportal_app;

CREATE VIEW message_states AS
SELECT m.id AS message_id, coalesce(a.n, 0) AS attempts, a.error, coalesce(a.ended_at, a.started_at) AS last_at,
       CASE WHEN a.outcome IN ('sent', 'failed') THEN a.outcome ELSE 'waiting' END AS state
FROM messages m
LEFT JOIN LATERAL (SELECT x.* FROM message_attempts x WHERE x.message_id = m.id ORDER BY x.n DESC LIMIT 1) a ON true;
COMMENT ON VIEW message_states IS 'What became of each message: waiting, sent or failed, after how many attempts, and what went wrong in the last one.';
GRANT SELECT ON message_states TO kortportal_app;

-- The lock on the message's row makes attempts queue up: of two workers the second sees what the first has done.
CREATE FUNCTION begin_attempt(p_message bigint, OUT answer text, OUT n integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
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
COMMENT ON FUNCTION begin_attempt IS
    'Writes down that a message is about to be sent. answer: begun, with the attempt''s number; sent or failed, when there is nothing left to '
    'do; under_way, when another worker may be sending it, which no attempt is after a minute; not_found.';

CREATE FUNCTION end_attempt(p_message bigint, p_n integer, p_outcome text, p_error text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
BEGIN
    PERFORM FROM messages m WHERE m.id = p_message FOR UPDATE;
    UPDATE message_attempts a SET ended_at = clock_now(), outcome = p_outcome, error = p_error
    WHERE a.message_id = p_message AND a.n = p_n AND a.outcome IS NULL;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION end_attempt IS 'Writes down what became of an attempt, once. false when that stands there already.';

CREATE TABLE links (
    token_hash bytea       CONSTRAINT links_pkey PRIMARY KEY CONSTRAINT links_token_hash_length CHECK (length(token_hash) = 32),
    message_id bigint      NOT NULL CONSTRAINT links_message REFERENCES messages,
    purpose    text        NOT NULL CONSTRAINT links_purpose REFERENCES link_purposes,
    person_id  bigint      NOT NULL CONSTRAINT links_person REFERENCES persons,
    card_id    bigint      CONSTRAINT links_card REFERENCES cards,
    company_id bigint      CONSTRAINT links_company REFERENCES companies,
    email      text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_now(),
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
COMMENT ON TABLE links IS
    'Personal links in mails: each can be used once, until it expires, and until a later message brings another for the same. '
    'A message that was sent twice has two, of which one can be used.';
COMMENT ON COLUMN links.token_hash IS 'SHA-256 of the token; the token itself is only in the mail.';
COMMENT ON COLUMN links.message_id IS 'The mail that carries it, from which everything else is copied.';
COMMENT ON COLUMN links.purpose IS 'The one thing it is good for.';
COMMENT ON COLUMN links.email IS 'Where it was sent: who has the link reads what goes to this address.';
COMMENT ON COLUMN links.expires_at IS 'From then on it is good for nothing.';
COMMENT ON COLUMN links.used_at IS 'When it was used; null until then.';
CREATE INDEX links_by_person ON links (person_id, purpose, message_id);
GRANT SELECT ON links TO kortportal_app;

CREATE FUNCTION link_refusal(l links, p_purpose text) RETURNS text
LANGUAGE plpgsql STABLE AS
$$
BEGIN
    IF l.purpose <> p_purpose THEN
        RETURN 'links_other_purpose';
    END IF;
    IF EXISTS (SELECT FROM links x WHERE x.person_id = l.person_id AND x.purpose = l.purpose AND x.message_id = l.message_id AND x.used_at IS NOT NULL) THEN
        RETURN 'links_used_once';
    END IF;
    IF EXISTS (SELECT FROM links x WHERE x.person_id = l.person_id AND x.purpose = l.purpose AND x.message_id > l.message_id
                                     AND x.card_id IS NOT DISTINCT FROM l.card_id) THEN
        RETURN 'links_newest';
    END IF;
    IF l.expires_at <= clock_now() THEN
        RETURN 'links_not_expired';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION link_refusal IS 'Why a link cannot be used for a purpose now, by the name of the rule in the way; null when nothing is.';

CREATE FUNCTION make_link(p_message bigint, p_token_hash bytea) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
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
COMMENT ON FUNCTION make_link IS 'Makes the link that a message carries. Returns when it expires; null for a message that carries none.';

-- Whoever waits for the lock looks anew, and sees that the link has been used.
CREATE FUNCTION use_link(p_token_hash bytea, p_purpose text) RETURNS SETOF links
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$
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
COMMENT ON FUNCTION use_link IS
    'Uses a link for a purpose, once, or raises the name of the rule that link_refusal gives. No row when there is no such link.';

REVOKE EXECUTE ON FUNCTION begin_attempt, end_attempt, link_refusal, make_link, use_link FROM PUBLIC;
GRANT EXECUTE ON FUNCTION begin_attempt, end_attempt, link_refusal, make_link, use_link TO kortportal_app;

COMMIT;
