import { Migration } from '@mikro-orm/migrations';

/** Panels and their customers. */
const panels = [
  // One installation of a control panel: owns API keys, policy and everything below.
  `create table tenant (
    id text primary key,
    name text not null,
    policy jsonb not null default '{}',
    created_at timestamptz not null default now()
  )`,

  // A key of a panel. Only its hash is kept; 256 random bits need no slow hash.
  `create table api_key (
    id text primary key,
    tenant_id text not null,
    name text not null,
    application text,
    scopes text[] not null,
    hash bytea not null,
    created_at timestamptz not null default now(),
    revoked_at timestamptz,
    description text,
    -- From then on it opens nothing.
    expires_at timestamptz,
    -- To the minute: each use would be a row written.
    last_used_at timestamptz,
    constraint api_key_hash_unique unique (hash),
    constraint api_key_tenant_id_foreign foreign key (tenant_id) references tenant (id) on delete cascade
  )`,
  `create index api_key_tenant_id_index on api_key (tenant_id)`,

  // A customer account; `external_id` is the panel's own.
  `create table account (
    id text primary key,
    tenant_id text not null,
    external_id text not null,
    name text,
    locale text,
    policy jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint account_tenant_id_external_id_unique unique (tenant_id, external_id),
    constraint account_tenant_id_foreign foreign key (tenant_id) references tenant (id) on delete cascade
  )`,
  `create index account_tenant_id_id_index on account (tenant_id, id)`,
  `create index account_own_policy on account (tenant_id, id) where policy <> '{}'`,
];

/**
 * Users, and what they prove themselves with. No foreign key leads to the tenant from rows that are written at every login:
 * its check would lock one row of `tenant` for all.
 */
