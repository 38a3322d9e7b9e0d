CREATE OR REPLACE FUNCTION public.prune_log(log_tenant text, most integer)
 RETURNS TABLE(up_to bigint, events bigint, older_than timestamp with time zone)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'public', 'pg_temp'
AS $function$
      declare
        kept jsonb;
        witnessed bigint;
        mark bigint;
      begin
        select t.policy -> 'audit' into kept from tenant t where t.id = log_tenant for no key update skip locked;
        select max(w.size) into witnessed from audit_witnessed w where w.tenant_id = log_tenant;
        if witnessed is null or jsonb_typeof(kept -> 'retentionDays') is distinct from 'number' then
          return;
        end if;
        older_than := date_trunc('day', now(), 'UTC') - make_interval(hours => 24 * greatest(
          30, (kept ->> 'retentionDays')::int, (kept ->> 'retentionAtLeastDays')::int));
        mark := coalesce((select p.size from audit_pruned p where p.tenant_id = log_tenant), 0);
        select coalesce(min(n.sequence) filter (where e.id is null or e.time >= older_than) - 1, max(n.sequence))
        into up_to
        from audit_entry n left join event e on e.id = n.event_id
        where n.tenant_id = log_tenant and n.sequence > mark and n.sequence <= least(mark + most, witnessed);
        if up_to is null or up_to <= mark then
          return;
        end if;
        insert into audit_pruned (tenant_id, size) values (log_tenant, up_to)
        on conflict (tenant_id) do update set size = excluded.size, pruned_at = excluded.pruned_at;
        delete from event e using audit_entry n
        where n.tenant_id = log_tenant and n.sequence > mark and n.sequence <= up_to and e.id = n.event_id;
        get diagnostics events = row_count;
        return next;
      end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_change_of_history()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      begin
        raise exception 'The table "%" is append-only: % is refused.', tg_table_name, tg_op
          using hint = 'What has happened stays as it was written.';
      end $function$
;

CREATE OR REPLACE FUNCTION public.refuse_deletion_of_events()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
      begin
        if exists (
          select from gone left join public.audit_entry n on n.event_id = gone.id
            left join public.audit_pruned p on p.tenant_id = n.tenant_id
          where p.size is null or n.sequence > p.size
        ) then
          raise exception 'The table "event" is append-only: DELETE is refused.'
            using hint = 'What has happened stays as it was written, until its log is pruned up to there.';
        end if;
        return null;
      end $function$
;

create table account (
  id text not null,
  tenant_id text not null,
  external_id text not null,
  name text,
  locale text,
  policy jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint account_pkey PRIMARY KEY (id),
  constraint account_tenant_id_external_id_unique UNIQUE (tenant_id, external_id),
  constraint account_tenant_id_foreign FOREIGN KEY (tenant_id) REFERENCES tenant(id) ON DELETE CASCADE
);

CREATE INDEX account_own_policy ON account USING btree (tenant_id, id) WHERE (policy <> '{}'::jsonb);

CREATE INDEX account_tenant_id_id_index ON account USING btree (tenant_id, id);

create table account_pattern_notice (
  user_id text not null,
  noticed_at timestamp with time zone not null,
  constraint account_pattern_notice_pkey PRIMARY KEY (user_id),
  constraint account_pattern_notice_user_id_foreign FOREIGN KEY (user_id) REFERENCES app_user(id) ON UPDATE CASCADE ON DELETE CASCADE
);

create table address_guess (
  key bytea not null,
  wrong_codes integer not null,
  locked_until timestamp with time zone,
  last_at timestamp with time zone default clock_timestamp() not null,
  constraint address_guess_pkey PRIMARY KEY (key)
);

CREATE INDEX address_guess_last_at_index ON address_guess USING btree (last_at);

create table api_key (
  id text not null,
  tenant_id text not null,
  name text not null,
  application text,
  scopes text[] not null,
  hash bytea not null,
  created_at timestamp with time zone default now() not null,
  revoked_at timestamp with time zone,
  description text,
  expires_at timestamp with time zone,
  last_used_at timestamp with time zone,
  constraint api_key_hash_unique UNIQUE (hash),
  constraint api_key_pkey PRIMARY KEY (id),
  constraint api_key_tenant_id_foreign FOREIGN KEY (tenant_id) REFERENCES tenant(id) ON DELETE CASCADE
);

CREATE INDEX api_key_tenant_id_index ON api_key USING btree (tenant_id);

