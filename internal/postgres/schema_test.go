package postgres_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"kortportal/internal/postgres"
	"kortportal/internal/postgres/pgtest"
)

// texts are the values of a query with one text column.
func texts(t *testing.T, on *pgxpool.Pool, query string, args ...any) []string {
	t.Helper()
	rows, err := on.Query(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	values, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%v\n%s", err, query)
	}
	return values
}

// ourFault are the rules that have no meaning for a user, because only a fault of ours can break them, with the reason
// why that is so. They end in the error page with an id.
func ourFault() map[string][]string {
	return map[string][]string{
		"keys that the database deals itself": {
			"cards_pkey", "companies_pkey", "invoices_pkey", "issuer_looks_pkey", "persons_pkey", "messages_pkey",
		},
		"tables that only migrations write": {
			"card_actions_pkey", "card_actions_position_unique", "card_kinds_pkey", "card_permissions_pkey", "card_permissions_action",
			"card_permissions_role", "card_reasons_pkey", "card_reasons_position_unique", "card_reasons_action", "card_statuses_pkey",
			"card_statuses_position_unique", "card_transitions_pkey", "card_transitions_whole", "card_transitions_kind", "card_transitions_action",
			"card_transitions_from", "card_transitions_to", "card_transitions_to_some", "card_waits_pkey", "card_waits_kind", "card_waits_role",
			"card_waits_status", "clock_one_row", "clock_pkey", "roles_pkey", "schema_migrations_pkey", "fee_policies_pkey", "fee_policies_price_some", "fee_policy_statuses_pkey",
			"fee_policy_statuses_policy", "fee_policy_statuses_status", "link_purposes_pkey", "link_purposes_lasts_some", "message_templates_pkey",
			"message_templates_purpose", "message_templates_while_status", "message_templates_while_status_unique", "retention_rules_pkey",
			"retention_rules_keep_some", "retention_rules_keep_enough", "reminder_steps_pkey", "reminder_steps_position_unique", "reminder_steps_before_unique",
			"reminder_steps_before_some", "replace_reasons_pkey", "plan_actions_pkey",
			"plan_actions_position_unique", "plan_actions_event", "plan_actions_undo", "plan_actions_most_some", "plan_instead_pkey", "plan_instead_action", "plan_instead_instead", "replace_reasons_pays_known", "reminder_readers_pkey", "reminder_readers_role", "reminder_readers_template",
		},
		"tables that only triggers and functions of the schema write": {
			"card_names_pkey", "orderer_names_pkey", "orderer_names_person", "listed_orderers_pkey", "listed_orderers_company", "listed_orderers_person", "card_pins_pkey", "card_pins_card", "card_pins_ciphertext_length", "pin_views_pkey",
			"pin_views_card", "pin_views_outcome_known", "message_attempts_pkey", "message_attempts_message", "message_attempts_n_positive",
			"message_attempts_ended_with_outcome", "message_attempts_error_unless_sent", "message_attempts_one_end", "links_message", "links_purpose",
			"links_person", "links_card", "links_company", "card_reminders_pkey", "card_reminders_card", "card_reminders_step", "card_reminders_reader",
			"card_reminders_person", "card_reminders_message",
		},
		"columns of cards that only the events write": {"cards_status", "cards_status_of_last_event", "cards_orderer"},
		"the target of a foreign key, wider than the primary key": {
			"cards_company_id_kind_unique",
		},
		"the actor, who comes from the session": {
			"card_events_actor", "card_events_actor_unless_system", "cards_ordered_by", "cards_company", "issuer_looks_person", "sessions_person",
		},
		"values that a type of the domain has made": {
			"cards_kind", "cards_holder_by_kind", "cards_number_format", "cards_chip_uid_format", "cards_chip_by_kind", "companies_org_country_format",
			"companies_org_number_format", "persons_identity_number_format",
			"logins_language_known", "messages_template", "messages_language_known", "messages_data_object", "messages_no_personal_number",
			"message_attempts_outcome_known", "message_attempts_error_known", "memberships_role", "memberships_role_of_company", "issuer_looks_page_known", "sessions_token_hash_length",
		},
		"persons and companies that the same command has just found or made": {
			"messages_company", "messages_person", "messages_card", "messages_card_whole", "logins_person", "memberships_company", "memberships_person", "issuer_staff_person", "login_devices_person",
		},
		"writes that say what to do on conflict, and random tokens": {
			"links_pkey", "links_token_hash_length", "memberships_pkey", "issuer_staff_pkey", "sessions_pkey", "sessions_end_once", "login_throttles_pkey", "login_devices_pkey",
		},
		"names given at the shell, where the operator reads the database's own answer": {
			"companies_name_length",
		},
		"pictures and orders as the store writes them": {
			"pictures_pkey", "pictures_company", "pictures_company_id_purpose_unique", "pictures_deleted", "pictures_keyed", "pictures_key_unique", "pictures_purpose_known", "pictures_uploaded_by",
			"pictures_width_some", "pictures_height_some", "card_orders_pkey", "card_orders_card", "card_orders_event", "card_orders_photo_purpose", "claims_picture_purpose",
		},
		"spreadsheets as the store keeps them": {
			"order_imports_pkey", "order_imports_company", "order_imports_made_by", "order_imports_applied",
		},
		"renewals as the store keeps them": {
			"renewals_pkey", "renewals_company", "renewals_made_by", "renewals_company_id_unique", "renewal_cards_pkey", "renewal_cards_renewal",
			"renewal_cards_card", "renewal_cards_order_card", "renewal_cards_ordered_or_refused",
		},
		"batches as make_batch and answer_batch write them": {
			"production_batches_pkey", "production_batches_supplier", "production_batches_made_by", "production_cards_pkey", "production_cards_batch",
			"production_cards_card", "production_cards_one_open", "production_cards_outcome_known", "production_cards_answered",
			"production_cards_answered_by",
		},
		"tables that only migrations write, and the end of a series of numbers": {
			"card_series_pkey", "card_series_supplier_format", "card_series_next_number_range", "eea_countries_pkey", "eea_countries_country_format",
			"validity_rules_pkey", "validity_rules_kind", "validity_rules_citizenship_known", "validity_rules_identity_known",
			"validity_rules_company_known", "validity_rules_months_range",
		},
		"claims as hold_review writes them":          {"review_holds_pkey", "review_holds_card", "review_holds_person"},
		"wrong numbers as activate_card counts them": {"activation_tries_pkey", "activation_tries_card"},
		"claims as the store, the trigger on them and decide_claim write them": {
			"claims_pkey", "claims_made_by", "claims_decided_by", "claims_decided", "claims_order_card", "claims_order_card_unique",
			"claims_order_when_accepted", "claims_picture", "claim_faults_pkey", "claim_faults_position_unique", "claim_faults_whole",
		},
		"exports as the store writes them": {
			"card_exports_pkey", "card_exports_company", "card_exports_made_by", "card_exports_format_known", "card_exports_rows_some", "card_exports_written_once",
		},
		"selections as the store keeps them": {
			"selections_pkey", "selections_company", "selections_made_by", "selections_company_id_unique", "selection_cards_pkey", "selection_cards_selection",
			"selection_cards_card",
		},
		"plans as make_plan writes them": {
			"plans_pkey", "plans_company", "plans_made_by", "plans_made_as", "plans_whole", "plans_undoes", "plans_after",
			"plan_cards_pkey", "plan_cards_plan", "plan_cards_card", "plan_cards_orderer", "plan_cards_planned", "plan_cards_successor", "plan_cards_verdict_known", "plan_cards_verdict_unique",
		},
		"runs as their job writes them": {
			"runs_pkey", "runs_written_once", "runs_every_card_accounted_for", "run_cards_pkey", "run_cards_run", "run_cards_of_plan", "run_cards_only_planned",
			"run_cards_result_known", "run_cards_event", "run_cards_made", "run_cards_planned", "run_cards_stays_blocked", "run_cards_done_by", "run_cards_refused_by_rule",
		},
		"plans as plan_action, withdraw_plan and settle_card write them": {
			"planned_actions_pkey", "planned_actions_card", "planned_actions_action", "planned_actions_planned_by", "planned_actions_withdrawn_by",
			"planned_actions_outcome_known", "planned_actions_event", "planned_actions_blocked_event", "planned_actions_blocked_by_grace",
			"planned_actions_grace_to_terminate", "planned_actions_settled_whole", "refusal_notices_pkey", "refusal_notices_planned",
		},
		"grace times as the store keeps them": {"grace_changes_pkey", "grace_changes_company", "grace_changes_changed_by"},
		"kinds of cards to tidy up, which only migrations write": {
			"cleanup_rules_pkey", "cleanup_rules_position_unique", "cleanup_rules_after_some",
		},
		"searches as the store saves them": {
			"saved_searches_pkey", "saved_searches_company", "saved_searches_person", "saved_searches_company_id_unique", "saved_searches_query_length",
			"saved_searches_status_known", "saved_searches_kind", "saved_searches_orderer", "saved_searches_cleanup", "start_searches_pkey", "start_searches_person",
		},
		"roles as the store writes them, for persons and companies that it has just found": {
			"membership_events_pkey", "membership_events_company", "membership_events_person", "membership_events_role_of_company",
			"membership_events_action_known", "membership_events_actor",
		},
		"deputies and hand-overs, whose triggers know people by their roles first": {
			"deputies_pkey", "deputies_company", "deputies_orderer", "deputies_deputy", "deputies_named_by", "deputies_cancelled_by", "hand_overs_pkey",
			"hand_overs_company", "hand_overs_from", "hand_overs_to", "hand_overs_action", "hand_overs_then_ends_known", "hand_overs_asked_by",
			"hand_overs_refused_at_the_end",
		},
		"the isolation and the length of the store's transactions":      {"memberships_read_committed", "card_events_of_now"},
		"invoices, which nothing but the demo and the tests writes yet": {"invoices_company", "invoices_number_unique"},
	}
}