const users = [
  // A login identity. Its profile is sealed; its event key opens what is personal in its events.
  `create table app_user (
    id text primary key,
    tenant_id text not null,
    account_id text not null,
    external_id text not null,
    kind text not null,
    locale text,
    profile_sealed bytea not null,
    event_key_sealed bytea not null,
    two_factor_since timestamptz,
    enrolled_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    -- A browser that became trusted before is trusted no more, even where the revocation could not see its row yet; nor is a
    -- proof that was given before.
    trust_revoked_at timestamptz,
    -- Whether a second factor protects the user; service users can have none. By it users are listed and counted.
    second_factor text generated always as (
      case when kind = 'service' then 'service' when two_factor_since is null then 'disabled' else 'enabled' end
    ) stored,
    constraint app_user_account_id_external_id_unique unique (account_id, external_id),
    constraint app_user_account_id_foreign foreign key (account_id) references account (id) on delete cascade,
    constraint app_user_tenant_id_foreign foreign key (tenant_id) references tenant (id) on delete cascade
  )`,
  `create index app_user_account_id_id_index on app_user (account_id, id)`,
  `create index app_user_account_id_second_factor_id_index on app_user (account_id, second_factor, id)`,
  `create index app_user_tenant_id_second_factor_id_index on app_user (tenant_id, second_factor, id)`,
  `create index app_user_tenant_id_external_id_index on app_user (tenant_id, external_id)`,

  // An authenticator of a user. Its counter of wrong codes lives across challenges.
  `create table device (
    id text primary key,
    tenant_id text not null,
    user_id text not null,
    method text not null,
    name text not null,
    status text not null,
    is_default boolean not null default false,
    applications text[],
    replaces_device_id text,
    secret_sealed bytea,
    totp_algorithm text,
    totp_digits smallint,
    totp_period smallint,
    last_used_step bigint,
    address_sealed bytea,
    address_mac bytea,
    -- Under which its messages are counted: the same for this user and address, however often it is added; where a proven
    -- number may be used by others on the account, the same for all of them.
    quota_key bytea,
    wrong_codes int not null default 0,
    locked_until timestamptz,
    last_used_at timestamptz,
    created_at timestamptz not null default now(),
    verified_at timestamptz,
    enrolment_expires_at timestamptz not null,
    -- A number that is to take the place of the present one. Its code is sent under this id.
    pending_id text,
    pending_sealed bytea,
    pending_mac bytea,
    pending_quota_key bytea,
    pending_expires_at timestamptz,
    -- Whether somebody else on the account has proved the number.
    reused boolean not null default false,
    -- The approved challenge that let its enrolment begin; none where there was nothing to protect yet.
    approval_id text,
    -- When its number became another one: what it approved before counts no more.
    address_changed_at timestamptz,
    -- The approved challenge that let the number be changed.
    pending_approval_id text,
    -- Wrong codes from places that the user has logged in from, counted apart: a stranger's guesses don't count there.
    known_wrong_codes int not null default 0,
    known_locked_until timestamptz,
    constraint device_user_id_foreign foreign key (user_id) references app_user (id) on delete cascade
  )`,
  `create index device_tenant_id_address_mac_index on device (tenant_id, address_mac)`,
  `create index device_unverified on device (enrolment_expires_at) where status = 'unverified'`,
  `create index device_user_id_index on device (user_id)`,

  // Seeds that were brought in, as a keyed MAC of user and seed. Outlives device and user, so that a file that is imported again
  // does not bring back what was removed since.
  `create table imported_seed (
    mac bytea primary key,
    imported_at timestamptz not null default now(),
    -- MACs of what was told with it, by the names of the fields.
    fields jsonb
  )`,

  // The credential of a passkey, there once its device is verified.
  `create table webauthn_credential (
    device_id text primary key,
    tenant_id text not null,
    -- Base64url, as the authenticator chose it.
    credential_id text not null,
    -- COSE_Key: no secret.
    public_key bytea not null,
    sign_count bigint not null,
    transports text[] not null,
    backup_eligible boolean not null,
    backed_up boolean not null,
    -- Model of the authenticator: which devices are concerned when one turns out to be weak.
    aaguid text not null,
    constraint webauthn_credential_tenant_id_credential_id_unique unique (tenant_id, credential_id),
    constraint webauthn_credential_device_id_foreign foreign key (device_id) references device (id) on update cascade on delete cascade
  )`,

  // The recovery codes of a user as one pool. Wrong ones are counted and never lock: 80 random bits cannot be guessed.
  `create table recovery_pool (
    user_id text primary key,
    -- The set in force: only its codes count.
    set_id text not null,
    generated_at timestamptz not null default now(),
    acknowledged_at timestamptz,
    -- The enrolment that showed the codes; they can't be used until it is verified.
    enrolment_device_id text,
    wrong_codes int not null default 0,
    -- How many codes of this set are unused: always the count of its rows. No default: whoever makes a set has to say it.
    codes_left int not null,
    constraint recovery_pool_user_id_foreign foreign key (user_id) references app_user (id) on update cascade on delete cascade
  )`,

  // Keyed MACs of the codes.
  `create table recovery_code (
    user_id text not null,
    mac bytea not null,
    set_id text not null,
    used_at timestamptz,
    primary key (user_id, mac),
    constraint recovery_code_user_id_foreign foreign key (user_id) references app_user (id) on delete cascade
  )`,

  // A browser that is not asked for a code again. Only the hash of its token is kept; it goes with its device.
  `create table trusted_browser (
    id text primary key,
    tenant_id text not null,
    user_id text not null,
    -- The device that approved it.
    device_id text not null,
    token_hash bytea not null,
    user_agent_sealed bytea,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint trusted_browser_token_hash_unique unique (token_hash),
    constraint trusted_browser_device_id_foreign foreign key (device_id) references device (id) on delete cascade,
    constraint trusted_browser_user_id_foreign foreign key (user_id) references app_user (id) on delete cascade
  )`,
  `create index trusted_browser_device_id_index on trusted_browser (device_id)`,
  `create index trusted_browser_expires_at_index on trusted_browser (expires_at)`,
  `create index trusted_browser_user_id_index on trusted_browser (user_id)`,

  // Time during which a device or the recovery codes refuse checks.
  `create table lockout (
    id text primary key,
    tenant_id text not null,
    user_id text not null,
    subject text not null,
    device_id text,
    wrong_codes int not null,
    started_at timestamptz not null default clock_timestamp(),
    locked_until timestamptz not null,
    ended_at timestamptz,
    end_reason text,
    constraint lockout_user_id_foreign foreign key (user_id) references app_user (id) on delete cascade
  )`,
  `create index lockout_open on lockout (locked_until) where ended_at is null`,
  `create index lockout_user_id_started_at_index on lockout (user_id, started_at)`,

  // When a user was last told of a pattern of wrong codes on their account: once an hour is enough.
  `create table account_pattern_notice (
    user_id text primary key,
    noticed_at timestamptz not null,
    constraint account_pattern_notice_user_id_foreign foreign key (user_id) references app_user (id) on update cascade on delete cascade
  )`,
];