create table app_user (
  id text not null,
  tenant_id text not null,
  account_id text not null,
  external_id text not null,
  kind text not null,
  locale text,
  profile_sealed bytea not null,
  event_key_sealed bytea not null,
  two_factor_since timestamp with time zone,
  enrolled_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  trust_revoked_at timestamp with time zone,
  second_factor text default 
CASE
    WHEN (kind = 'service'::text) THEN 'service'::text
    WHEN (two_factor_since IS NULL) THEN 'disabled'::text
    ELSE 'enabled'::text
END,
  constraint app_user_account_id_external_id_unique UNIQUE (account_id, external_id),
  constraint app_user_account_id_foreign FOREIGN KEY (account_id) REFERENCES account(id) ON DELETE CASCADE,
  constraint app_user_pkey PRIMARY KEY (id),
  constraint app_user_tenant_id_foreign FOREIGN KEY (tenant_id) REFERENCES tenant(id) ON DELETE CASCADE
);

CREATE INDEX app_user_account_id_id_index ON app_user USING btree (account_id, id);

CREATE INDEX app_user_account_id_second_factor_id_index ON app_user USING btree (account_id, second_factor, id);

CREATE INDEX app_user_tenant_id_external_id_index ON app_user USING btree (tenant_id, external_id);

CREATE INDEX app_user_tenant_id_second_factor_id_index ON app_user USING btree (tenant_id, second_factor, id);

create table audit_checkpoint (
  tenant_id text not null,
  size bigint not null,
  signed_at timestamp with time zone not null,
  root bytea not null,
  note text not null,
  oldest_event_at timestamp with time zone,
  newest_event_at timestamp with time zone,
  constraint audit_checkpoint_pkey PRIMARY KEY (tenant_id, size, signed_at)
);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();

create table audit_collector (
  name text not null,
  met_at timestamp with time zone default now() not null,
  holder text,
  lease_until timestamp with time zone,
  fault text,
  faults integer default 0 not null,
  retry_at timestamp with time zone,
  constraint audit_collector_pkey PRIMARY KEY (name)
);

create table audit_collector_position (
  collector text not null,
  tenant_id text not null,
  sequence bigint not null,
  updated_at timestamp with time zone default now() not null,
  constraint audit_collector_position_pkey PRIMARY KEY (collector, tenant_id)
);

create table audit_cosignature (
  tenant_id text not null,
  size bigint not null,
  signed_at timestamp with time zone not null,
  witness text not null,
  signature_lines text not null,
  cosigned_at timestamp with time zone default now() not null,
  constraint audit_cosignature_pkey PRIMARY KEY (tenant_id, size, signed_at, witness)
);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_cosignature FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();

create table audit_cursor (
  id smallint not null,
  tx xid8 not null,
  cluster text,
  constraint audit_cursor_pkey PRIMARY KEY (id)
);

create table audit_entry (
  tenant_id text not null,
  sequence bigint not null,
  event_id text not null,
  leaf_hash bytea not null,
  sealed_at timestamp with time zone default now() not null,
  constraint audit_entry_event_id_unique UNIQUE (event_id),
  constraint audit_entry_pkey PRIMARY KEY (tenant_id, sequence)
);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();

create table audit_key (
  tenant_id text not null,
  vkey text not null,
  known_since timestamp with time zone default now() not null,
  constraint audit_key_pkey PRIMARY KEY (tenant_id, vkey)
);

create table audit_log (
  tenant_id text not null,
  size bigint not null,
  edge bytea[] not null,
  constraint audit_log_pkey PRIMARY KEY (tenant_id)
);

create table audit_node (
  tenant_id text not null,
  level smallint not null,
  index bigint not null,
  hash bytea not null,
  constraint audit_node_pkey PRIMARY KEY (tenant_id, level, index)
);

create table audit_pruned (
  tenant_id text not null,
  size bigint not null,
  pruned_at timestamp with time zone default now() not null,
  constraint audit_pruned_pkey PRIMARY KEY (tenant_id)
);

create table audit_witnessed (
  tenant_id text not null,
  size bigint not null,
  signed_at timestamp with time zone not null,
  witnessed_at timestamp with time zone default now() not null,
  constraint audit_witnessed_pkey PRIMARY KEY (tenant_id, size, signed_at)
);

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_witnessed FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();