func TestEveryRuleHasAMeaning(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	rules := texts(t, db.Owner, `
		SELECT conname::text FROM pg_constraint WHERE connamespace = 'public'::regnamespace
		UNION
		SELECT c.relname::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace
		UNION -- the names that functions raise
		SELECT m[1] FROM pg_proc p, regexp_matches(p.prosrc, $$'((?:cards?|links|claims|messages|plans|plan_cards|runs|planned_actions|grace_changes|saved_searches|memberships?|hand_overs|deputies|sessions)_[a-z_]+)'$$, 'g') m
		WHERE p.pronamespace = 'public'::regnamespace AND to_regclass(m[1]) IS NULL AND m[1] NOT IN (SELECT template FROM message_templates)`)
	for _, raised := range []string{"card_events_member", "card_events_system_only", "card_events_activated_with_pin", "cards_printed_frozen", "links_used_once"} {
		if !slices.Contains(rules, raised) {
			t.Errorf("the walk does not find %s, which a function raises", raised)
		}
	}
	argued := map[string]bool{}
	for why, names := range ourFault() {
		for _, name := range names {
			if argued[name] {
				t.Errorf("%s is listed twice", name)
			}
			argued[name] = true
			if !slices.Contains(rules, name) {
				t.Errorf("%s (%s) is no rule of the schema", name, why)
			}
		}
	}
	meanings := postgres.Refusals()
	for _, name := range rules {
		if _, ok := meanings[name]; ok == argued[name] {
			t.Errorf("%s must have either a meaning in refusals or a reason in this test: meaning %t, reason %t", name, ok, argued[name])
		}
	}
	for name := range meanings {
		if !slices.Contains(rules, name) {
			t.Errorf("refusals translates %s, which is no rule of the schema", name)
		}
	}
}