/** Checks under way, and what calls leave behind for a time. */
const calls = [
  // One second-factor check in progress.
  `create table challenge (
    id text primary key,
    tenant_id text not null,
    user_id text not null,
    purpose text not null,
    application text,
    -- The one device that may approve it, where the panel named one.
    device_id text,
    -- Whether a verified enrolment approves it.
    enroll boolean not null default false,
    status text not null default 'pending',
    checks int not null default 0,
    max_checks int not null,
    detail_sealed bytea,
    approved_device_id text,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    ended_at timestamptz,
    -- Where the policy lets a login make its browser trusted: what to call the browser in the list.
    user_agent_sealed bytea,
    -- MAC of the network or the trusted browser that it comes from, where the panel tells.
    place bytea,
    -- Whether the user had logged in from there when it began.
    known boolean not null default false,
    constraint challenge_user_id_foreign foreign key (user_id) references app_user (id) on delete cascade
  )`,
  `create index challenge_known_place on challenge (user_id, place) where status = 'approved' and place is not null`,
  `create index challenge_pending_expiry on challenge (expires_at) where status = 'pending'`,
  `create index challenge_pending_user on challenge (user_id, place) where status = 'pending'`,
  `create index challenge_user_id_index on challenge (user_id)`,

  // The code sent to one device for one challenge, or for the device's own enrolment. The digits follow from the id.
  `create table code (
    -- Challenge id, or the device's own id for its enrolment.
    subject_id text not null,
    device_id text not null,
    id text not null,
    sends int not null default 1,
    last_sent_at timestamptz not null default now(),
    expires_at timestamptz not null,
    consumed_at timestamptz,
    primary key (subject_id, device_id)
  )`,
  `create index code_expires_at_index on code (expires_at)`,

  // Ids of proofs that a protected call took back, kept until they would have expired.
  `create table used_proof (
    id text primary key,
    expires_at timestamptz not null
  )`,
  `create index used_proof_expires_at_index on used_proof (expires_at)`,

  // Stored answers of idempotent calls.
  `create table idempotent_answer (
    -- MAC of API key, method, path and Idempotency-Key.
    key bytea primary key,
    body_hash bytea not null,
    answer_sealed bytea not null,
    expires_at timestamptz not null
  )`,
  `create index idempotent_answer_expires_at_index on idempotent_answer (expires_at)`,

  // Wrong codes for one address that is yet to be proved, over all enrolments of it.
  `create table address_guess (
    key bytea primary key,
    wrong_codes int not null,
    locked_until timestamptz,
    last_at timestamptz not null default clock_timestamp()
  )`,
  `create index address_guess_last_at_index on address_guess (last_at)`,
];