create table challenge (
  id text not null,
  tenant_id text not null,
  user_id text not null,
  purpose text not null,
  application text,
  device_id text,
  enroll boolean default false not null,
  status text default 'pending'::text not null,
  checks integer default 0 not null,
  max_checks integer not null,
  detail_sealed bytea,
  approved_device_id text,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  user_agent_sealed bytea,
  place bytea,
  known boolean default false not null,
  constraint challenge_pkey PRIMARY KEY (id),
  constraint challenge_user_id_foreign FOREIGN KEY (user_id) REFERENCES app_user(id) ON DELETE CASCADE
);

CREATE INDEX challenge_known_place ON challenge USING btree (user_id, place) WHERE ((status = 'approved'::text) AND (place IS NOT NULL));

CREATE INDEX challenge_pending_expiry ON challenge USING btree (expires_at) WHERE (status = 'pending'::text);

CREATE INDEX challenge_pending_user ON challenge USING btree (user_id, place) WHERE (status = 'pending'::text);

CREATE INDEX challenge_user_id_index ON challenge USING btree (user_id);

create table code (
  subject_id text not null,
  device_id text not null,
  id text not null,
  sends integer default 1 not null,
  last_sent_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  consumed_at timestamp with time zone,
  constraint code_pkey PRIMARY KEY (subject_id, device_id)
);

CREATE INDEX code_expires_at_index ON code USING btree (expires_at);

create table delivery (
  id text not null,
  tenant_id text not null,
  user_id text,
  device_id text,
  challenge_id text,
  channel text not null,
  kind text not null,
  country text,
  prefix text,
  status text default 'queued'::text not null,
  payload_sealed bytea,
  fence integer default 0 not null,
  lease_until timestamp with time zone,
  next_attempt_at timestamp with time zone default now() not null,
  provider text,
  provider_reference text,
  error text,
  request_id text,
  created_at timestamp with time zone default now() not null,
  expires_at timestamp with time zone not null,
  sent_at timestamp with time zone,
  ended_at timestamp with time zone,
  awaits_receipt boolean default false not null,
  failed_attempts integer[],
  constraint delivery_pkey PRIMARY KEY (id),
  constraint delivery_user_id_foreign FOREIGN KEY (user_id) REFERENCES app_user(id) ON DELETE CASCADE
);

CREATE INDEX delivery_awaiting ON delivery USING btree (expires_at) WHERE awaits_receipt;

CREATE INDEX delivery_challenge_id_index ON delivery USING btree (challenge_id);

CREATE INDEX delivery_device_id_index ON delivery USING btree (device_id);

CREATE INDEX delivery_of_own_sender ON delivery USING btree (provider_reference) WHERE (provider = 'http'::text);

CREATE INDEX delivery_open ON delivery USING btree (expires_at) WHERE (status = ANY (ARRAY['queued'::text, 'sending'::text]));

CREATE INDEX delivery_tenant_id_id_index ON delivery USING btree (tenant_id, id);

CREATE INDEX delivery_tenant_id_status_id_index ON delivery USING btree (tenant_id, status, id);

CREATE INDEX delivery_user_id_index ON delivery USING btree (user_id);

create table delivery_attempt (
  delivery_id text not null,
  number integer not null,
  provider text not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  ended_at timestamp with time zone,
  outcome text,
  error text,
  provider_reference text,
  price text,
  receipt text,
  receipt_at timestamp with time zone,
  receipt_error text,
  spent numeric(14,5),
  spent_before numeric(14,5),
  constraint delivery_attempt_delivery_id_foreign FOREIGN KEY (delivery_id) REFERENCES delivery(id) ON DELETE CASCADE,
  constraint delivery_attempt_pkey PRIMARY KEY (delivery_id, number)
);

create table device (
  id text not null,
  tenant_id text not null,
  user_id text not null,
  method text not null,
  name text not null,
  status text not null,
  is_default boolean default false not null,
  applications text[],
  replaces_device_id text,
  secret_sealed bytea,
  totp_algorithm text,
  totp_digits smallint,
  totp_period smallint,
  last_used_step bigint,
  address_sealed bytea,
  address_mac bytea,
  quota_key bytea,
  wrong_codes integer default 0 not null,
  locked_until timestamp with time zone,
  last_used_at timestamp with time zone,
  created_at timestamp with time zone default now() not null,
  verified_at timestamp with time zone,
  enrolment_expires_at timestamp with time zone not null,
  pending_id text,
  pending_sealed bytea,
  pending_mac bytea,
  pending_quota_key bytea,
  pending_expires_at timestamp with time zone,
  reused boolean default false not null,
  approval_id text,
  address_changed_at timestamp with time zone,
  pending_approval_id text,
  known_wrong_codes integer default 0 not null,
  known_locked_until timestamp with time zone,
  constraint device_pkey PRIMARY KEY (id),
  constraint device_user_id_foreign FOREIGN KEY (user_id) REFERENCES app_user(id) ON DELETE CASCADE
);