func TestEveryRuleHasAName(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	generated := regexp.MustCompile(`_(check|fkey|key|excl|not_null)\d*$`)
	for _, rule := range texts(t, db.Owner, `SELECT conname || ' ' || conrelid::regclass FROM pg_constraint WHERE connamespace = 'public'::regnamespace`) {
		name, table, _ := strings.Cut(rule, " ")
		if generated.MatchString(name) || !strings.HasPrefix(name, table+"_") {
			t.Errorf("%s is not a name that we gave to a rule of %s", name, table)
		}
	}
}

// plain are columns whose name says it all.
func plain() []string {
	return []string{
		"id", "name", "given_name", "family_name", "email", "language", "number", "role", "kind", "action", "reason", "status", "position", "to_status",
		"company_id", "person_id", "card_id", "created_at", "since", "viewed_at", "looked_at", "valid_from", "only_row", "identity_kind", "outcome",
	}
}

func TestWhatIsNotPlainHasAComment(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	// The library that migrates makes its own table.
	for _, object := range texts(t, db.Owner, `
		SELECT 'relation ' || c.relname FROM pg_class c
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'm', 'p') AND obj_description(c.oid, 'pg_class') IS NULL
		  AND c.relname <> 'schema_migrations'
		UNION ALL
		SELECT 'column ' || c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
		  AND c.relname <> 'schema_migrations' AND col_description(c.oid, a.attnum) IS NULL AND a.attname <> ALL ($1)
		  AND NOT EXISTS (SELECT FROM pg_attribute f JOIN pg_class fc ON fc.oid = f.attrelid -- the first of a group speaks for all
		                  WHERE fc.oid = c.oid AND f.attname = 'printed_given_name' AND a.attname LIKE 'printed\_%')
		UNION ALL
		SELECT 'function ' || p.oid::regprocedure FROM pg_proc p
		WHERE p.pronamespace = 'public'::regnamespace AND p.prorettype <> 'trigger'::regtype AND obj_description(p.oid, 'pg_proc') IS NULL
		UNION ALL
		SELECT 'index ' || i.indexrelid::regclass FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
		WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace AND obj_description(c.oid, 'pg_class') IS NULL
		  AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid)`, plain()) {
		t.Errorf("no comment on %s", object)
	}
}