/** Messages, what bounds them, and jobs on their way to the queue. */
const messages = [
  // One message to one device, as a state machine: `queued` → `sending` (under a lease) → `sent` → `delivered`; back to `queued`
  // after a fault that sent nothing; `sending` without a lease where nobody can tell whether it was sent; `failed` when it
  // certainly was not and the provider refuses for good or its time is up; `expired` when its time is up otherwise. The fence
  // rises with every lease: whoever holds an old one can only tell that it was sent after all.
  `create table delivery (
    id text primary key,
    tenant_id text not null,
    -- None where it is for whoever looks after a webhook.
    user_id text,
    device_id text,
    challenge_id text,
    channel text not null,
    kind text not null,
    -- Of an SMS, where it goes: the country (ISO 3166-1 alpha-2; none for networks of no country), and the first digits of
    -- the number, as many as the pumping guard calls a region: too few to name anybody.
    country text,
    prefix text,
    status text not null default 'queued',
    -- Address, code and words; wiped when the delivery ends.
    payload_sealed bytea,
    fence int not null default 0,
    lease_until timestamptz,
    next_attempt_at timestamptz not null default now(),
    provider text,
    provider_reference text,
    error text,
    request_id text,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    sent_at timestamptz,
    ended_at timestamptz,
    -- Sent, and kept with its secrets until "next_attempt_at": where no receipt has come by then, the next route carries it.
    awaits_receipt boolean not null default false,
    -- Attempts of which a receipt says that nothing arrived; none where no receipt says so.
    failed_attempts int[],
    constraint delivery_user_id_foreign foreign key (user_id) references app_user (id) on delete cascade
  )`,
  `create index delivery_awaiting on delivery (expires_at) where awaits_receipt`,
  `create index delivery_challenge_id_index on delivery (challenge_id)`,
  `create index delivery_device_id_index on delivery (device_id)`,
  `create index delivery_of_own_sender on delivery (provider_reference) where provider = 'http'`,
  `create index delivery_open on delivery (expires_at) where status in ('queued', 'sending')`,
  `create index delivery_tenant_id_id_index on delivery (tenant_id, id)`,
  `create index delivery_tenant_id_status_id_index on delivery (tenant_id, status, id)`,
  `create index delivery_user_id_index on delivery (user_id)`,

  // One try at one provider.
  `create table delivery_attempt (
    delivery_id text not null,
    -- The fence under which it ran, so 1, 2, 3, …
    number int not null,
    provider text not null,
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    outcome text,
    error text,
    provider_reference text,
    price text,
    -- What the provider told of it later: "delivered" or "failed".
    receipt text,
    receipt_at timestamptz,
    receipt_error text,
    -- What of it is in sms_spend, and what was before the last change: the statement that changes it adds the difference.
    spent numeric(14,5),
    spent_before numeric(14,5),
    primary key (delivery_id, number),
    constraint delivery_attempt_delivery_id_foreign foreign key (delivery_id) references delivery (id) on delete cascade
  )`,

  // Providers that tell receipts. One is missed only where receipts come at all: those since the last that came are counted.
  `create table receipt_source (
    provider text primary key,
    last_at timestamptz not null default now(),
    missing int not null default 0
  )`,

  // Up to when what became of codes has been counted, for each channel. Whoever counts on holds the row.
  `create table route_learning (
    channel text primary key,
    counted_until timestamptz not null
  )`,

  // What is known of a route into a country, or ("*") into all of them, and where it stands by that. Counts are of codes, with a
  // memory that fades, so they have fractions. Of no tenant and nobody.
  `create table route_score (
    channel text not null,
    country text not null,
    route text not null,
    position int not null,
    state text not null,
    since timestamptz not null default now(),
    codes float8 not null,
    entered float8 not null,
    entry_ms float8 not null,
    receipts float8 not null,
    receipt_ms float8 not null,
    priced float8 not null,
    cost float8 not null,
    recent_codes float8 not null,
    recent_entered float8 not null,
    primary key (channel, country, route)
  )`,

  // Work that an event started. The row goes in the transaction that finishes the work.
  `create table outbox (
    id text primary key,
    job text not null,
    -- Whose it is: a tenant's id, or empty where it is no one tenant's. The relay lets them take turns.
    line text not null,
    payload jsonb not null,
    created_at timestamptz not null default now(),
    published_at timestamptz,
    publications int not null default 0,
    -- It waits in its queue, and nobody asks after it until then.
    left_until timestamptz,
    -- Not published any more: it was, and was never done.
    set_aside_at timestamptz,
    -- Kind of its last fault.
    failure text,
    -- BullMQ refuses ids of digits alone and ids with a colon, and with one of a batch it refuses all.
    constraint outbox_is_sound check (
      jsonb_typeof(payload) = 'object' and octet_length(payload::text) <= 4096 and id ~ '^[a-z]+_[0-9a-z_]{1,80}$')
  )`,
  `create index outbox_delivery on outbox ((payload ->> 'deliveryId'))`,
  `create index outbox_published on outbox (greatest(published_at, left_until))
    where published_at is not null and set_aside_at is null`,
  `create index outbox_set_aside on outbox (set_aside_at) where set_aside_at is not null`,
  `create index outbox_unpublished on outbox (line, created_at) where published_at is null`,

  // Codes sent in one day or hour: by device and number, which is a quota, or by a rule of the pumping guard, which has its name
  // here besides. The key is a MAC, so that the table names nobody.
  `create table send_window (
    key bytea not null,
    -- The hour; of a day, its date at midnight UTC, whatever the time zone that the day is of.
    starts_at timestamptz not null,
    sent int not null default 0,
    -- Those of them that somebody entered.
    approved int not null default 0,
    tenant_id text,
    rule text,
    -- What it counts, for who looks at a block: the panel's own ids, the first digits of numbers, a mail domain.
    label text,
    -- When it first refused, how often it did, and when an administrator lifted it for the rest of its time.
    blocked_at timestamptz,
    refused int not null default 0,
    lifted_at timestamptz,
    primary key (key, starts_at)
  )`,
  `create index send_window_blocked on send_window (tenant_id, blocked_at) where blocked_at is not null`,
  `create index send_window_starts_at_index on send_window (starts_at)`,

  // How fast codes follow each other on one device, over all its challenges.
  `create table send_pace (
    key bytea primary key,
    -- When the pause after the last send would be over if each had been waited for.
    ready_at timestamptz not null,
    hour_starts_at timestamptz not null,
    hour_sent int not null
  )`,
  `create index send_pace_ready_at_index on send_pace (ready_at)`,

  // What SMS cost a tenant in a day (UTC), as the provider told. In parts, so that workers do not wait for each other.
  `create table sms_spend (
    tenant_id text not null,
    day date not null,
    part smallint not null,
    messages int not null,
    -- In the provider's currency.
    cost numeric(14,5) not null,
    primary key (tenant_id, day, part)
  )`,
  `create index sms_spend_day_index on sms_spend (day)`,
];