CREATE INDEX device_tenant_id_address_mac_index ON device USING btree (tenant_id, address_mac);

CREATE INDEX device_unverified ON device USING btree (enrolment_expires_at) WHERE (status = 'unverified'::text);

CREATE INDEX device_user_id_index ON device USING btree (user_id);

create table event (
  id text not null,
  tx xid8 default pg_current_xact_id() not null,
  tenant_id text not null,
  type text not null,
  "time" timestamp with time zone default clock_timestamp() not null,
  account_id text,
  user_id text,
  user_ref text,
  request_id text,
  data jsonb not null,
  personal_sealed bytea,
  constraint event_pkey PRIMARY KEY (id)
);

CREATE INDEX event_challenge ON event USING btree (((data ->> 'challengeId'::text))) WHERE ((data ->> 'challengeId'::text) IS NOT NULL);

CREATE INDEX event_device ON event USING btree (((data ->> 'deviceId'::text)), "time") WHERE ((data ->> 'deviceId'::text) IS NOT NULL);

CREATE INDEX event_rejection ON event USING btree (tenant_id, account_id, "time") WHERE (type = ANY (ARRAY['challenge.rejected'::text, 'challenge.replayed'::text]));

CREATE INDEX event_request ON event USING btree (request_id) WHERE (request_id IS NOT NULL);

CREATE INDEX event_tenant_id_account_id_time_index ON event USING btree (tenant_id, account_id, "time");

CREATE INDEX event_tenant_id_type_time_index ON event USING btree (tenant_id, type, "time");

CREATE INDEX event_tenant_id_user_id_account_id_time_index ON event USING btree (tenant_id, user_id, account_id, "time");

CREATE INDEX event_tx_id_index ON event USING btree (tx, id);

CREATE TRIGGER append_only BEFORE UPDATE OR TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_history();

CREATE TRIGGER pruned_alone AFTER DELETE ON event REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION refuse_deletion_of_events();

create table idempotent_answer (
  key bytea not null,
  body_hash bytea not null,
  answer_sealed bytea not null,
  expires_at timestamp with time zone not null,
  constraint idempotent_answer_pkey PRIMARY KEY (key)
);

CREATE INDEX idempotent_answer_expires_at_index ON idempotent_answer USING btree (expires_at);

create table imported_seed (
  mac bytea not null,
  imported_at timestamp with time zone default now() not null,
  fields jsonb,
  constraint imported_seed_pkey PRIMARY KEY (mac)
);

create table known_key (
  kind text not null,
  id text not null,
  fingerprint bytea not null,
  known_since timestamp with time zone default now() not null,
  used_since timestamp with time zone,
  retired_at timestamp with time zone,
  constraint known_key_pkey PRIMARY KEY (kind, id)
);

create table known_queue (
  id smallint not null,
  store text not null,
  noted_at timestamp with time zone default now() not null,
  constraint known_queue_pkey PRIMARY KEY (id)
);

create table lockout (
  id text not null,
  tenant_id text not null,
  user_id text not null,
  subject text not null,
  device_id text,
  wrong_codes integer not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  locked_until timestamp with time zone not null,
  ended_at timestamp with time zone,
  end_reason text,
  constraint lockout_pkey PRIMARY KEY (id),
  constraint lockout_user_id_foreign FOREIGN KEY (user_id) REFERENCES app_user(id) ON DELETE CASCADE
);

CREATE INDEX lockout_open ON lockout USING btree (locked_until) WHERE (ended_at IS NULL);

CREATE INDEX lockout_user_id_started_at_index ON lockout USING btree (user_id, started_at);

create table outbox (
  id text not null,
  job text not null,
  line text not null,
  payload jsonb not null,
  created_at timestamp with time zone default now() not null,
  published_at timestamp with time zone,
  publications integer default 0 not null,
  left_until timestamp with time zone,
  set_aside_at timestamp with time zone,
  failure text,
  constraint outbox_is_sound CHECK (((jsonb_typeof(payload) = 'object'::text) AND (octet_length((payload)::text) <= 4096) AND (id ~ '^[a-z]+_[0-9a-z_]{1,80}$'::text))),
  constraint outbox_pkey PRIMARY KEY (id)
);