// All that the application may do, as a table to be read: a change of it is a change of testdata/grants.txt.
func TestTheGrants(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	got := texts(t, db.Owner, `
		WITH app AS (SELECT 'kortportal_app'::regrole::oid AS oid), ours AS (SELECT 'public'::regnamespace::oid AS oid)
		SELECT line COLLATE "C" FROM (
			SELECT 'database: ' || string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
			FROM pg_database d, aclexplode(d.datacl) a, app WHERE d.datname = current_database() AND a.grantee = app.oid
			UNION ALL
			SELECT 'schema ' || n.nspname || ': ' || string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
			FROM pg_namespace n, aclexplode(n.nspacl) a, app WHERE a.grantee = app.oid GROUP BY n.nspname
			UNION ALL
			SELECT c.relname || ': ' || string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
			FROM pg_class c, aclexplode(c.relacl) a, app, ours WHERE c.relnamespace = ours.oid AND a.grantee = app.oid GROUP BY c.relname
			UNION ALL
			SELECT c.relname || ': ' || a.privilege_type || ' (' || string_agg(t.attname, ', ' ORDER BY t.attnum) || ')'
			FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid, aclexplode(t.attacl) a, app, ours
			WHERE c.relnamespace = ours.oid AND a.grantee = app.oid GROUP BY c.relname, a.privilege_type
			UNION ALL
			SELECT 'function ' || p.proname || ': ' || a.privilege_type
			FROM pg_proc p, aclexplode(p.proacl) a, app, ours WHERE p.pronamespace = ours.oid AND a.grantee = app.oid
		) x (line) ORDER BY 1`)
	want, err := os.ReadFile("testdata/grants.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(strings.TrimSpace(string(want)), "\n"), got); diff != "" {
		t.Errorf("the application may do something else than testdata/grants.txt says:\n%s", diff)
	}
	for _, member := range texts(t, db.Owner, `SELECT roleid::regrole::text FROM pg_auth_members WHERE member = 'kortportal_app'::regrole`) {
		t.Errorf("the application is a member of %s", member)
	}
}