/** Events, and the log that they are sealed into. */
const history = [
  // A fact that happened. Inserted with it, never changed.
  `create table event (
    id text primary key,
    -- The transaction that wrote it: the sealer's order, final once no older transaction is running.
    tx xid8 not null default pg_current_xact_id(),
    tenant_id text not null,
    type text not null,
    "time" timestamptz not null default clock_timestamp(),
    account_id text,
    user_id text,
    -- Our own id of the user, whose key opens "personalSealed".
    user_ref text,
    request_id text,
    data jsonb not null,
    personal_sealed bytea
  )`,
  `create index event_challenge on event ((data ->> 'challengeId')) where (data ->> 'challengeId') is not null`,
  `create index event_device on event ((data ->> 'deviceId'), "time") where (data ->> 'deviceId') is not null`,
  `create index event_request on event (request_id) where request_id is not null`,
  `create index event_rejection on event (tenant_id, account_id, "time") WHERE type in ('challenge.rejected', 'challenge.replayed')`,
  `create index event_tenant_id_account_id_time_index on event (tenant_id, account_id, "time")`,
  `create index event_tenant_id_type_time_index on event (tenant_id, type, "time")`,
  `create index event_tenant_id_user_id_account_id_time_index on event (tenant_id, user_id, account_id, "time")`,
  `create index event_tx_id_index on event (tx, id)`,

  // A sealed event: its leaf in the tree of its tenant's log.
  `create table audit_entry (
    tenant_id text not null,
    -- 1, 2, 3, …: the index of the leaf plus 1.
    sequence bigint not null,
    event_id text not null,
    leaf_hash bytea not null,
    sealed_at timestamptz not null default now(),
    primary key (tenant_id, sequence),
    constraint audit_entry_event_id_unique unique (event_id)
  )`,

  // The tree of a tenant's log: what has to be known of it to let it grow.
  `create table audit_log (
    tenant_id text primary key,
    size bigint not null,
    -- Roots of the complete subtrees that it consists of, the largest first.
    edge bytea[] not null
  )`,

  // A complete subtree of 256 leaves or more. Those of fewer are computed from their leaves.
  `create table audit_node (
    tenant_id text not null,
    -- It has 2^level leaves, of which the first one's index is this one's times 2^level.
    level smallint not null,
    index bigint not null,
    hash bytea not null,
    primary key (tenant_id, level, index)
  )`,

  // What a log was at a time, signed. Of one that does not grow there are several of one size.
  `create table audit_checkpoint (
    tenant_id text not null,
    size bigint not null,
    signed_at timestamptz not null,
    root bytea not null,
    -- The signed note, as others read it.
    note text not null,
    -- Of the events that no checkpoint before covers; null where there are none.
    oldest_event_at timestamptz,
    newest_event_at timestamptz,
    primary key (tenant_id, size, signed_at)
  )`,

  // What a witness signed of a checkpoint.
  `create table audit_cosignature (
    tenant_id text not null,
    size bigint not null,
    signed_at timestamptz not null,
    -- The name of its key.
    witness text not null,
    -- Lines to put after those of the note.
    signature_lines text not null,
    cosigned_at timestamptz not null default now(),
    primary key (tenant_id, size, signed_at, witness)
  )`,

  // That enough witnesses signed a checkpoint, by what was asked for then.
  `create table audit_witnessed (
    tenant_id text not null,
    size bigint not null,
    signed_at timestamptz not null,
    witnessed_at timestamptz not null default now(),
    primary key (tenant_id, size, signed_at)
  )`,

  // How far a log is pruned: its entries up to there have no event any more. Written by "prune_log" alone.
  `create table audit_pruned (
    tenant_id text primary key,
    size bigint not null,
    pruned_at timestamptz not null default now()
  )`,

  // The public keys that sign a tenant's log, each as a line of text.
  `create table audit_key (
    tenant_id text not null,
    vkey text not null,
    known_since timestamptz not null default now(),
    primary key (tenant_id, vkey)
  )`,

  // Who gets the log sent, and who sends to it at present.
  `create table audit_collector (
    name text primary key,
    met_at timestamptz not null default now(),
    -- The worker that sends, for as long as it renews that.
    holder text,
    lease_until timestamptz,
    -- Why it took no events at the last try; faults in a row, and not to be tried again before.
    fault text,
    faults integer not null default 0,
    retry_at timestamptz
  )`,

  // The last entry of a log that a collector has acknowledged.
  `create table audit_collector_position (
    collector text not null,
    tenant_id text not null,
    sequence bigint not null,
    updated_at timestamptz not null default now(),
    primary key (collector, tenant_id)
  )`,

  // How far the sealer has read: one row.
  `create table audit_cursor (
    id smallint primary key,
    tx xid8 not null,
    -- The cluster whose transactions "tx" counts: a database restored elsewhere starts their numbers anew.
    cluster text
  )`,

  // An event that the log can't take, and why.
  `create table unsealable_event (
    event_id text primary key,
    tenant_id text not null,
    reason text not null,
    set_aside_at timestamptz not null default now()
  )`,
  `insert into audit_cursor (id, tx) values (1, '0')`,

  // Nobody changes history by mistake, the owner of the tables included. Who means to can still switch the trigger off: against
  // that stand the checkpoints that others have.
  `create function refuse_change_of_history() returns trigger language plpgsql as $$
      begin
        raise exception 'The table "%" is append-only: % is refused.', tg_table_name, tg_op
          using hint = 'What has happened stays as it was written.';
      end $$`,
  ...['audit_entry', 'audit_checkpoint', 'audit_cosignature', 'audit_witnessed'].map(
    (table) =>
      `create trigger append_only before update or delete or truncate on ${table}
       for each statement execute function refuse_change_of_history()`,
  ),
  `create trigger append_only before update or truncate on event
     for each statement execute function refuse_change_of_history()`,

  // An event goes only where the log is pruned.
  `create function refuse_deletion_of_events() returns trigger language plpgsql as $$
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
      end $$`,
  `create trigger pruned_alone after delete on event referencing old table as gone
     for each statement execute function refuse_deletion_of_events()`,

  // The one way by which events go: it runs with the rights of the tables' owner, for whoever may call it. Of a log it takes the
  // next entries whose events are older than the tenant's policy keeps them, up to the newest witnessed checkpoint, and stops
  // before one that is younger or whose event is gone already: that is a fault, and must not look like pruning. Whole days
  // (UTC), so that a log is not pruned all the time.
  `create function prune_log(log_tenant text, most int)
     returns table (up_to bigint, events bigint, older_than timestamptz)
     language plpgsql security definer set search_path = pg_catalog, public, pg_temp as $$
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
      end $$`,
  'revoke all on function prune_log from public',
];