CREATE INDEX outbox_delivery ON outbox USING btree (((payload ->> 'deliveryId'::text)));

CREATE INDEX outbox_published ON outbox USING btree (GREATEST(published_at, left_until)) WHERE ((published_at IS NOT NULL) AND (set_aside_at IS NULL));

CREATE INDEX outbox_set_aside ON outbox USING btree (set_aside_at) WHERE (set_aside_at IS NOT NULL);

CREATE INDEX outbox_unpublished ON outbox USING btree (line, created_at) WHERE (published_at IS NULL);

create table receipt_source (
  provider text not null,
  last_at timestamp with time zone default now() not null,
  missing integer default 0 not null,
  constraint receipt_source_pkey PRIMARY KEY (provider)
);

create table recovery_code (
  user_id text not null,
  mac bytea not null,
  set_id text not null,
  used_at timestamp with time zone,
  constraint recovery_code_pkey PRIMARY KEY (user_id, mac),
  constraint recovery_code_user_id_foreign FOREIGN KEY (user_id) REFERENCES app_user(id) ON DELETE CASCADE
);

create table recovery_pool (
  user_id text not null,
  set_id text not null,
  generated_at timestamp with time zone default now() not null,
  acknowledged_at timestamp with time zone,
  enrolment_device_id text,
  wrong_codes integer default 0 not null,
  codes_left integer not null,
  constraint recovery_pool_pkey PRIMARY KEY (user_id),
  constraint recovery_pool_user_id_foreign FOREIGN KEY (user_id) REFERENCES app_user(id) ON UPDATE CASCADE ON DELETE CASCADE
);

create table route_learning (
  channel text not null,
  counted_until timestamp with time zone not null,
  constraint route_learning_pkey PRIMARY KEY (channel)
);

create table route_score (
  channel text not null,
  country text not null,
  route text not null,
  "position" integer not null,
  state text not null,
  since timestamp with time zone default now() not null,
  codes double precision not null,
  entered double precision not null,
  entry_ms double precision not null,
  receipts double precision not null,
  receipt_ms double precision not null,
  priced double precision not null,
  cost double precision not null,
  recent_codes double precision not null,
  recent_entered double precision not null,
  constraint route_score_pkey PRIMARY KEY (channel, country, route)
);

create table send_pace (
  key bytea not null,
  ready_at timestamp with time zone not null,
  hour_starts_at timestamp with time zone not null,
  hour_sent integer not null,
  constraint send_pace_pkey PRIMARY KEY (key)
);

CREATE INDEX send_pace_ready_at_index ON send_pace USING btree (ready_at);

create table send_window (
  key bytea not null,
  starts_at timestamp with time zone not null,
  sent integer default 0 not null,
  approved integer default 0 not null,
  tenant_id text,
  rule text,
  label text,
  blocked_at timestamp with time zone,
  refused integer default 0 not null,
  lifted_at timestamp with time zone,
  constraint send_window_pkey PRIMARY KEY (key, starts_at)
);

CREATE INDEX send_window_blocked ON send_window USING btree (tenant_id, blocked_at) WHERE (blocked_at IS NOT NULL);

CREATE INDEX send_window_starts_at_index ON send_window USING btree (starts_at);

create table sms_spend (
  tenant_id text not null,
  day date not null,
  part smallint not null,
  messages integer not null,
  cost numeric(14,5) not null,
  constraint sms_spend_pkey PRIMARY KEY (tenant_id, day, part)
);

CREATE INDEX sms_spend_day_index ON sms_spend USING btree (day);

create table tenant (
  id text not null,
  name text not null,
  policy jsonb default '{}'::jsonb not null,
  created_at timestamp with time zone default now() not null,
  constraint tenant_pkey PRIMARY KEY (id)
);

create table trusted_browser (
  id text not null,
  tenant_id text not null,
  user_id text not null,
  device_id text not null,
  token_hash bytea not null,
  user_agent_sealed bytea,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  constraint trusted_browser_device_id_foreign FOREIGN KEY (device_id) REFERENCES device(id) ON DELETE CASCADE,
  constraint trusted_browser_pkey PRIMARY KEY (id),
  constraint trusted_browser_token_hash_unique UNIQUE (token_hash),
  constraint trusted_browser_user_id_foreign FOREIGN KEY (user_id) REFERENCES app_user(id) ON DELETE CASCADE
);

