// Generated from the OpenAPI document of the gateway. Change that, then run "npm run generate:client".

export interface paths {
  '/v1/accounts/{accountId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get an account
     * @description Scope: `accounts`
     */
    get: operations['Accounts_get'];
    /**
     * Create or update an account
     * @description Scope: `accounts`
     */
    put: operations['Accounts_put'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accounts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List accounts
     * @description Scope: `accounts`
     */
    get: operations['Accounts_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accounts/{accountId}/users/{userId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get a user
     * @description Scope: `accounts`
     */
    get: operations['Users_get'];
    /**
     * Create or update a user
     * @description Fields that are left out stay unchanged; null clears a field.
     *
     *     Scope: `accounts`
     */
    put: operations['Users_put'];
    post?: never;
    /**
     * Erase a user
     * @description Scope: `admin`
     */
    delete: operations['Users_erase'];
    options?: never;
    head?: never;
    /**
     * Update a user
     * @description Like `PUT`, but does not create the user.
     *
     *     Scope: `accounts`
     */
    patch: operations['Users_patch'];
    trace?: never;
  };
  '/v1/accounts/{accountId}/users': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List an account's users
     * @description With `twoFactor=disabled`: the people without a second factor.
     *
     *     Scope: `accounts`
     */
    get: operations['Users_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/users': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the users of all accounts by their second factor
     * @description With `twoFactor=disabled`: the people without a second factor.
     *
     *     Scope: `accounts`
     */
    get: operations['TenantUsers_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/users/counts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Count users by their second factor
     * @description Of one account with `accountId`, of all accounts without it.
     *
     *     Scope: `accounts`
     */
    get: operations['TenantUsers_counts'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/policy': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get the tenant's policy
     * @description Scope: `accounts`
     */
    get: operations['Policy_getTenant'];
    /**
     * Replace the tenant's policy
     * @description Values that are left out go back to their defaults. Use `PATCH` to merge.
     *
     *     Scope: `admin`
     */
    put: operations['Policy_putTenant'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Update the tenant's policy
     * @description Values that are left out stay unchanged. Use `PUT` to replace.
     *
     *     Scope: `admin`
     */
    patch: operations['Policy_patchTenant'];
    trace?: never;
  };
  '/v1/accounts/{accountId}/policy': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get an account's policy
     * @description Scope: `accounts`
     */
    get: operations['Policy_getAccount'];
    /**
     * Replace an account's policy override
     * @description Values that are left out are inherited again. Use `PATCH` to merge.
     *
     *     Scope: `admin`
     */
    put: operations['Policy_putAccount'];
    post?: never;
    /**
     * Delete an account's policy override
     * @description Scope: `admin`
     */
    delete: operations['Policy_deleteAccount'];
    options?: never;
    head?: never;
    /**
     * Update an account's policy override
     * @description Values that are left out stay unchanged. Use `PUT` to replace.
     *
     *     Scope: `admin`
     */
    patch: operations['Policy_patchAccount'];
    trace?: never;
  };
  '/v1/accounts/{accountId}/users/{userId}/devices': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List a user's devices
     * @description Scope: `devices`
     */
    get: operations['Devices_list'];
    put?: never;
    /**
     * Add a device; it can be used once it is verified
     * @description Scope: `devices`
     */
    post: operations['Devices_enroll'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accounts/{accountId}/users/{userId}/devices/import': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Import an existing TOTP seed as a verified device
     * @description Scope: `admin`
     */
    post: operations['Devices_importSeed'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/devices/{deviceId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get a device
     * @description Scope: `devices`
     */
    get: operations['Devices_get'];
    put?: never;
    post?: never;
    /**
     * Remove a device
     * @description Scope: `devices`
     */
    delete: operations['Devices_remove'];
    options?: never;
    head?: never;
    /**
     * Rename a device or make it the default
     * @description Scope: `devices`
     */
    patch: operations['Devices_change'];
    trace?: never;
  };
  '/v1/devices/{deviceId}/quota': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Reset a device's SMS quota for today
     * @description Scope: `admin`
     */
    delete: operations['Devices_restoreQuota'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/devices/{deviceId}/phone': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Change a device's phone number; the old number stays in use until the new one is verified
     * @description Scope: `devices`
     */
    put: operations['Devices_changePhone'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/devices/{deviceId}/codes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Resend the verification code
     * @description Scope: `devices`
     */
    post: operations['Devices_resend'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/devices/{deviceId}/verify': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Verify a device with a code, or a passkey with its registration
     * @description Scope: `devices`
     */
    post: operations['Devices_verify'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accounts/{accountId}/users/{userId}/two-factor': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    /**
     * Turn two-factor authentication off, or on again with the devices that were kept
     * @description Scope: `devices`
     */
    put: operations['TwoFactor_switch'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accounts/{accountId}/users/{userId}/two-factor/reset': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Reset two-factor authentication of a user who has lost every second factor
     * @description Scope: `admin`
     */
    post: operations['TwoFactor_reset'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accounts/{accountId}/users/{userId}/trusted-browsers': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List a user's trusted browsers, newest first
     * @description Scope: `devices`
     */
    get: operations['TrustedBrowsers_list'];
    put?: never;
    post?: never;
    /**
     * Revoke all of a user's trusted browsers
     * @description Scope: `devices`
     */
    delete: operations['TrustedBrowsers_revokeAll'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accounts/{accountId}/users/{userId}/trusted-browsers/{trustedBrowserId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Revoke a trusted browser
     * @description Scope: `devices`
     */
    delete: operations['TrustedBrowsers_revoke'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accounts/{accountId}/users/{userId}/recovery-codes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get the number of recovery codes left
     * @description Scope: `devices`
     */
    get: operations['RecoveryCodes_show'];
    put?: never;
    /**
     * Generate a new set of recovery codes; the old set stops working
     * @description Scope: `devices`
     */
    post: operations['RecoveryCodes_replace'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accounts/{accountId}/users/{userId}/recovery-codes/acknowledge': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Confirm that the recovery codes have been saved
     * @description Scope: `devices`
     */
    post: operations['RecoveryCodes_acknowledge'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/challenges': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Decide before login, and open a challenge if a second factor is due
     * @description Scope: `challenges`
     */
    post: operations['Challenges_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/challenges/{challengeId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get a challenge and its deliveries
     * @description Scope: `challenges`
     */
    get: operations['Challenges_get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/challenges/{challengeId}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Cancel a challenge
     * @description Scope: `challenges`
     */
    post: operations['Challenges_cancel'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/challenges/{challengeId}/codes': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Send a code to a device, or resend it
     * @description Scope: `challenges`
     */
    post: operations['Challenges_sendCode'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/challenges/{challengeId}/verify': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Check a code, a passkey or a recovery code
     * @description Scope: `challenges`
     */
    post: operations['Challenges_verify'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accounts/{accountId}/users/{userId}/lockouts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List a user's lockouts, newest first
     * @description Scope: `accounts`
     */
    get: operations['Lockouts_list'];
    put?: never;
    post?: never;
    /**
     * Lift a user's lockouts
     * @description Scope: `admin`
     */
    delete: operations['Lockouts_lift'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/send-blocks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the active blocks of the SMS pumping guard, newest first
     * @description Scope: `admin`
     */
    get: operations['SendBlocks_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/send-blocks/{blockId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Lift a block for the rest of its time
     * @description Scope: `admin`
     */
    delete: operations['SendBlocks_lift'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/deliveries/summary': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Summarize deliveries: attempts, receipts, codes entered, cost and times, by route and country
     * @description Counts messages that were accepted between `from` and `to`, 31 days at most.
     *
     *     Scope: `challenges`
     */
    get: operations['Deliveries_summarize'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/deliveries/{deliveryId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get a delivery and its attempts
     * @description Scope: `challenges`
     */
    get: operations['Deliveries_get'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/deliveries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List deliveries, newest first
     * @description Scope: `challenges`
     */
    get: operations['Deliveries_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/providers/{provider}/receipts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Take a delivery receipt that Vonage sends as a query
     * @description Called by providers, not by panels. The receipt is checked by the signature of its provider: `sig` of Vonage, `X-Twilio-Signature` of Twilio, Standard Webhooks of `http`. Repeats, receipts out of order and receipts of deliveries that are gone get 200 too.
     *
     *     No API key is needed.
     */
    get: operations['Receipts_get'];
    put?: never;
    /**
     * Take a delivery receipt of a provider
     * @description Called by providers, not by panels. The receipt is checked by the signature of its provider: `sig` of Vonage, `X-Twilio-Signature` of Twilio, Standard Webhooks of `http`. Repeats, receipts out of order and receipts of deliveries that are gone get 200 too.
     *
     *     No API key is needed.
     */
    post: operations['Receipts_post'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List sealed events
     * @description An empty page returns the same cursor: use it again later to get new events. What is personal in them takes the scope `audit:personal` as well.
     *
     *     Scope: `audit`
     */
    get: operations['Audit_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/checkpoints': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List signed checkpoints of the log
     * @description An empty page returns the same cursor: use it again later to get new checkpoints.
     *
     *     Scope: `audit`
     */
    get: operations['Audit_checkpoints'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/proofs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Prove that an event is in the log
     * @description The answer holds a file that `npm run audit:verify --proof` and other programs verify without the log.
     *
     *     Scope: `audit`
     */
    get: operations['Audit_inclusion'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/proofs/consistency': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Prove that the log only grew between two sizes
     * @description Scope: `audit`
     */
    get: operations['Audit_consistency'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/stream': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Follow sealed events live
     * @description Server-Sent Events: `id` is the event's id, `data` the event as `GET /v1/audit/events` shows it. A client that sends its last id as `Last-Event-ID` continues after it, at any gateway, with no gap and no repeat; without one it gets what comes from now on. An empty comment comes every 10 seconds. The stream ends when the gateway stops or the API key is no longer valid, and the connection of a client that does not read it is closed.
     *
     *     Scope: `audit`
     */
    get: operations['AuditStream_stream'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit/export': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Export sealed events as a file
     * @description All events that the log has when the call begins, oldest first. Formats: `ndjson`, the lines that were hashed, which `npm run audit:verify` reads (whole only without filters); `cloudevents`, one event a line as `GET /v1/audit/events` shows it; `csv`, where no cell begins a formula; `cef` (ArcSight); `ocsf` (1.5, Authentication and Account Change). If the connection is cut, continue with the id of the last event as `cursor`.
     *
     *     Scope: `audit`
     */
    get: operations['AuditExport_export'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/.well-known/audit-keys/{tenantId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Public keys that verify checkpoints of a tenant's audit log
     * @description Compare them once with what the operator told you another way: a key that comes with the log proves nothing by itself.
     *
     *     No API key is needed.
     */
    get: operations['AuditKeys_keys'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/accounts/{accountId}/users/{userId}/audit/proofs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List a user's own events, with a proof of each
     * @description For the user to see and to keep: what is personal is opened, and each event comes with a file that `npm run audit:verify --proof` and other programs verify without the log. Ask only for the user who is signed in. Events that are not sealed yet are not listed.
     *
     *     Scope: `audit:personal`
     */
    get: operations['UserProofs_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/event-schemas/{type}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get the JSON Schema of the `data` of an event type
     * @description Events name it in `dataschema`. Types are explained in docs/events.md.
     *
     *     No API key is needed.
     */
    get: operations['EventSchemas_schema'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/webhooks': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List webhooks
     * @description Scope: `audit`
     */
    get: operations['Webhooks_list'];
    put?: never;
    /**
     * Create a webhook
     * @description Events are sent to it as they are sealed into the audit log, as CloudEvents signed by the rules of Standard Webhooks, without what is personal. See docs/webhooks.md.
     *
     *     Scope: `admin`
     */
    post: operations['Webhooks_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/webhooks/{webhookId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get a webhook
     * @description Scope: `audit`
     */
    get: operations['Webhooks_get'];
    put?: never;
    post?: never;
    /**
     * Delete a webhook
     * @description Scope: `admin`
     */
    delete: operations['Webhooks_delete'];
    options?: never;
    head?: never;
    /**
     * Change, disable or enable a webhook
     * @description Scope: `admin`
     */
    patch: operations['Webhooks_change'];
    trace?: never;
  };
  '/v1/webhooks/{webhookId}/secret': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Give a webhook a new secret
     * @description The old one signs beside it for some hours, so that the receiver can change over.
     *
     *     Scope: `admin`
     */
    post: operations['Webhooks_rotate'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/webhooks/{webhookId}/test': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Send a test event to a webhook
     * @description A real event, `webhook.tested`, which is sent to this webhook whatever its types, and to no other.
     *
     *     Scope: `admin`
     */
    post: operations['Webhooks_test'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/webhooks/{webhookId}/deliveries': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List the deliveries of a webhook with their attempts, newest first
     * @description They are kept for 30 days.
     *
     *     Scope: `audit`
     */
    get: operations['WebhookDeliveries_list'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Send an event to a webhook once more
     * @description Scope: `admin`
     */
    post: operations['WebhookDeliveries_redeliver'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/webhooks/{webhookId}/redeliver': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Send many events to a webhook once more, oldest first
     * @description Those of deliveries that were made in some time, or only those that have not arrived; 1000 in one call.
     *
     *     Scope: `admin`
     */
    post: operations['WebhookDeliveries_redeliverMany'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/compliance/report': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Report how a set of rules is kept, control by control
     * @description From live data, and signed. The same data give the same bytes: `asOf` is part of the report. It holds ids, and no names or addresses.
     *
     *     Scope: `audit`
     */
    get: operations['Compliance_report'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/api-keys': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List API keys
     * @description Scope: `admin`
     */
    get: operations['ApiKeys_list'];
    put?: never;
    /**
     * Create an API key
     * @description Scope: `admin`
     */
    post: operations['ApiKeys_create'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/api-keys/{apiKeyId}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Revoke an API key
     * @description Scope: `admin`
     */
    delete: operations['ApiKeys_revoke'];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/tenant': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Get the tenant and the API key of this call
     * @description Scope: `any`
     */
    get: operations['Tenant_show'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/healthz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Liveness: the process is running
     * @description No API key is needed.
     */
    get: operations['Health_healthz'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/readyz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Readiness: database, queue and clock work
     * @description No API key is needed.
     */
    get: operations['Health_readyz'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/.well-known/jwks.json': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Public keys that verify proofs
     * @description No API key is needed.
     */
    get: operations['Health_jwks'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    Account: {
      id: string;
      name: string | null;
      locale: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
    };
    User: {
      id: string;
      accountId: string;
      /** @enum {string} */
      kind: 'person' | 'service';
      displayName: string | null;
      email: string | null;
      /** @description E.164 */
      phone: string | null;
      locale: string | null;
      twoFactor: {
        /** @enum {string} */
        status: 'enabled' | 'disabled';
        since: string | null;
      };
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      /**
       * @description True if name and addresses are damaged, or encrypted with a missing key. Send them again
       * @enum {boolean}
       */
      profileUnreadable?: true;
      devices: components['schemas']['Device'][];
      /** Format: int32 */
      recoveryCodesLeft: number;
      /** @description Lockouts that have not ended */
      lockouts: components['schemas']['Lockout'][];
      /** @description The policy in force for this user */
      policy: components['schemas']['Policy'];
      /** @description What the user should do soon. Never a reason to refuse a login */
      advice: components['schemas']['Advice'][];
    };
    Device: {
      /** @description Id, `dev_…` */
      id: string;
      accountId: string;
      userId: string;
      /** @enum {string} */
      method: 'totp' | 'sms' | 'email' | 'webauthn';
      name: string;
      /** @enum {string} */
      status: 'unverified' | 'verified' | 'disabled';
      /** @description Whether the policy in force allows it to answer challenges */
      allowed: boolean;
      isDefault: boolean;
      /** @description Phone number or e-mail address, mostly hidden */
      maskedAddress: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      verifiedAt: string | null;
      lastUsedAt: string | null;
      lockedUntil: string | null;
      /** @description When the time to verify an unverified device ends */
      enrolmentExpiresAt: string | null;
      /** @description The only applications whose challenges it can answer; null means all */
      applications: string[] | null;
      /** @description Passkeys only: whether it is synced, so that losing one device does not lose it */
      backedUp?: boolean;
      /** @description This device's SMS quota for today */
      quota?: components['schemas']['Quota'];
      /** @description SMS only: whether the user's phone number differs from the device's */
      phoneDiffers?: boolean;
      /** @description The new number, which replaces the old one once it is verified */
      pendingPhone?: {
        masked: string;
        /** @enum {string} */
        status: 'unverified';
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        expiresAt: string;
      };
    };
    Quota: {
      /** Format: int32 */
      limit: number;
      /** Format: int32 */
      used: number;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      resetsAt: string;
    };
    Lockout: {
      /** @description Id, `lck_…` */
      id: string;
      /** @enum {string} */
      subject: 'device' | 'recovery_codes';
      deviceId: string | null;
      /**
       * Format: int32
       * @description Number of consecutive wrong codes that caused it
       */
      wrongCodes: number;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      startedAt: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      lockedUntil: string;
      endedAt: string | null;
    };
    Exemption: {
      owner: string;
      reason: string;
      until: string & (unknown & unknown);
    };
    Policy: {
      twoFactor: {
        /** @enum {string} */
        required: 'none' | 'all';
        graceUntil: (string & (unknown & unknown)) | null;
        /** @enum {string} */
        disableBy: 'user' | 'admin';
        /** @enum {string} */
        onDisable: 'keep' | 'remove';
      };
      methods: {
        allowed: ('totp' | 'sms' | 'email' | 'webauthn')[];
        exclusive: boolean;
        notAlone: ('totp' | 'sms' | 'email' | 'webauthn')[];
      };
      phone: {
        reuseVerifiedOnAccount: boolean;
        allowedCountries: string[];
        defaultCountry: string | null;
        smsPerDevicePerDay: number;
        timeZone: string;
      };
      email: {
        perDevicePerDay: number;
      };
      sending: {
        perDevicePerHour: number;
        perUserPerHour: number;
        perAccountPerHour: number;
        perTenantPerHour: number;
        perPrefixPerHour: number;
        minApprovedPercent: number;
        spendPerDay: number | null;
      };
      sms: {
        brand: string;
        host: string | null;
      };
      webauthn: {
        rpId: string;
        rpName: string;
        origins: string[];
        applications: {
          [key: string]: string[];
        };
        /** @enum {string} */
        userVerification: 'preferred' | 'required';
      };
      proofRequired: {
        removeDevice: boolean;
        disable: boolean;
      };
      supportContact: string | null;
      notices: {
        deviceAdded: boolean;
        deviceRemoved: boolean;
        phoneChanged: boolean;
        twoFactorDisabled: boolean;
        reset: boolean;
        recoveryCodeUsed: boolean;
        emailChanged: boolean;
        lockout: boolean;
      };
      recoveryCodes: {
        count: number;
        acknowledgementRequired: boolean;
      };
      code: {
        ttlSeconds: number;
        resendAfterSeconds: number;
        maxSends: number;
      };
      challenge: {
        ttlSeconds: number;
        maxChecks: number;
      };
      totp: {
        window: number;
        issuer: string;
        allowShortImport: boolean;
      };
      lockout: {
        free: number;
        baseSeconds: number;
        maxSeconds: number;
        disableAt: number;
      };
      trustedBrowser: {
        allowed: boolean;
        days: number;
      };
      transaction: {
        /** @enum {string} */
        amountAndPayee: 'optional' | 'required';
      };
      exemptions: {
        required: boolean;
        serviceUsers: components['schemas']['Exemption'] | null;
        gracePeriod: components['schemas']['Exemption'] | null;
        trustedBrowser: components['schemas']['Exemption'] | null;
        override: components['schemas']['Exemption'] | null;
      };
      audit: {
        retentionDays: number | null;
        retentionAtLeastDays: number;
      };
    };
    Advice: {
      /** @enum {string} */
      code:
        | 'passkey_only'
        | 'recovery_codes_not_acknowledged'
        | 'recovery_codes_low'
        | 'recovery_codes_missing'
        | 'sms_only'
        | 'clock_drift'
        | 'short_seed';
      userMessage: string;
    };
    UserSummary: {
      id: string;
      accountId: string;
      /** @enum {string} */
      kind: 'person' | 'service';
      displayName: string | null;
      email: string | null;
      /** @description E.164 */
      phone: string | null;
      locale: string | null;
      twoFactor: {
        /** @enum {string} */
        status: 'enabled' | 'disabled';
        since: string | null;
      };
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      /**
       * @description True if name and addresses are damaged, or encrypted with a missing key. Send them again
       * @enum {boolean}
       */
      profileUnreadable?: true;
    };
    UserCounts: {
      /** Format: int32 */
      total: number;
      /**
       * Format: int32
       * @description People with two-factor authentication on
       */
      enabled: number;
      /**
       * Format: int32
       * @description People with two-factor authentication off
       */
      disabled: number;
      /**
       * Format: int32
       * @description Service users, who cannot have it
       */
      service: number;
    };
    PolicyInForce: {
      /** @description The policy in force */
      effective: components['schemas']['Policy'];
      /** @description Who set each value */
      sources: {
        [key: string]: 'default' | 'tenant' | 'account';
      };
      override: components['schemas']['OwnPolicy'];
      /** @description Values of `override` that are not in force */
      notApplied: {
        /** @description As `section.value` */
        value: string;
        /**
         * @description `exemptions.override`, which answered for what is weaker than the tenant’s, has ended
         * @enum {string}
         */
        reason: 'exemption_ended';
        /** @description The end that the exemption names */
        since: string;
      }[];
    };
    /** @description The values that this level sets itself */
    OwnPolicy: {
      /**
       * @description A preset for values that are not set here
       * @enum {string}
       */
      preset?:
        | 'service-panel'
        | 'user-card'
        | 'admin-panel'
        | 'control-panel'
        | 'customer-administration'
        | 'nist'
        | 'pci-dss'
        | 'nis2'
        | 'psd2';
      twoFactor?: {
        /** @enum {string} */
        required?: 'none' | 'all';
        graceUntil?: (string & (unknown & unknown)) | null;
        /** @enum {string} */
        disableBy?: 'user' | 'admin';
        /** @enum {string} */
        onDisable?: 'keep' | 'remove';
      };
      methods?: {
        allowed?: ('totp' | 'sms' | 'email' | 'webauthn')[];
        exclusive?: boolean;
        notAlone?: ('totp' | 'sms' | 'email' | 'webauthn')[];
      };
      phone?: {
        reuseVerifiedOnAccount?: boolean;
        allowedCountries?: string[];
        defaultCountry?: string | null;
        smsPerDevicePerDay?: number;
        timeZone?: string;
      };
      email?: {
        perDevicePerDay?: number;
      };
      sending?: {
        perDevicePerHour?: number;
        perUserPerHour?: number;
        perAccountPerHour?: number;
        perTenantPerHour?: number;
        perPrefixPerHour?: number;
        minApprovedPercent?: number;
        spendPerDay?: number | null;
      };
      sms?: {
        brand?: string;
        host?: string | null;
      };
      webauthn?: {
        rpId?: string;
        rpName?: string;
        origins?: string[];
        applications?: {
          [key: string]: string[];
        };
        /** @enum {string} */
        userVerification?: 'preferred' | 'required';
      };
      proofRequired?: {
        removeDevice?: boolean;
        disable?: boolean;
      };
      supportContact?: string | null;
      notices?: {
        deviceAdded?: boolean;
        deviceRemoved?: boolean;
        phoneChanged?: boolean;
        twoFactorDisabled?: boolean;
        reset?: boolean;
        recoveryCodeUsed?: boolean;
        emailChanged?: boolean;
        lockout?: boolean;
      };
      recoveryCodes?: {
        count?: number;
        acknowledgementRequired?: boolean;
      };
      code?: {
        ttlSeconds?: number;
        resendAfterSeconds?: number;
        maxSends?: number;
      };
      challenge?: {
        ttlSeconds?: number;
        maxChecks?: number;
      };
      totp?: {
        window?: number;
        issuer?: string;
        allowShortImport?: boolean;
      };
      lockout?: {
        free?: number;
        baseSeconds?: number;
        maxSeconds?: number;
        disableAt?: number;
      };
      trustedBrowser?: {
        allowed?: boolean;
        days?: number;
      };
      transaction?: {
        /** @enum {string} */
        amountAndPayee?: 'optional' | 'required';
      };
      exemptions?: {
        required?: boolean;
        serviceUsers?: components['schemas']['Exemption'] | null;
        gracePeriod?: components['schemas']['Exemption'] | null;
        trustedBrowser?: components['schemas']['Exemption'] | null;
        override?: components['schemas']['Exemption'] | null;
      };
      audit?: {
        retentionDays?: number | null;
        retentionAtLeastDays?: number;
      };
    };
    PolicyOverride: {
      /**
       * @description A preset for values that are not set here
       * @enum {string}
       */
      preset?:
        | 'service-panel'
        | 'user-card'
        | 'admin-panel'
        | 'control-panel'
        | 'customer-administration'
        | 'nist'
        | 'pci-dss'
        | 'nis2'
        | 'psd2';
      twoFactor?: {
        /** @enum {string} */
        required?: 'none' | 'all';
        graceUntil?: (string & (unknown & unknown)) | null;
        /** @enum {string} */
        disableBy?: 'user' | 'admin';
        /** @enum {string} */
        onDisable?: 'keep' | 'remove';
      };
      methods?: {
        allowed?: ('totp' | 'sms' | 'email' | 'webauthn')[];
        exclusive?: boolean;
        notAlone?: ('totp' | 'sms' | 'email' | 'webauthn')[];
      };
      phone?: {
        reuseVerifiedOnAccount?: boolean;
        allowedCountries?: string[];
        defaultCountry?: string | null;
        smsPerDevicePerDay?: number;
        timeZone?: string;
      };
      email?: {
        perDevicePerDay?: number;
      };
      sending?: {
        perDevicePerHour?: number;
        perUserPerHour?: number;
        perAccountPerHour?: number;
        perTenantPerHour?: number;
        perPrefixPerHour?: number;
        minApprovedPercent?: number;
        spendPerDay?: number | null;
      };
      sms?: {
        brand?: string;
        host?: string | null;
      };
      webauthn?: {
        rpId?: string;
        rpName?: string;
        origins?: string[];
        applications?: {
          [key: string]: string[];
        };
        /** @enum {string} */
        userVerification?: 'preferred' | 'required';
      };
      proofRequired?: {
        removeDevice?: boolean;
        disable?: boolean;
      };
      supportContact?: string | null;
      notices?: {
        deviceAdded?: boolean;
        deviceRemoved?: boolean;
        phoneChanged?: boolean;
        twoFactorDisabled?: boolean;
        reset?: boolean;
        recoveryCodeUsed?: boolean;
        emailChanged?: boolean;
        lockout?: boolean;
      };
      recoveryCodes?: {
        count?: number;
        acknowledgementRequired?: boolean;
      };
      code?: {
        ttlSeconds?: number;
        resendAfterSeconds?: number;
        maxSends?: number;
      };
      challenge?: {
        ttlSeconds?: number;
        maxChecks?: number;
      };
      totp?: {
        window?: number;
        issuer?: string;
        allowShortImport?: boolean;
      };
      lockout?: {
        free?: number;
        baseSeconds?: number;
        maxSeconds?: number;
        disableAt?: number;
      };
      trustedBrowser?: {
        allowed?: boolean;
        days?: number;
      };
      transaction?: {
        /** @enum {string} */
        amountAndPayee?: 'optional' | 'required';
      };
      exemptions?: {
        required?: boolean;
        serviceUsers?: components['schemas']['Exemption'] | null;
        gracePeriod?: components['schemas']['Exemption'] | null;
        trustedBrowser?: components['schemas']['Exemption'] | null;
        override?: components['schemas']['Exemption'] | null;
      };
      audit?: {
        retentionDays?: number | null;
        retentionAtLeastDays?: number;
      };
    };
    /** @description Values that are left out stay unchanged. For exemptions, `graceUntil`, `host`, `retentionDays`, `spendPerDay` and `supportContact`, null is a value of its own; for any other value or a whole section, null means that it is inherited again. */
    PolicyPatch: {
      /**
       * @description A preset to apply. Values in the same request take precedence over it
       * @enum {string}
       */
      preset?:
        | 'service-panel'
        | 'user-card'
        | 'admin-panel'
        | 'control-panel'
        | 'customer-administration'
        | 'nist'
        | 'pci-dss'
        | 'nis2'
        | 'psd2';
      twoFactor?: {
        required?: ('none' | 'all') | null;
        graceUntil?: ((string & (unknown & unknown)) | null) | null;
        disableBy?: ('user' | 'admin') | null;
        onDisable?: ('keep' | 'remove') | null;
      } | null;
      methods?: {
        allowed?: ('totp' | 'sms' | 'email' | 'webauthn')[] | null;
        exclusive?: boolean | null;
        notAlone?: ('totp' | 'sms' | 'email' | 'webauthn')[] | null;
      } | null;
      phone?: {
        reuseVerifiedOnAccount?: boolean | null;
        allowedCountries?: string[] | null;
        defaultCountry?: (string | null) | null;
        smsPerDevicePerDay?: number | null;
        timeZone?: string | null;
      } | null;
      email?: {
        perDevicePerDay?: number | null;
      } | null;
      sending?: {
        perDevicePerHour?: number | null;
        perUserPerHour?: number | null;
        perAccountPerHour?: number | null;
        perTenantPerHour?: number | null;
        perPrefixPerHour?: number | null;
        minApprovedPercent?: number | null;
        spendPerDay?: (number | null) | null;
      } | null;
      sms?: {
        brand?: string | null;
        host?: (string | null) | null;
      } | null;
      webauthn?: {
        rpId?: string | null;
        rpName?: string | null;
        origins?: string[] | null;
        applications?: {
          [key: string]: string[];
        } | null;
        userVerification?: ('preferred' | 'required') | null;
      } | null;
      proofRequired?: {
        removeDevice?: boolean | null;
        disable?: boolean | null;
      } | null;
      supportContact?: string | null;
      notices?: {
        deviceAdded?: boolean | null;
        deviceRemoved?: boolean | null;
        phoneChanged?: boolean | null;
        twoFactorDisabled?: boolean | null;
        reset?: boolean | null;
        recoveryCodeUsed?: boolean | null;
        emailChanged?: boolean | null;
        lockout?: boolean | null;
      } | null;
      recoveryCodes?: {
        count?: number | null;
        acknowledgementRequired?: boolean | null;
      } | null;
      code?: {
        ttlSeconds?: number | null;
        resendAfterSeconds?: number | null;
        maxSends?: number | null;
      } | null;
      challenge?: {
        ttlSeconds?: number | null;
        maxChecks?: number | null;
      } | null;
      totp?: {
        window?: number | null;
        issuer?: string | null;
        allowShortImport?: boolean | null;
      } | null;
      lockout?: {
        free?: number | null;
        baseSeconds?: number | null;
        maxSeconds?: number | null;
        disableAt?: number | null;
      } | null;
      trustedBrowser?: {
        allowed?: boolean | null;
        days?: number | null;
      } | null;
      transaction?: {
        amountAndPayee?: ('optional' | 'required') | null;
      } | null;
      exemptions?: {
        required?: boolean | null;
        serviceUsers?: (components['schemas']['Exemption'] | null) | null;
        gracePeriod?: (components['schemas']['Exemption'] | null) | null;
        trustedBrowser?: (components['schemas']['Exemption'] | null) | null;
        override?: (components['schemas']['Exemption'] | null) | null;
      } | null;
      audit?: {
        retentionDays?: (number | null) | null;
        retentionAtLeastDays?: number | null;
      } | null;
    };
    EnrolledDevice: {
      /** @description Id, `dev_…` */
      id: string;
      accountId: string;
      userId: string;
      /** @enum {string} */
      method: 'totp' | 'sms' | 'email' | 'webauthn';
      name: string;
      /** @enum {string} */
      status: 'unverified' | 'verified' | 'disabled';
      /** @description Whether the policy in force allows it to answer challenges */
      allowed: boolean;
      isDefault: boolean;
      /** @description Phone number or e-mail address, mostly hidden */
      maskedAddress: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      verifiedAt: string | null;
      lastUsedAt: string | null;
      lockedUntil: string | null;
      /** @description When the time to verify an unverified device ends */
      enrolmentExpiresAt: string | null;
      /** @description The only applications whose challenges it can answer; null means all */
      applications: string[] | null;
      /** @description Passkeys only: whether it is synced, so that losing one device does not lose it */
      backedUp?: boolean;
      /** @description This device's SMS quota for today */
      quota?: components['schemas']['Quota'];
      /** @description SMS only: whether the user's phone number differs from the device's */
      phoneDiffers?: boolean;
      /** @description The new number, which replaces the old one once it is verified */
      pendingPhone?: {
        masked: string;
        /** @enum {string} */
        status: 'unverified';
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        expiresAt: string;
      };
      /** @description Shown only once */
      totp?: {
        /** @description Base 32, for users who cannot scan the QR code */
        secret: string;
        /** @description otpauth:// address */
        uri: string;
        /** @description The `uri` as a QR code: an SVG data URI */
        qrCode: string;
      };
      webauthn?: components['schemas']['PasskeyCreationOptions'];
      /** @description The first code, which is being sent */
      send?: components['schemas']['SentCode'];
      /** @description Shown only once: if they have to be saved before the first device is verified, or if it is verified immediately */
      recoveryCodes?: string[];
    };
    /** @description PublicKeyCredentialCreationOptionsJSON: for `navigator.credentials.create` */
    PasskeyCreationOptions: {
      rp: {
        id: string;
        name: string;
      };
      user: {
        id: string;
        name: string;
        displayName: string;
      };
      challenge: string;
      pubKeyCredParams: {
        /** @enum {string} */
        type: 'public-key';
        alg: number;
      }[];
      /** Format: int32 */
      timeout: number;
      excludeCredentials: {
        /** @enum {string} */
        type: 'public-key';
        id: string;
        transports?: string[];
      }[];
      authenticatorSelection: {
        residentKey: string;
        requireResidentKey: boolean;
        /** @enum {string} */
        userVerification: 'required' | 'preferred' | 'discouraged';
      };
      attestation: string;
    };
    SentCode: {
      /** @description Id, `dlv_…` */
      deliveryId: string;
      /**
       * Format: int32
       * @description Seconds until the code can be resent
       */
      resendAfter: number;
      /**
       * Format: date-time
       * @description When the code expires
       */
      expiresAt: string;
      /** @description This device's SMS quota for today */
      quota?: components['schemas']['Quota'];
    };
    ImportedDevice: {
      /** @description Id, `dev_…` */
      id: string;
      accountId: string;
      userId: string;
      /** @enum {string} */
      method: 'totp' | 'sms' | 'email' | 'webauthn';
      name: string;
      /** @enum {string} */
      status: 'unverified' | 'verified' | 'disabled';
      /** @description Whether the policy in force allows it to answer challenges */
      allowed: boolean;
      isDefault: boolean;
      /** @description Phone number or e-mail address, mostly hidden */
      maskedAddress: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      verifiedAt: string | null;
      lastUsedAt: string | null;
      lockedUntil: string | null;
      /** @description When the time to verify an unverified device ends */
      enrolmentExpiresAt: string | null;
      /** @description The only applications whose challenges it can answer; null means all */
      applications: string[] | null;
      /** @description Passkeys only: whether it is synced, so that losing one device does not lose it */
      backedUp?: boolean;
      /** @description This device's SMS quota for today */
      quota?: components['schemas']['Quota'];
      /** @description SMS only: whether the user's phone number differs from the device's */
      phoneDiffers?: boolean;
      /** @description The new number, which replaces the old one once it is verified */
      pendingPhone?: {
        masked: string;
        /** @enum {string} */
        status: 'unverified';
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        expiresAt: string;
      };
      /** @description What the user should do soon. Never a reason to refuse a login */
      advice: components['schemas']['Advice'][];
    };
    DeviceWithNewPhone: {
      /** @description Id, `dev_…` */
      id: string;
      accountId: string;
      userId: string;
      /** @enum {string} */
      method: 'totp' | 'sms' | 'email' | 'webauthn';
      name: string;
      /** @enum {string} */
      status: 'unverified' | 'verified' | 'disabled';
      /** @description Whether the policy in force allows it to answer challenges */
      allowed: boolean;
      isDefault: boolean;
      /** @description Phone number or e-mail address, mostly hidden */
      maskedAddress: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      verifiedAt: string | null;
      lastUsedAt: string | null;
      lockedUntil: string | null;
      /** @description When the time to verify an unverified device ends */
      enrolmentExpiresAt: string | null;
      /** @description The only applications whose challenges it can answer; null means all */
      applications: string[] | null;
      /** @description Passkeys only: whether it is synced, so that losing one device does not lose it */
      backedUp?: boolean;
      /** @description This device's SMS quota for today */
      quota?: components['schemas']['Quota'];
      /** @description SMS only: whether the user's phone number differs from the device's */
      phoneDiffers?: boolean;
      /** @description The new number, which replaces the old one once it is verified */
      pendingPhone?: {
        masked: string;
        /** @enum {string} */
        status: 'unverified';
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        expiresAt: string;
      };
      /** @description The code, which is being sent to the new number */
      send: components['schemas']['SentCode'];
    };
    /** @description RegistrationResponseJSON */
    PasskeyRegistration: {
      id: string;
      rawId: string;
      /** @enum {string} */
      type: 'public-key';
      response: {
        clientDataJSON: string;
        attestationObject: string;
        transports?: string[];
      };
    };
    VerifiedDevice: {
      /** @description Id, `dev_…` */
      id: string;
      accountId: string;
      userId: string;
      /** @enum {string} */
      method: 'totp' | 'sms' | 'email' | 'webauthn';
      name: string;
      /** @enum {string} */
      status: 'unverified' | 'verified' | 'disabled';
      /** @description Whether the policy in force allows it to answer challenges */
      allowed: boolean;
      isDefault: boolean;
      /** @description Phone number or e-mail address, mostly hidden */
      maskedAddress: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      verifiedAt: string | null;
      lastUsedAt: string | null;
      lockedUntil: string | null;
      /** @description When the time to verify an unverified device ends */
      enrolmentExpiresAt: string | null;
      /** @description The only applications whose challenges it can answer; null means all */
      applications: string[] | null;
      /** @description Passkeys only: whether it is synced, so that losing one device does not lose it */
      backedUp?: boolean;
      /** @description This device's SMS quota for today */
      quota?: components['schemas']['Quota'];
      /** @description SMS only: whether the user's phone number differs from the device's */
      phoneDiffers?: boolean;
      /** @description The new number, which replaces the old one once it is verified */
      pendingPhone?: {
        masked: string;
        /** @enum {string} */
        status: 'unverified';
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        expiresAt: string;
      };
      /** @description Shown only once, for the first device */
      recoveryCodes?: string[];
      /** @description The proof of the challenge that this approved */
      proof?: string;
      /** @description What the user should do soon. Never a reason to refuse a login */
      advice: components['schemas']['Advice'][];
    };
    TwoFactor: {
      /** @enum {string} */
      status: 'enabled' | 'disabled';
      since: string | null;
    };
    TrustedBrowser: {
      /** @description Id, `tbr_…` */
      id: string;
      /** @description The device that approved the login */
      deviceId: string;
      /** @description As sent by the panel when the login started */
      userAgent: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      expiresAt: string;
    };
    RecoveryCodes: {
      /** Format: int32 */
      recoveryCodesLeft: number;
      /**
       * Format: int32
       * @deprecated
       * @description The same
       */
      left: number;
      generatedAt: string | null;
      acknowledgedAt: string | null;
    };
    NewRecoveryCodes: {
      /** @description Shown only once */
      recoveryCodes: string[];
      /** Format: int32 */
      recoveryCodesLeft: number;
      /**
       * Format: int32
       * @deprecated
       * @description The same
       */
      left: number;
    };
    Transaction: {
      amount: {
        /** @description With as many decimals as the currency has */
        value: string;
        /** @description ISO 4217 currency code */
        currency: string;
      };
      payee: string & (unknown & unknown);
    };
    Decision:
      | components['schemas']['ChallengeDecision']
      | components['schemas']['AllowDecision']
      | components['schemas']['EnrollDecision']
      | components['schemas']['DenyDecision'];
    /** @description A second factor is needed */
    ChallengeDecision: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      decision: 'challenge';
      /** @enum {string} */
      reason: 'two_factor_on' | 'required_by_policy' | 'step_up';
      challenge: components['schemas']['OpenedChallenge'];
    };
    OpenedChallenge: {
      /** @description Id, `chl_…` */
      id: string;
      /** @enum {string} */
      status: 'pending';
      /** @enum {string} */
      purpose:
        | 'login'
        | 'api_login'
        | 'add_device'
        | 'remove_device'
        | 'change_phone'
        | 'disable'
        | 'regenerate_recovery_codes'
        | 'transaction';
      application: string | null;
      devices: components['schemas']['ChallengeDevice'][];
      recoveryCodesAvailable: boolean;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      expiresAt: string;
      /**
       * Format: int32
       * @description Present if `rememberBrowser` is allowed: for how many days
       */
      trustedBrowserDays?: number;
      /** @description Present if the user has a usable passkey */
      webauthn?: components['schemas']['PasskeyRequestOptions'];
      /** @description The code that was sent immediately, or why it was not sent */
      send?: components['schemas']['CodeSentAtOnce'] | components['schemas']['RefusedCode'];
    };
    ChallengeDevice: {
      /** @description Id, `dev_…` */
      id: string;
      name: string;
      /** @enum {string} */
      method: 'totp' | 'sms' | 'email' | 'webauthn';
      maskedAddress: string | null;
      isDefault: boolean;
      /** @description Until when this device is locked */
      lockedUntil: string | null;
      /** @description Whether the policy in force allows it. If not, show it, but do not offer it */
      allowed: boolean;
    };
    /** @description PublicKeyCredentialRequestOptionsJSON: for `navigator.credentials.get` */
    PasskeyRequestOptions: {
      challenge: string;
      rpId: string;
      allowCredentials: {
        /** @enum {string} */
        type: 'public-key';
        id: string;
        transports?: string[];
      }[];
      /** @enum {string} */
      userVerification: 'required' | 'preferred' | 'discouraged';
      /** Format: int32 */
      timeout: number;
    };
    CodeSentAtOnce: {
      /** @description The device that the code is for */
      deviceId: string;
      /** @description Id, `dlv_…` */
      deliveryId: string;
      /**
       * Format: int32
       * @description Seconds until the code can be resent
       */
      resendAfter: number;
      /**
       * Format: date-time
       * @description When the code expires
       */
      expiresAt: string;
      /** @description This device's SMS quota for today */
      quota?: components['schemas']['Quota'];
    };
    RefusedCode: {
      /** @description The device that the code is for */
      deviceId: string;
      /**
       * @description Why no code was sent
       * @enum {string}
       */
      code:
        | 'invalid_request'
        | 'unauthenticated'
        | 'insufficient_scope'
        | 'receipt_refused'
        | 'not_found'
        | 'http_method_not_allowed'
        | 'challenge_not_pending'
        | 'device_not_verified'
        | 'device_already_verified'
        | 'method_conflict'
        | 'recovery_codes_not_acknowledged'
        | 'last_device'
        | 'two_factor_required'
        | 'webhook_limit_reached'
        | 'webhook_disabled'
        | 'webhook_delivery_queued'
        | 'idempotency_in_progress'
        | 'challenge_expired'
        | 'enrolment_expired'
        | 'code_invalid'
        | 'code_already_used'
        | 'code_expired'
        | 'recovery_code_invalid'
        | 'phone_invalid'
        | 'country_not_allowed'
        | 'method_not_allowed'
        | 'sms_blocked'
        | 'proof_required'
        | 'proof_invalid'
        | 'idempotency_key_reused'
        | 'locked'
        | 'resend_too_soon'
        | 'sms_quota_exceeded'
        | 'send_limit_reached'
        | 'rate_limited'
        | 'unavailable';
      detail: string;
      /** @description The reason in words for the user, in the user's language */
      userMessage?: string;
      /** Format: int32 */
      retryAfter?: number;
    };
    /** @description No second factor is needed: let the user in */
    AllowDecision: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      decision: 'allow';
      /** @enum {string} */
      reason: 'two_factor_off' | 'grace_period' | 'trusted_browser' | 'service_user';
      /**
       * Format: date-time
       * @description Present for `grace_period`
       */
      graceUntil?: string;
    };
    /** @description The user has to set up a device first */
    EnrollDecision: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      decision: 'enroll';
      /** @enum {string} */
      reason: 'required_by_policy';
      /** @description Approved when the enrolment is verified */
      challenge: components['schemas']['OpenedChallenge'];
    };
    /** @description Do not let the user in */
    DenyDecision: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      decision: 'deny';
      /** @enum {string} */
      reason:
        | 'service_user_interactive'
        | 'two_factor_user'
        | 'required_by_policy'
        | 'locked'
        | 'all_devices_disabled'
        | 'no_usable_device';
      /** @description For the panel's developers, in English */
      detail: string;
      /** @description The reason in words for the user, in the user's language */
      userMessage: string;
      /**
       * Format: date-time
       * @description Present for `locked`
       */
      lockedUntil?: string;
      supportContact?: string;
    };
    Challenge: {
      /** @description Id, `chl_…` */
      id: string;
      accountId: string;
      userId: string;
      /** @enum {string} */
      status: 'pending' | 'approved' | 'canceled' | 'expired' | 'max_attempts_reached';
      /** @enum {string} */
      purpose:
        | 'login'
        | 'api_login'
        | 'add_device'
        | 'remove_device'
        | 'change_phone'
        | 'disable'
        | 'regenerate_recovery_codes'
        | 'transaction';
      application: string | null;
      /** Format: int32 */
      attemptsLeft: number;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      expiresAt: string;
      endedAt: string | null;
      approvedBy: string | null;
      /** @description Whether the challenge is approved and what approved it is still valid. It becomes false when the device is removed, replaced or disabled, changes its number or uses a method that is no longer allowed, when the recovery codes are replaced, and after a reset. Then end the session that it opened */
      inForce: boolean;
      deliveries: {
        /** @description Id, `dlv_…` */
        id: string;
        /** @description Id, `dev_…` */
        deviceId: string;
        /** @enum {string} */
        channel: 'sms' | 'email';
        /** @enum {string} */
        status: 'queued' | 'sending' | 'sent' | 'delivered' | 'failed' | 'expired';
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        createdAt: string;
      }[];
    };
    /** @description AuthenticationResponseJSON */
    PasskeyAssertion: {
      id: string;
      rawId: string;
      /** @enum {string} */
      type: 'public-key';
      response: {
        clientDataJSON: string;
        authenticatorData: string;
        signature: string;
        userHandle?: string | null;
      };
    };
    Approval: {
      /** @enum {string} */
      status: 'approved';
      /** @description A JWT (EdDSA), valid for five minutes. Its public keys are at /.well-known/jwks.json */
      proof: string;
      /** Format: int32 */
      recoveryCodesLeft?: number;
      /** @description Store it in a cookie of this browser and send it with the next login. Shown only once */
      trustedBrowser?: string;
      /** @description What the user should do soon. Never a reason to refuse a login */
      advice: components['schemas']['Advice'][];
    };
    SendBlock: {
      /** @description Id, `sbl_…` */
      id: string;
      /** @enum {string} */
      rule: 'number_kind' | 'per_user' | 'per_prefix' | 'per_account' | 'approved_ratio' | 'per_tenant' | 'spend';
      /** @description What the rule counts: an account or a user, by the panel's own ids; the first digits of phone numbers; or a mail domain. Null for the whole tenant */
      about: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      startedAt: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      endsAt: string;
      /**
       * Format: int32
       * @description Number of codes that were not sent
       */
      refused: number;
      liftedAt: string | null;
    };
    DeliverySummary: {
      /**
       * Format: date-time
       * @description Beginning of the time that was counted
       */
      from: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      to: string;
      /** @description false where more than 100,000 messages were sent in this time: the latest are counted, and `from` says since when */
      complete: boolean;
      data: {
        /** @description null where not grouped by it */
        channel: ('sms' | 'email') | null;
        /** @description The provider. null where not grouped by it */
        route: string | null;
        /** @description ISO 3166-1 alpha-2. null where not grouped by it, for e-mail, and for numbers of no country */
        country: string | null;
        /** @description The first digits of the numbers. null where not grouped by it, and for e-mail */
        prefix: string | null;
        /** Format: int32 */
        attempts: number;
        /**
         * Format: int32
         * @description Of the attempts, those that the provider accepted
         */
        sent: number;
        /**
         * Format: int32
         * @description Of the attempts, those with a receipt that says so
         */
        delivered: number;
        /**
         * Format: int32
         * @description Of the attempts, those with a receipt that says that nothing arrived
         */
        undelivered: number;
        /**
         * Format: int32
         * @description Of the attempts, those that carried a code, not a notice
         */
        codes: number;
        /**
         * Format: int32
         * @description Of the codes, those that were entered. A code that was sent more than once counts for the last attempt before it was entered
         */
        converted: number;
        /** @description `converted` by `codes`. null where there are none */
        rate: number | null;
        /** @description As providers told, by currency. `currency` is null where the provider told none */
        cost: {
          currency: string | null;
          amount: string;
        }[];
        /** @description In ms: half took no longer than `p50`, 95 % no longer than `p95`. null where there is none */
        toProviderMs: {
          /** Format: int32 */
          p50: number;
          /** Format: int32 */
          p95: number;
        } | null;
        /** @description In ms: half took no longer than `p50`, 95 % no longer than `p95`. null where there is none */
        toReceiptMs: {
          /** Format: int32 */
          p50: number;
          /** Format: int32 */
          p95: number;
        } | null;
        /** @description In ms: half took no longer than `p50`, 95 % no longer than `p95`. null where there is none */
        toEntryMs: {
          /** Format: int32 */
          p50: number;
          /** Format: int32 */
          p95: number;
        } | null;
      }[];
    };
    Delivery: {
      /** @description Id, `dlv_…` */
      id: string;
      accountId: string;
      userId: string;
      deviceId: string | null;
      challengeId: string | null;
      /** @enum {string} */
      channel: 'sms' | 'email';
      /** @enum {string} */
      kind: 'code' | 'notice';
      /**
       * @description `queued`: not sent yet. `sending`: in progress, or tried without a response, so it may have arrived. `sent`: accepted by the provider. `delivered`: a receipt of the provider confirms that it has arrived. `failed`: not sent, or a receipt says that it did not arrive. `expired`: it expired before it could be sent
       * @enum {string}
       */
      status: 'queued' | 'sending' | 'sent' | 'delivered' | 'failed' | 'expired';
      provider: string | null;
      error: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      expiresAt: string;
      sentAt: string | null;
      endedAt: string | null;
      attempts: {
        /** Format: int32 */
        number: number;
        provider: string;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        startedAt: string;
        endedAt: string | null;
        /** @description null: in progress. `sent`: accepted by the provider. `transient`: not sent, will be retried. `permanent`: refused, will not be retried. `unknown`: it may have been sent; a late response can still change this */
        outcome: ('sent' | 'transient' | 'permanent' | 'unknown') | null;
        error: string | null;
        price: string | null;
        /** @description What the provider told later: null where it has told nothing, or nothing final */
        receipt: ('delivered' | 'failed') | null;
        receiptAt: string | null;
        receiptError: string | null;
      }[];
    };
    AuditEvent: {
      /** @enum {string} */
      specversion: '1.0';
      /** @description Id, `evt_…` */
      id: string;
      /** @description `com.sallyport.` followed by the name of the event */
      type: string;
      source: string;
      /** @description The panel's own ids: the account, or `account/user`. In each id, `/` is written as `%2F` and `%` as `%25`, so a slash only ever separates the two */
      subject?: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC, with microseconds
       */
      time: string;
      /** @enum {string} */
      datacontenttype: 'application/json';
      /** @description Address of the JSON Schema of `data`, from the address of the API on; none where this version does not know the type */
      dataschema?: string;
      /** @description The facts of the event. `accountId` and `userId` if it concerns an account or a user; with the scope `audit:personal`, `personal` until the user is erased, or `personalUnreadable: true` if it cannot be decrypted */
      data: {
        [key: string]: unknown;
      };
      /**
       * Format: int64
       * @description Position in the tenant's log, starting at 1
       */
      sequence: number;
      /**
       * Format: int64
       * @description Index in the log, starting at 0: `sequence` − 1
       */
      index: number;
      /** @description The event as it was hashed, a line of an export: `{"event":…,"index":…,"leafHash":…}` (docs/audit-format.md). Lines of this field in a file are what `npm run audit:verify` reads */
      sealed: string;
    };
    Checkpoint: {
      /**
       * Format: int64
       * @description Number of entries that it is about
       */
      size: number;
      /** @description Root of the Merkle tree of those entries (RFC 6962), base 64 */
      root: string;
      /** @description The signed note (C2SP tlog-checkpoint), with the cosignatures of witnesses that have come by now. Notes one after the other in a file are what `npm run audit:verify --checkpoints` reads */
      note: string;
      /** @description Names of the witnesses whose cosignatures the note has */
      witnesses: string[];
      /** @description When as many witnesses had cosigned it as the operator asks for (AUDIT_WITNESS_QUORUM). Null for one that is not witnessed, or not yet */
      witnessedAt: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      signedAt: string;
      /** @description Of the events that no checkpoint before is about */
      oldestEventAt: string | null;
      /** @description Of the events that no checkpoint before is about */
      newestEventAt: string | null;
    };
    InclusionProof: {
      /** @description Id, `evt_…` */
      eventId: string;
      /** Format: int64 */
      index: number;
      /**
       * Format: int64
       * @description Size of the checkpoint in the proof
       */
      size: number;
      /** @description A file `.tlog-proof` (C2SP): the event as it was hashed, its way to the root, and the newest checkpoint */
      proof: string;
    };
    ConsistencyProof: {
      /** Format: int64 */
      from: number;
      /** Format: int64 */
      to: number;
      /** @description Consistency proof (RFC 6962 §2.1.2), base 64 */
      hashes: string[];
    };
    ProvedEvent: {
      /** @enum {string} */
      specversion: '1.0';
      /** @description Id, `evt_…` */
      id: string;
      /** @description `com.sallyport.` followed by the name of the event */
      type: string;
      source: string;
      /** @description The panel's own ids: the account, or `account/user`. In each id, `/` is written as `%2F` and `%` as `%25`, so a slash only ever separates the two */
      subject?: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC, with microseconds
       */
      time: string;
      /** @enum {string} */
      datacontenttype: 'application/json';
      /** @description Address of the JSON Schema of `data`, from the address of the API on; none where this version does not know the type */
      dataschema?: string;
      /** @description The facts of the event. `accountId` and `userId` if it concerns an account or a user; with the scope `audit:personal`, `personal` until the user is erased, or `personalUnreadable: true` if it cannot be decrypted */
      data: {
        [key: string]: unknown;
      };
      /**
       * Format: int64
       * @description Position in the tenant's log, starting at 1
       */
      sequence: number;
      /**
       * Format: int64
       * @description Index in the log, starting at 0: `sequence` − 1
       */
      index: number;
      /** @description The event as it was hashed, a line of an export: `{"event":…,"index":…,"leafHash":…}` (docs/audit-format.md). Lines of this field in a file are what `npm run audit:verify` reads */
      sealed: string;
      /** @description A file `.tlog-proof` (C2SP): the event as it was hashed, its way to the root, and the newest checkpoint. Several of them, one after the other in a file, are what `npm run audit:verify --proof` reads. null for some seconds: no checkpoint is about the event yet */
      proof: string | null;
    };
    /** @description JSON Schema, draft 2020-12 */
    EventSchema: {
      $schema: string;
      /** @description As in `dataschema` */
      $id: string;
      /** @description The event type */
      title: string;
      description: string;
      /** @enum {string} */
      type: 'object';
      properties: {
        [key: string]: unknown;
      };
      required?: string[];
    };
    NewWebhook: {
      /** @description Id, `whk_…` */
      id: string;
      /** @description For API keys without the scope `admin`: its scheme and host only */
      url: string;
      description: string | null;
      types: string[] | null;
      accountId: string | null;
      /** @description For API keys without the scope `admin`: masked */
      contactEmail: string | null;
      contactLocale: string | null;
      /** @enum {string} */
      status: 'enabled' | 'disabled';
      /** @description `gone`: it answered 410. `failing`: it took nothing for five days */
      disabledReason: ('manual' | 'gone' | 'failing') | null;
      disabledAt: string | null;
      /** @description Since when no attempt has succeeded */
      failingSince: string | null;
      /** @description Until when the previous secret signs as well */
      previousSecretUntil: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      updatedAt: string;
      /** @description Shown only once: `whsec_…`, as libraries of Standard Webhooks take it */
      secret: string;
    };
    Webhook: {
      /** @description Id, `whk_…` */
      id: string;
      /** @description For API keys without the scope `admin`: its scheme and host only */
      url: string;
      description: string | null;
      types: string[] | null;
      accountId: string | null;
      /** @description For API keys without the scope `admin`: masked */
      contactEmail: string | null;
      contactLocale: string | null;
      /** @enum {string} */
      status: 'enabled' | 'disabled';
      /** @description `gone`: it answered 410. `failing`: it took nothing for five days */
      disabledReason: ('manual' | 'gone' | 'failing') | null;
      disabledAt: string | null;
      /** @description Since when no attempt has succeeded */
      failingSince: string | null;
      /** @description Until when the previous secret signs as well */
      previousSecretUntil: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      updatedAt: string;
    };
    WebhookDelivery: {
      /** @description Id, `whd_…` */
      id: string;
      /** @description Id, `evt_…` */
      eventId: string;
      eventType: string;
      /** @description The delivery that it repeats */
      redeliveryOf: string | null;
      /** @enum {string} */
      status: 'queued' | 'delivered' | 'failed' | 'canceled';
      nextAttemptAt: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      endedAt: string | null;
      attempts: {
        /** Format: int32 */
        number: number;
        /**
         * Format: date-time
         * @description ISO 8601, UTC
         */
        startedAt: string;
        /** @description Null while it is under way, or where its worker was lost */
        endedAt: string | null;
        httpStatus: number | null;
        error: string | null;
        durationMs: number | null;
      }[];
    };
    ComplianceReport: {
      /** @enum {string} */
      profile: 'pci-dss' | 'nis2' | 'psd2' | 'nist';
      tenantId: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      asOf: string;
      /** @enum {string} */
      status: 'met' | 'not_met' | 'attention';
      exemptions: {
        /** @enum {string} */
        kind: 'serviceUsers' | 'gracePeriod' | 'trustedBrowser' | 'override';
        accountId: string | null;
        owner: string;
        reason: string;
        until: string;
        ended: boolean;
      }[];
      controls: components['schemas']['ComplianceControl'][];
    };
    ComplianceControl: {
      id: string;
      title: string;
      /** @description Where the rules ask for it. docs/compliance says what was read */
      clause: string | null;
      /** @enum {string} */
      status: 'met' | 'not_met' | 'attention' | 'not_applicable';
      findings: components['schemas']['ComplianceFinding'][];
      evidence: {
        [key: string]: unknown;
      };
    };
    ComplianceFinding: {
      /** @description What is not kept, such as `user_without_second_factor` */
      rule: string;
      /** @description Null for the policy of the tenant, and for the log */
      accountId: string | null;
      userId: string | null;
      /** @description The value of the policy, as `section.value` */
      setting: string | null;
      detail: string;
    };
    NewApiKey: {
      /** @description Id, `key_…` */
      id: string;
      /** @description Shown only once */
      key: string;
      name: string;
      scopes: ('accounts' | 'devices' | 'challenges' | 'audit' | 'audit:personal' | 'admin')[];
      application: string | null;
      description: string | null;
      expiresAt: string | null;
    };
    ApiKey: {
      /** @description Id, `key_…` */
      id: string;
      name: string;
      scopes: ('accounts' | 'devices' | 'challenges' | 'audit' | 'audit:personal' | 'admin')[];
      application: string | null;
      description: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      /** @description When it expires */
      expiresAt: string | null;
      /** @description When it was last used, to the minute */
      lastUsedAt: string | null;
      revokedAt: string | null;
    };
    Tenant: {
      /** @description Id, `tnt_…` */
      id: string;
      name: string;
      /** @description The API key of this call */
      apiKey: {
        /** @description Id, `key_…` */
        id: string;
        name: string;
        scopes: ('accounts' | 'devices' | 'challenges' | 'audit' | 'audit:personal' | 'admin')[];
        /** @description The application that the key is bound to */
        application: string | null;
      };
    };
    Problem: {
      type: string;
      title: string;
      status: number;
      /** @enum {string} */
      code:
        | 'invalid_request'
        | 'unauthenticated'
        | 'insufficient_scope'
        | 'receipt_refused'
        | 'not_found'
        | 'http_method_not_allowed'
        | 'challenge_not_pending'
        | 'device_not_verified'
        | 'device_already_verified'
        | 'method_conflict'
        | 'recovery_codes_not_acknowledged'
        | 'last_device'
        | 'two_factor_required'
        | 'webhook_limit_reached'
        | 'webhook_disabled'
        | 'webhook_delivery_queued'
        | 'idempotency_in_progress'
        | 'challenge_expired'
        | 'enrolment_expired'
        | 'code_invalid'
        | 'code_already_used'
        | 'code_expired'
        | 'recovery_code_invalid'
        | 'phone_invalid'
        | 'country_not_allowed'
        | 'method_not_allowed'
        | 'sms_blocked'
        | 'proof_required'
        | 'proof_invalid'
        | 'idempotency_key_reused'
        | 'locked'
        | 'resend_too_soon'
        | 'sms_quota_exceeded'
        | 'send_limit_reached'
        | 'rate_limited'
        | 'unavailable';
      /** @description For the panel's developers, in English */
      detail: string;
      /** @description A message for the user, in the language of the user's or the account's locale, or else of Accept-Language */
      userMessage?: string;
      requestId: string;
      errors?: {
        pointer: string;
        detail: string;
      }[];
      /** Format: int32 */
      retryAfter?: number;
      /** Format: int32 */
      attemptsLeft?: number;
      lockedUntil?: string;
      quota?: {
        /** Format: int32 */
        limit: number;
        /** Format: int32 */
        used: number;
        resetsAt: string;
      };
      supportContact?: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  Accounts_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The panel's own id */
        accountId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Account'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Accounts_put: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name?: string | null;
          locale?: string | null;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Account'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Accounts_list: {
    parameters: {
      query?: {
        cursor?: string;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['Account'][];
            nextCursor: string | null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Users_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['User'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Users_put: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          displayName?: string | null;
          email?: string | null;
          phone?: string | null;
          locale?: string | null;
          /**
           * @description Default: `person`. It cannot be changed later
           * @enum {string}
           */
          kind?: 'person' | 'service';
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['User'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `phone_invalid`, `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Users_erase: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Users_patch: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          displayName?: string | null;
          email?: string | null;
          phone?: string | null;
          locale?: string | null;
          /**
           * @description Default: `person`. It cannot be changed later
           * @enum {string}
           */
          kind?: 'person' | 'service';
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['User'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `phone_invalid`, `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Users_list: {
    parameters: {
      query?: {
        cursor?: string;
        limit?: number;
        /** @description `enabled` or `disabled`: people who have two-factor authentication on or off. `service`: service users, who cannot have it */
        twoFactor?: 'enabled' | 'disabled' | 'service';
      };
      header?: never;
      path: {
        /** @description The panel's own id */
        accountId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['UserSummary'][];
            nextCursor: string | null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  TenantUsers_list: {
    parameters: {
      query: {
        cursor?: string;
        limit?: number;
        /** @description `enabled` or `disabled`: people who have two-factor authentication on or off. `service`: service users, who cannot have it */
        twoFactor: 'enabled' | 'disabled' | 'service';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['UserSummary'][];
            nextCursor: string | null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  TenantUsers_counts: {
    parameters: {
      query?: {
        /** @description The panel's own id */
        accountId?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['UserCounts'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Policy_getTenant: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PolicyInForce'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Policy_putTenant: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PolicyOverride'];
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PolicyInForce'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Policy_patchTenant: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PolicyPatch'];
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PolicyInForce'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Policy_getAccount: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The panel's own id */
        accountId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PolicyInForce'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Policy_putAccount: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PolicyOverride'];
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PolicyInForce'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Policy_deleteAccount: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PolicyInForce'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Policy_patchAccount: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['PolicyPatch'];
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['PolicyInForce'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Devices_list: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['Device'][];
            nextCursor: null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Devices_enroll: {
    parameters: {
      query?: never;
      header?: {
        /** @description A proof for the purpose of this call */
        'Sallyport-Proof'?: string;
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @enum {string} */
          method: 'totp' | 'sms' | 'email' | 'webauthn';
          name: string;
          /** @description SMS only. Default: the user's phone number */
          phone?: string;
          /**
           * Format: idn-email
           * @description E-mail only. Default: the user's e-mail address
           */
          email?: string;
          /** @description The only applications whose challenges it can answer. Default: all, or those of the device that approved the proof */
          applications?: string[];
          /** @description A verified device that is removed when the new one is verified */
          replaces?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      201: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EnrolledDevice'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `method_conflict`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `method_not_allowed`, `phone_invalid`, `country_not_allowed`, `proof_required`, `proof_invalid`, `sms_blocked`, `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `sms_quota_exceeded`, `send_limit_reached`, `rate_limited` */
      429: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description Seconds to wait (RFC 9110 §10.2.3) */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Devices_importSeed: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name: string;
          /** @description The seed in base 32: at least 128 bits (26 characters), or 80 bits (16 characters) if `totp.allowShortImport` is on. It is never shown again */
          secret: string;
          /**
           * @description Default: `sha1`
           * @enum {string}
           */
          algorithm?: 'sha1' | 'sha256' | 'sha512';
          /**
           * @description Default: 6
           * @enum {number}
           */
          digits?: 6 | 8;
          /** @description Seconds. Default: 30 */
          period?: number;
        };
      };
    };
    responses: {
      /** @description Done */
      201: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ImportedDevice'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `device_already_verified`, `method_conflict`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `method_not_allowed`, `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Devices_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id, `dev_…` */
        deviceId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Device'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Devices_remove: {
    parameters: {
      query?: never;
      header?: {
        /** @description A proof for the purpose of this call */
        'Sallyport-Proof'?: string;
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `dev_…` */
        deviceId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `last_device`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `proof_required`, `proof_invalid`, `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Devices_change: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `dev_…` */
        deviceId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name?: string;
          /**
           * @description Makes this the default device, which is offered first at login
           * @enum {boolean}
           */
          isDefault?: true;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Device'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `device_not_verified`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Devices_restoreQuota: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `dev_…` */
        deviceId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `method_not_allowed`, `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Devices_changePhone: {
    parameters: {
      query?: never;
      header?: {
        /** @description A proof for the purpose of this call */
        'Sallyport-Proof'?: string;
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `dev_…` */
        deviceId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description With the country code, or as dialled in the country of `phone.defaultCountry` in the policy */
          phone: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DeviceWithNewPhone'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `device_not_verified`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `method_not_allowed`, `phone_invalid`, `country_not_allowed`, `proof_required`, `proof_invalid`, `sms_blocked`, `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `locked`, `sms_quota_exceeded` */
      429: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description Seconds to wait (RFC 9110 §10.2.3) */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Devices_resend: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `dev_…` */
        deviceId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      202: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SentCode'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `device_already_verified`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `enrolment_expired` */
      410: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `method_not_allowed`, `sms_blocked`, `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `locked`, `resend_too_soon`, `send_limit_reached`, `sms_quota_exceeded`, `rate_limited` */
      429: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description Seconds to wait (RFC 9110 §10.2.3) */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Devices_verify: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `dev_…` */
        deviceId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Six digits, or eight for an imported seed with eight. Anything else is refused without using up an attempt */
          code?: string;
          webauthn?: components['schemas']['PasskeyRegistration'];
          /** @description The challenge of an `enroll` decision, which this verification approves */
          challengeId?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['VerifiedDevice'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `device_already_verified`, `method_conflict`, `recovery_codes_not_acknowledged`, `challenge_not_pending`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `enrolment_expired`, `challenge_expired` */
      410: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `method_not_allowed`, `code_invalid`, `code_already_used`, `code_expired`, `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `locked` */
      429: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description Seconds to wait (RFC 9110 §10.2.3) */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  TwoFactor_switch: {
    parameters: {
      query?: never;
      header?: {
        /** @description A proof for the purpose of this call */
        'Sallyport-Proof'?: string;
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          enabled: boolean;
          /** @description The administrator who did it. Stored encrypted in the audit log */
          actor?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TwoFactor'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `device_not_verified`, `two_factor_required`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `method_not_allowed`, `proof_required`, `proof_invalid`, `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  TwoFactor_reset: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description The reason. Stored encrypted in the audit log */
          reason: string;
          /** @description The administrator who did it. Stored encrypted in the audit log */
          actor?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['TwoFactor'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  TrustedBrowsers_list: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['TrustedBrowser'][];
            nextCursor: null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  TrustedBrowsers_revokeAll: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  TrustedBrowsers_revoke: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
        /** @description Id, `tbr_…` */
        trustedBrowserId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  RecoveryCodes_show: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RecoveryCodes'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  RecoveryCodes_replace: {
    parameters: {
      query?: never;
      header?: {
        /** @description A proof for the purpose of this call */
        'Sallyport-Proof'?: string;
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      201: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NewRecoveryCodes'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `proof_required`, `proof_invalid`, `method_not_allowed`, `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  RecoveryCodes_acknowledge: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['RecoveryCodes'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Challenges_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description The panel's own id */
          accountId: string;
          /** @description The panel's own id */
          userId: string;
          /**
           * @default login
           * @enum {string}
           */
          purpose?:
            | 'login'
            | 'api_login'
            | 'add_device'
            | 'remove_device'
            | 'change_phone'
            | 'disable'
            | 'regenerate_recovery_codes'
            | 'transaction';
          /** @description The application that asks. An API key that is bound to an application takes precedence */
          application?: string;
          /** @description The only device that can answer, apart from recovery codes. Its code is sent immediately */
          deviceId?: string;
          /** @description Token of a browser that an earlier login trusted. An expired or unknown token is ignored */
          trustedBrowser?: string;
          /** @description Where the login comes from, for the audit log. `ip` is used to tell a stranger's guesses from the user's own mistakes. Invalid values are ignored */
          context?: {
            ip?: string | null;
            userAgent?: string | null;
          } | null;
          /** @description What is paid, and to whom, for the purpose `transaction`. It is shown in the SMS or e-mail and is part of the proof */
          transaction?: components['schemas']['Transaction'];
          /** @description What the user confirms. It is shown in full in the SMS and is part of the proof. Refused if it does not fit into a text message */
          detail?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      201: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Decision'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate_limited` */
      429: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description Seconds to wait (RFC 9110 §10.2.3) */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Challenges_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id, `chl_…` */
        challengeId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Challenge'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Challenges_cancel: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `chl_…` */
        challengeId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Challenge'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `challenge_not_pending`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `challenge_expired` */
      410: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Challenges_sendCode: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `chl_…` */
        challengeId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Id, `dev_…` */
          deviceId: string;
        };
      };
    };
    responses: {
      /** @description Done */
      202: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['SentCode'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `challenge_not_pending`, `device_not_verified`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `challenge_expired` */
      410: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `method_not_allowed`, `sms_blocked`, `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `locked`, `resend_too_soon`, `send_limit_reached`, `sms_quota_exceeded` */
      429: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description Seconds to wait (RFC 9110 §10.2.3) */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Challenges_verify: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `chl_…` */
        challengeId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description Six digits, or eight for an imported seed with eight. Anything else is refused without using up an attempt */
          code?: string;
          /** @description Can be left out if the user has only one usable device, or answers with a passkey */
          deviceId?: string;
          recoveryCode?: string;
          /** @description Trust this browser. Only for a login approved by a device, if the policy allows it */
          rememberBrowser?: boolean;
          webauthn?: components['schemas']['PasskeyAssertion'];
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Approval'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `challenge_not_pending`, `device_not_verified`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `challenge_expired` */
      410: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `method_not_allowed`, `code_invalid`, `code_already_used`, `code_expired`, `recovery_code_invalid`, `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `locked` */
      429: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description Seconds to wait (RFC 9110 §10.2.3) */
          'Retry-After': number;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Lockouts_list: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['Lockout'][];
            nextCursor: null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Lockouts_lift: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  SendBlocks_list: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['SendBlock'][];
            nextCursor: null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  SendBlocks_lift: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `sbl_…` */
        blockId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Deliveries_summarize: {
    parameters: {
      query?: {
        /** @description Default: a day before `to` */
        from?: string;
        /** @description Default: now */
        to?: string;
        /** @description Some of `channel`, `route`, `country`, `prefix`, with commas between */
        groupBy?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['DeliverySummary'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Deliveries_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id, `dlv_…` */
        deliveryId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Delivery'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Deliveries_list: {
    parameters: {
      query?: {
        cursor?: string;
        limit?: number;
        /** @description The panel's own id */
        accountId?: string;
        /** @description The panel's own id */
        userId?: string;
        /** @description Id, `dev_…` */
        deviceId?: string;
        /** @description Id, `chl_…` */
        challengeId?: string;
        status?: 'queued' | 'sending' | 'sent' | 'delivered' | 'failed' | 'expired';
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['Delivery'][];
            nextCursor: string | null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Receipts_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description `vonage`, `twilio`, or `http` for a sender of your own */
        provider: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            received: true;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `receipt_refused` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Receipts_post: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description `vonage`, `twilio`, or `http` for a sender of your own */
        provider: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {boolean} */
            received: true;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `receipt_refused` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Audit_list: {
    parameters: {
      query?: {
        /** @description Start after this event: `nextCursor` of the page before, or the id of an event */
        cursor?: string;
        /** @description Alias of `cursor` */
        after?: string;
        /** @description The order of the events */
        order?: 'oldest' | 'newest';
        limit?: number;
        /** @description Event types, with or without `com.sallyport.`, or a prefix such as `challenge.*`. Repeat the parameter for several types */
        type?: string | string[];
        /** @description The panel's own id */
        accountId?: string;
        /** @description The panel's own id */
        userId?: string;
        /** @description Events about this device: those whose `data.deviceId` it is */
        deviceId?: string;
        /** @description Events about this challenge */
        challengeId?: string;
        /** @description Events of this call of the API, and of the work that it started: `x-request-id` of its answer */
        requestId?: string;
        from?: string;
        to?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['AuditEvent'][];
            nextCursor: string | null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Audit_checkpoints: {
    parameters: {
      query?: {
        cursor?: string;
        /** @description The order of the checkpoints */
        order?: 'oldest' | 'newest';
        /** @description Only those that are witnessed */
        witnessed?: 'true';
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['Checkpoint'][];
            nextCursor: string | null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Audit_inclusion: {
    parameters: {
      query: {
        /** @description Id, `evt_…` */
        eventId: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['InclusionProof'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Audit_consistency: {
    parameters: {
      query: {
        from: number;
        to: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['ConsistencyProof'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  AuditStream_stream: {
    parameters: {
      query?: {
        /** @description Start after this event. The header `Last-Event-ID` has precedence */
        cursor?: string;
        /** @description Event types, with or without `com.sallyport.`, or a prefix such as `challenge.*`. Repeat the parameter for several types */
        type?: string | string[];
        /** @description The panel's own id */
        accountId?: string;
        /** @description The panel's own id */
        userId?: string;
        /** @description Events about this device: those whose `data.deviceId` it is */
        deviceId?: string;
        /** @description Events about this challenge */
        challengeId?: string;
        /** @description Events of this call of the API, and of the work that it started: `x-request-id` of its answer */
        requestId?: string;
      };
      header?: {
        /** @description Continue after this event */
        'Last-Event-ID'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'text/event-stream': string;
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  AuditExport_export: {
    parameters: {
      query?: {
        format?: 'ndjson' | 'cloudevents' | 'csv' | 'cef' | 'ocsf';
        /** @description Start after this event */
        cursor?: string;
        /** @description Event types, with or without `com.sallyport.`, or a prefix such as `challenge.*`. Repeat the parameter for several types */
        type?: string | string[];
        /** @description The panel's own id */
        accountId?: string;
        /** @description The panel's own id */
        userId?: string;
        /** @description Events about this device: those whose `data.deviceId` it is */
        deviceId?: string;
        /** @description Events about this challenge */
        challengeId?: string;
        /** @description Events of this call of the API, and of the work that it started: `x-request-id` of its answer */
        requestId?: string;
        from?: string;
        to?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/x-ndjson': string;
          'text/csv': string;
          'text/plain': string;
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  AuditKeys_keys: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id, `tnt_…` */
        tenantId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description vkeys (C2SP signed-note), the oldest first. One a line they are what `npm run audit:verify --keys` reads */
            keys: string[];
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  UserProofs_list: {
    parameters: {
      query?: {
        /** @description Start after this event: `nextCursor` of the page before */
        cursor?: string;
        /** @description The order of the events */
        order?: 'oldest' | 'newest';
        limit?: number;
      };
      header?: never;
      path: {
        /** @description The panel's own id */
        accountId: string;
        /** @description The panel's own id */
        userId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['ProvedEvent'][];
            nextCursor: string | null;
            /** @description The newest one of the log: all proofs of the page are by it */
            checkpoint: components['schemas']['Checkpoint'] | null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  EventSchemas_schema: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        type: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['EventSchema'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Webhooks_list: {
    parameters: {
      query?: {
        cursor?: string;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['Webhook'][];
            nextCursor: string | null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Webhooks_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description https, without credentials; the address must be public */
          url: string;
          description?: string | null;
          types?: string[] | null;
          /** @description Events of this account only. Null: of the whole tenant */
          accountId?: string | null;
          /** @description Who is told by mail when the webhook is disabled, other than by a call. Null: nobody */
          contactEmail?: string | null;
          /** @description Language of those mails. Null: English */
          contactLocale?: string | null;
        };
      };
    };
    responses: {
      /** @description Done */
      201: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NewWebhook'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `webhook_limit_reached`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Webhooks_get: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** @description Id, `whk_…` */
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Webhook'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Webhooks_delete: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `whk_…` */
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Webhooks_change: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `whk_…` */
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /** @description https, without credentials; the address must be public */
          url?: string;
          description?: string | null;
          types?: string[] | null;
          /** @description Events of this account only. Null: of the whole tenant */
          accountId?: string | null;
          /** @description Who is told by mail when the webhook is disabled, other than by a call. Null: nobody */
          contactEmail?: string | null;
          /** @description Language of those mails. Null: English */
          contactLocale?: string | null;
          /**
           * @description What is on its way to an endpoint that is disabled is canceled
           * @enum {string}
           */
          status?: 'enabled' | 'disabled';
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Webhook'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Webhooks_rotate: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `whk_…` */
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * @description How long the old secret signs beside the new one
           * @default 24
           */
          overlapHours?: number;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NewWebhook'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Webhooks_test: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `whk_…` */
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      202: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Id, `evt_…` */
            eventId: string;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `webhook_disabled`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  WebhookDeliveries_list: {
    parameters: {
      query?: {
        cursor?: string;
        limit?: number;
        status?: 'queued' | 'delivered' | 'failed' | 'canceled';
      };
      header?: never;
      path: {
        /** @description Id, `whk_…` */
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['WebhookDelivery'][];
            nextCursor: string | null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  WebhookDeliveries_redeliver: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `whk_…` */
        webhookId: string;
        /** @description Id, `whd_…` */
        deliveryId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      202: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @description Id, `whd_…` */
            deliveryId: string;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `webhook_disabled`, `webhook_delivery_queued`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  WebhookDeliveries_redeliverMany: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `whk_…` */
        webhookId: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          /**
           * Format: date-time
           * @description The beginning of the time in which the deliveries were made
           */
          from: string;
          /**
           * Format: date-time
           * @description The end of it. Default: now
           */
          to?: string;
          /**
           * @description Only what has not arrived: deliveries that failed or were canceled
           * @enum {string}
           */
          status?: 'failed';
        };
      };
    };
    responses: {
      /** @description Done */
      202: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /**
             * Format: int32
             * @description How many deliveries were made, 1000 at most
             */
            deliveries: number;
            /** @description Call again with this as `from`; null where nothing is left */
            continueFrom: string | null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `webhook_disabled`, `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Compliance_report: {
    parameters: {
      query: {
        profile: 'pci-dss' | 'nis2' | 'psd2' | 'nist';
        /** @description The time by which grace periods and exemptions have ended, and to which events are counted. Without it: the newest checkpoint of the log, or the last full hour, whichever is later */
        asOf?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            report: components['schemas']['ComplianceReport'];
            /** @description The report, in canonical JSON (RFC 8785), signed: a compact JWS by a key of `/.well-known/jwks.json`, of the type `compliance-report+jws` */
            jws: string;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ApiKeys_list: {
    parameters: {
      query?: {
        cursor?: string;
        limit?: number;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            data: components['schemas']['ApiKey'][];
            nextCursor: string | null;
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ApiKeys_create: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name: string;
          scopes: ('accounts' | 'devices' | 'challenges' | 'audit' | 'audit:personal' | 'admin')[];
          /** @description The application that the key is bound to, in every call */
          application?: string;
          /** @description What it is for */
          description?: string | null;
          /** @description When the key expires. Default: never, or when the API key that creates it expires */
          expiresAt?: string | null;
        };
      };
    };
    responses: {
      /** @description Done */
      201: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['NewApiKey'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ApiKeys_revoke: {
    parameters: {
      query?: never;
      header?: {
        /** @description Makes a retry safe: the same key and body get the same response */
        'Idempotency-Key'?: string;
        /** @description Who made this call, as an id of the panel; recorded in its events */
        'Sallyport-Actor'?: string;
      };
      path: {
        /** @description Id, `key_…` */
        apiKeyId: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      204: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_in_progress` */
      409: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `idempotency_key_reused` */
      422: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `true` if this is the stored response of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Tenant_show: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Tenant'];
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unauthenticated` */
      401: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          /** @description `Bearer` */
          'WWW-Authenticate': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `insufficient_scope` */
      403: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not_found` */
      404: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Health_healthz: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            status: 'ok';
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  Health_readyz: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            status: 'ready' | 'not_ready';
            checks: {
              /** @description PostgreSQL responds and accepts writes */
              database: boolean;
              /** @description The queue accepts jobs, and the relay publishes to the same queue */
              queue?: boolean;
              clock: boolean;
              /** @description The keys match the database */
              keys?: boolean;
              /** @description There is enough disk space */
              disk?: boolean;
              /** @description Jobs move from the outbox to the queue in time */
              publishing?: boolean;
              /** @description Events are sealed into the audit log in time */
              sealing?: boolean;
              /** @description Every audit log is signed */
              signing?: boolean;
              /** @description Every witness cosigns the checkpoints of every audit log */
              witnessing?: boolean;
              /** @description Every collector of AUDIT_COLLECTORS takes events */
              pushing?: boolean;
            };
            /** @description What is wrong, and how to fix it */
            reasons?: string[];
            /** @description What an operator has to look at. Everything else continues */
            setAside?: {
              /**
               * Format: int32
               * @description Events that could not be sealed into the audit log
               */
              events?: number;
              /**
               * Format: int32
               * @description Jobs that failed on every attempt
               */
              jobs?: number;
            };
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /**
       * @description Not ready
       *
       *     `unavailable`
       */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            status: 'ready' | 'not_ready';
            checks: {
              /** @description PostgreSQL responds and accepts writes */
              database: boolean;
              /** @description The queue accepts jobs, and the relay publishes to the same queue */
              queue?: boolean;
              clock: boolean;
              /** @description The keys match the database */
              keys?: boolean;
              /** @description There is enough disk space */
              disk?: boolean;
              /** @description Jobs move from the outbox to the queue in time */
              publishing?: boolean;
              /** @description Events are sealed into the audit log in time */
              sealing?: boolean;
              /** @description Every audit log is signed */
              signing?: boolean;
              /** @description Every witness cosigns the checkpoints of every audit log */
              witnessing?: boolean;
              /** @description Every collector of AUDIT_COLLECTORS takes events */
              pushing?: boolean;
            };
            /** @description What is wrong, and how to fix it */
            reasons?: string[];
            /** @description What an operator has to look at. Everything else continues */
            setAside?: {
              /**
               * Format: int32
               * @description Events that could not be sealed into the audit log
               */
              events?: number;
              /**
               * Format: int32
               * @description Jobs that failed on every attempt
               */
              jobs?: number;
            };
          };
        };
      };
    };
  };
  Health_jwks: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            keys: {
              [key: string]: unknown;
            }[];
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `unavailable` */
      503: {
        headers: {
          /** @description Id of this call, also in logs and events */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
}