// Of the job queue's tables the application gets those that a worker needs, and not the one by which their library migrates.
func TestTheGrantsOfTheJobTables(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	got := texts(t, db.Owner, `
		SELECT line COLLATE "C" FROM (
			SELECT c.relname || ': ' || string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
			FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'river'::regnamespace AND a.grantee <> c.relowner GROUP BY c.relname
			UNION ALL
			SELECT 'function ' || p.proname || ': ' || a.privilege_type
			FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
			WHERE p.pronamespace = 'river'::regnamespace AND a.grantee <> p.proowner
		) x (line) ORDER BY 1`)
	want := []string{
		"function river_job_state_in_bitmask: EXECUTE",
		"river_job: DELETE, INSERT, SELECT, UPDATE",
		"river_job_id_seq: USAGE",
		"river_leader: DELETE, INSERT, SELECT, UPDATE",
		"river_queue: DELETE, INSERT, SELECT, UPDATE",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNothingForPublic(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for _, grant := range texts(t, db.Owner, `
		SELECT 'function ' || p.oid::regprocedure FROM pg_proc p
		LEFT JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a ON true
		WHERE p.pronamespace = 'public'::regnamespace AND a.grantee = 0
		UNION ALL
		SELECT 'relation ' || c.relname FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 0
		UNION ALL
		SELECT 'schema ' || n.nspname FROM pg_namespace n, aclexplode(n.nspacl) a WHERE n.nspname = 'public' AND a.grantee = 0
		UNION ALL
		SELECT 'database ' || a.privilege_type FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
		WHERE d.datname = current_database() AND a.grantee = 0`) {
		t.Errorf("PUBLIC has a right on %s", grant)
	}
}

func TestFunctionsOfTheOwnerPinTheirPath(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	functions := texts(t, db.Owner, `
		SELECT p.proname || ' ' || coalesce(array_to_string(p.proconfig, ' '), '') FROM pg_proc p
		WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef`)
	if len(functions) == 0 {
		t.Error("there are no functions that act as owner")
	}
	for _, f := range functions {
		if !strings.HasSuffix(f, " search_path=public, pg_temp") {
			t.Errorf("%s: its search_path must be public, pg_temp", f)
		}
	}
}

// History must follow also where triggers are switched off for replication.
func TestTheTriggersOfHistoryAlwaysFire(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	got := texts(t, db.Owner, `
		SELECT tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text FROM pg_trigger
		WHERE NOT tgisinternal AND tgrelid IN ('cards'::regclass, 'card_events'::regclass) ORDER BY 1`)
	want := []string{
		"card_events card_events_0_now A", "card_events card_events_1_before A", "card_events card_events_1_due A",
		"card_events card_events_1_in_time A", "card_events card_events_2_judge A",
		"card_events card_events_2_judge_grace A", "card_events card_events_3_apply A", "card_events card_events_4_pin A",
		"card_events card_events_5_orderer A", "card_events card_events_5_overtake A", "card_events card_events_9_now A", "card_events card_events_keep A", "cards cards_derive A", "cards cards_freeze A", "cards cards_index_names A", "cards cards_make_holder A",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	// They judge after the foreign keys, whose triggers come first by name: R is before c.
	first := texts(t, db.Owner, `SELECT tgname::text FROM pg_trigger WHERE tgrelid = 'card_events'::regclass AND tgtype & 2 = 0 ORDER BY tgname COLLATE "C"`)
	if len(first) == 0 || !strings.HasPrefix(first[0], "RI_ConstraintTrigger") || slices.IndexFunc(first, func(n string) bool { return strings.HasPrefix(n, "card_") }) < 7 {
		t.Errorf("the order of the triggers on card_events: %v", first)
	}
}