CREATE INDEX trusted_browser_device_id_index ON trusted_browser USING btree (device_id);

CREATE INDEX trusted_browser_expires_at_index ON trusted_browser USING btree (expires_at);

CREATE INDEX trusted_browser_user_id_index ON trusted_browser USING btree (user_id);

create table unsealable_event (
  event_id text not null,
  tenant_id text not null,
  reason text not null,
  set_aside_at timestamp with time zone default now() not null,
  constraint unsealable_event_pkey PRIMARY KEY (event_id)
);

create table used_proof (
  id text not null,
  expires_at timestamp with time zone not null,
  constraint used_proof_pkey PRIMARY KEY (id)
);

CREATE INDEX used_proof_expires_at_index ON used_proof USING btree (expires_at);

create table webauthn_credential (
  device_id text not null,
  tenant_id text not null,
  credential_id text not null,
  public_key bytea not null,
  sign_count bigint not null,
  transports text[] not null,
  backup_eligible boolean not null,
  backed_up boolean not null,
  aaguid text not null,
  constraint webauthn_credential_device_id_foreign FOREIGN KEY (device_id) REFERENCES device(id) ON UPDATE CASCADE ON DELETE CASCADE,
  constraint webauthn_credential_pkey PRIMARY KEY (device_id),
  constraint webauthn_credential_tenant_id_credential_id_unique UNIQUE (tenant_id, credential_id)
);

create table webhook (
  id text not null,
  tenant_id text not null,
  url text not null,
  description text,
  types text[],
  account_id text,
  contact_sealed bytea,
  contact_locale text,
  secret_sealed bytea not null,
  previous_secret_sealed bytea,
  previous_secret_until timestamp with time zone,
  status text default 'enabled'::text not null,
  disabled_reason text,
  disabled_at timestamp with time zone,
  failing_since timestamp with time zone,
  failed_at timestamp with time zone,
  failing_for interval default '00:00:00'::interval not null,
  created_at timestamp with time zone default now() not null,
  updated_at timestamp with time zone default now() not null,
  constraint webhook_pkey PRIMARY KEY (id),
  constraint webhook_tenant_id_foreign FOREIGN KEY (tenant_id) REFERENCES tenant(id) ON DELETE CASCADE
);

CREATE INDEX webhook_tenant_id_id_index ON webhook USING btree (tenant_id, id);

create table webhook_attempt (
  delivery_id text not null,
  number integer not null,
  started_at timestamp with time zone default clock_timestamp() not null,
  ended_at timestamp with time zone,
  http_status integer,
  error text,
  duration_ms integer,
  constraint webhook_attempt_delivery_id_foreign FOREIGN KEY (delivery_id) REFERENCES webhook_delivery(id) ON DELETE CASCADE,
  constraint webhook_attempt_pkey PRIMARY KEY (delivery_id, number)
);

create table webhook_delivery (
  id text not null,
  tenant_id text not null,
  webhook_id text not null,
  event_id text not null,
  group_id text,
  redelivery_of text,
  status text default 'queued'::text not null,
  attempts integer default 0 not null,
  fence integer default 0 not null,
  lease_until timestamp with time zone,
  next_attempt_at timestamp with time zone default clock_timestamp() not null,
  last_http_status integer,
  last_error text,
  created_at timestamp with time zone default clock_timestamp() not null,
  ended_at timestamp with time zone,
  constraint webhook_delivery_pkey PRIMARY KEY (id)
);

CREATE INDEX webhook_delivery_created_at ON webhook_delivery USING btree (created_at);

CREATE INDEX webhook_delivery_list ON webhook_delivery USING btree (webhook_id, created_at DESC, id DESC);

CREATE INDEX webhook_delivery_queued ON webhook_delivery USING btree (next_attempt_at) WHERE (status = 'queued'::text);

CREATE INDEX webhook_delivery_redelivery ON webhook_delivery USING btree (webhook_id, event_id) WHERE (redelivery_of IS NOT NULL);

CREATE INDEX webhook_delivery_status ON webhook_delivery USING btree (webhook_id, status, created_at DESC, id DESC);

CREATE UNIQUE INDEX webhook_delivery_once ON webhook_delivery USING btree (webhook_id, event_id) WHERE (redelivery_of IS NULL);