/** Endpoints that are told of events, and what was told to them. */
const webhooks = [
  // An endpoint of a panel. Its secrets are sealed under the key "webhook".
  `create table webhook (
    id text primary key,
    tenant_id text not null,
    url text not null,
    description text,
    -- Names, or prefixes as "challenge.*"; none means all.
    types text[],
    -- The panel's own id: events of that account only.
    account_id text,
    -- E-mail address of whoever looks after it, sealed as those of users are, and the language of its mails.
    contact_sealed bytea,
    contact_locale text,
    secret_sealed bytea not null,
    -- Signs beside the other until then.
    previous_secret_sealed bytea,
    previous_secret_until timestamptz,
    status text not null default 'enabled',
    -- "manual", "gone" or "failing".
    disabled_reason text,
    disabled_at timestamptz,
    -- Since when no attempt has succeeded; null where the last one did.
    failing_since timestamptz,
    -- When an attempt failed, to the minute, and for how long it has been seen to fail, up to then: while nobody calls it, it is not.
    failed_at timestamptz,
    failing_for interval not null default '00:00:00',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint webhook_tenant_id_foreign foreign key (tenant_id) references tenant (id) on delete cascade
  )`,
  `create index webhook_tenant_id_id_index on webhook (tenant_id, id)`,

  // One event on its way to one endpoint: "queued" → "delivered", "failed" (its time was up) or "canceled" (the endpoint was disabled or
  // deleted). It is made in the transaction that seals the event. No foreign key leads to the endpoint: its check would write to the
  // endpoint's row for every event, and an endpoint that is deleted meanwhile must not stop the sealing.
  // While one attempt owns it, "lease_until" lies ahead; the fence rises with every attempt. A row of the outbox brings it to a worker and
  // goes when that claims it; where there is none and "next_attempt_at" has come, the relay makes one. Each row is soon claimed: with room
  // for that in its page, no index is written to.
  `create table webhook_delivery (
    id text primary key,
    tenant_id text not null,
    webhook_id text not null,
    event_id text not null,
    -- The row of the outbox that it shares with others, up to their first attempts.
    group_id text,
    -- The delivery that it repeats.
    redelivery_of text,
    status text not null default 'queued',
    attempts int not null default 0,
    fence int not null default 0,
    lease_until timestamptz,
    next_attempt_at timestamptz not null default clock_timestamp(),
    last_http_status int,
    -- A short name of ours, never the receiver's words.
    last_error text,
    created_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz
  ) with (fillfactor = 60)`,
  `create index webhook_delivery_created_at on webhook_delivery (created_at)`,
  `create index webhook_delivery_list on webhook_delivery (webhook_id, created_at desc, id desc)`,
  `create unique index webhook_delivery_once on webhook_delivery (webhook_id, event_id) where redelivery_of is null`,
  `create index webhook_delivery_queued on webhook_delivery (next_attempt_at) where status = 'queued'`,
  `create index webhook_delivery_redelivery on webhook_delivery (webhook_id, event_id) where redelivery_of is not null`,
  `create index webhook_delivery_status on webhook_delivery (webhook_id, status, created_at desc, id desc)`,

  // One request to the endpoint. What it answered besides its status is not kept.
  `create table webhook_attempt (
    delivery_id text not null,
    -- The fence under which it ran, so 1, 2, 3, …
    number int not null,
    started_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    http_status int,
    error text,
    duration_ms int,
    primary key (delivery_id, number),
    constraint webhook_attempt_delivery_id_foreign foreign key (delivery_id) references webhook_delivery (id) on delete cascade
  )`,
];

/** What this installation runs with: what a process compares its settings with. */
const installation = [
  // A key that this database was used with, by a fingerprint that tells nothing of it.
  `create table known_key (
    kind text not null,
    -- The key's own; empty for the pepper, which has none.
    id text not null,
    fingerprint bytea not null,
    known_since timestamptz not null default now(),
    -- Since when something may have been made with it; null where it only stands ready.
    used_since timestamptz,
    -- When it was replaced for good: nobody makes anything with it any more.
    retired_at timestamptz,
    primary key (kind, id)
  )`,

  // The queue that the relay publishes to: one row.
  `create table known_queue (
    id smallint primary key,
    -- What the queue's store calls itself.
    store text not null,
    noted_at timestamptz not null default now()
  )`,
];

/** The schema of the first release. What all migrations together make of it stands in `sql/schema.sql`. */
export class Schema extends Migration {
  override up(): void {
    for (const text of [...panels, ...users, ...calls, ...messages, ...history, ...webhooks, ...installation]) this.addSql(text);
  }
}
