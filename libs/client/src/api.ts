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
     * Show an account
     * @description Scope: `accounts`
     */
    get: operations['Accounts_get'];
    /**
     * Create or change an account
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
     * Show a user
     * @description Scope: `accounts`
     */
    get: operations['Users_get'];
    /**
     * Create or change a user
     * @description Merges: what it leaves out stays as it is, null clears it.
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
     * Change a user
     * @description As `PUT`, but creates none.
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
     * @description Scope: `accounts`
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
  '/v1/policy': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show the tenant's policy
     * @description Scope: `accounts`
     */
    get: operations['Policy_getTenant'];
    /**
     * Replace the tenant's policy
     * @description What it leaves out has its default again. `PATCH` merges instead.
     *
     *     Scope: `admin`
     */
    put: operations['Policy_putTenant'];
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    /**
     * Change values of the tenant's policy
     * @description Merges: what it leaves out stays. `PUT` replaces instead.
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
     * Show an account's policy
     * @description Scope: `accounts`
     */
    get: operations['Policy_getAccount'];
    /**
     * Replace an account's override
     * @description What it leaves out is inherited again. `PATCH` merges instead.
     *
     *     Scope: `admin`
     */
    put: operations['Policy_putAccount'];
    post?: never;
    /**
     * Drop an account's override
     * @description Scope: `admin`
     */
    delete: operations['Policy_deleteAccount'];
    options?: never;
    head?: never;
    /**
     * Change values of an account's override
     * @description Merges: what it leaves out stays. `PUT` replaces instead.
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
     * Add a device; it counts once a code has proved it
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
     * Bring in the seed of an authenticator app from another system, verified
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
     * Show a device
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
     * Rename a device, or offer it first
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
     * Give a device the day's SMS back
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
     * Change the number of a phone; the old one serves until a code proves the new one
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
     * Send the verification code again
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
     * Prove a device by its code, or a passkey by its registration
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
     * Switch two-factor authentication off, or on again with the devices that were kept
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
     * Take all second factors from a user who has lost them
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
     * List a user's trusted browsers, the latest first
     * @description Scope: `devices`
     */
    get: operations['TrustedBrowsers_list'];
    put?: never;
    post?: never;
    /**
     * Trust no browser of a user any more
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
     * Trust a browser no more
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
     * Show how many are left
     * @description Scope: `devices`
     */
    get: operations['RecoveryCodes_show'];
    put?: never;
    /**
     * Make a new set; the old one dies
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
     * "I have saved them"
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
     * Decide before login, and open a challenge where one is due
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
     * Show a challenge and its deliveries
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
     * Give a challenge up
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
     * Send the code to a device, or send it again
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
     * Show a user's lockouts, the latest first
     * @description Scope: `accounts`
     */
    get: operations['Lockouts_list'];
    put?: never;
    post?: never;
    /**
     * Lift a user's locks
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
     * List what the pumping guard blocks now, the latest first
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
     * Lift a block until it would end by itself
     * @description Scope: `admin`
     */
    delete: operations['SendBlocks_lift'];
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
     * Show a delivery and its attempts
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
     * List deliveries, the latest first
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
  '/v1/audit/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Read the sealed events
     * @description An empty page repeats its place: ask again with it for what comes later.
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
     * Make an API key
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
     * Show whose API key this is
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
     * Whether the process lives
     * @description It needs no API key.
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
     * Whether it can work: database, queue, clock
     * @description It needs no API key.
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
     * Public keys of the proofs
     * @description It needs no API key.
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
       * @description Name and addresses are damaged, or sealed under a key that is not there; write them anew
       * @enum {boolean}
       */
      profileUnreadable?: true;
      devices: components['schemas']['Device'][];
      /** Format: int32 */
      recoveryCodesLeft: number;
      /** @description Those that still last */
      lockouts: components['schemas']['Lockout'][];
      /** @description In force for this user */
      policy: components['schemas']['Policy'];
      /** @description What the user had better do; never a reason to refuse */
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
      /** @description Whether the policy in force lets it answer challenges */
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
      /** @description Until when an unverified device can be verified */
      enrolmentExpiresAt: string | null;
      /** @description The only applications whose challenges it may answer; null is all */
      applications: string[] | null;
      /** @description Passkeys only: whether it is synced, so that it survives the loss of one device */
      backedUp?: boolean;
      /** @description SMS of this device today */
      quota?: components['schemas']['Quota'];
      /** @description SMS: whether the user's own phone number is another one */
      phoneDiffers?: boolean;
      /** @description The number that takes over once a code sent to it is entered */
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
       * @description Wrong codes in a row that led to it
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
       * @description Name and addresses are damaged, or sealed under a key that is not there; write them anew
       * @enum {boolean}
       */
      profileUnreadable?: true;
    };
    PolicyInForce: {
      /** @description The policy in force */
      effective: components['schemas']['Policy'];
      /** @description Who set each value */
      sources: {
        [key: string]: 'default' | 'tenant' | 'account';
      };
      override: components['schemas']['OwnPolicy'];
    };
    /** @description What this level sets of its own */
    OwnPolicy: {
      /**
       * @description Its values are taken where this override has none
       * @enum {string}
       */
      preset?: 'service-panel' | 'user-card' | 'admin-panel' | 'control-panel' | 'customer-administration' | 'nist';
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
    };
    PolicyOverride: {
      /**
       * @description Its values are taken where this override has none
       * @enum {string}
       */
      preset?: 'service-panel' | 'user-card' | 'admin-panel' | 'control-panel' | 'customer-administration' | 'nist';
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
    };
    /** @description What it leaves out stays. Null is a value where a value may be null (`graceUntil`, `host`, `spendPerDay`, `supportContact`); any other value, or a whole section, is inherited again by null. */
    PolicyPatch: {
      /**
       * @description Its values are laid over the override, those beside it over them
       * @enum {string}
       */
      preset?: 'service-panel' | 'user-card' | 'admin-panel' | 'control-panel' | 'customer-administration' | 'nist';
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
      /** @description Whether the policy in force lets it answer challenges */
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
      /** @description Until when an unverified device can be verified */
      enrolmentExpiresAt: string | null;
      /** @description The only applications whose challenges it may answer; null is all */
      applications: string[] | null;
      /** @description Passkeys only: whether it is synced, so that it survives the loss of one device */
      backedUp?: boolean;
      /** @description SMS of this device today */
      quota?: components['schemas']['Quota'];
      /** @description SMS: whether the user's own phone number is another one */
      phoneDiffers?: boolean;
      /** @description The number that takes over once a code sent to it is entered */
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
      /** @description Shown this once */
      totp?: {
        /** @description Base 32, to be typed where no camera is at hand */
        secret: string;
        /** @description otpauth:// address */
        uri: string;
        /** @description The same as an SVG data URI */
        qrCode: string;
      };
      webauthn?: components['schemas']['PasskeyCreationOptions'];
      /** @description The first code, on its way */
      send?: components['schemas']['SentCode'];
      /** @description Shown this once: where they are to be saved before the first device counts, or it counts at once */
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
       * @description Seconds until another code may be asked for
       */
      resendAfter: number;
      /**
       * Format: date-time
       * @description When the code dies
       */
      expiresAt: string;
      /** @description SMS of this device today */
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
      /** @description Whether the policy in force lets it answer challenges */
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
      /** @description Until when an unverified device can be verified */
      enrolmentExpiresAt: string | null;
      /** @description The only applications whose challenges it may answer; null is all */
      applications: string[] | null;
      /** @description Passkeys only: whether it is synced, so that it survives the loss of one device */
      backedUp?: boolean;
      /** @description SMS of this device today */
      quota?: components['schemas']['Quota'];
      /** @description SMS: whether the user's own phone number is another one */
      phoneDiffers?: boolean;
      /** @description The number that takes over once a code sent to it is entered */
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
      /** @description What the user had better do; never a reason to refuse */
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
      /** @description Whether the policy in force lets it answer challenges */
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
      /** @description Until when an unverified device can be verified */
      enrolmentExpiresAt: string | null;
      /** @description The only applications whose challenges it may answer; null is all */
      applications: string[] | null;
      /** @description Passkeys only: whether it is synced, so that it survives the loss of one device */
      backedUp?: boolean;
      /** @description SMS of this device today */
      quota?: components['schemas']['Quota'];
      /** @description SMS: whether the user's own phone number is another one */
      phoneDiffers?: boolean;
      /** @description The number that takes over once a code sent to it is entered */
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
      /** @description The code, on its way to the new number */
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
      /** @description Whether the policy in force lets it answer challenges */
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
      /** @description Until when an unverified device can be verified */
      enrolmentExpiresAt: string | null;
      /** @description The only applications whose challenges it may answer; null is all */
      applications: string[] | null;
      /** @description Passkeys only: whether it is synced, so that it survives the loss of one device */
      backedUp?: boolean;
      /** @description SMS of this device today */
      quota?: components['schemas']['Quota'];
      /** @description SMS: whether the user's own phone number is another one */
      phoneDiffers?: boolean;
      /** @description The number that takes over once a code sent to it is entered */
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
      /** @description Shown this once, with the first device */
      recoveryCodes?: string[];
      /** @description Of the challenge that it approved */
      proof?: string;
      /** @description What the user had better do; never a reason to refuse */
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
      /** @description The device that approved it */
      deviceId: string;
      /** @description As the panel gave it when the login began */
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
      /** @description Shown this once */
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
    Decision:
      | components['schemas']['ChallengeDecision']
      | components['schemas']['AllowDecision']
      | components['schemas']['EnrollDecision']
      | components['schemas']['DenyDecision'];
    /** @description A second factor is due */
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
       * @description There where `rememberBrowser` is heeded: for how many days
       */
      trustedBrowserDays?: number;
      /** @description There with a usable passkey */
      webauthn?: components['schemas']['PasskeyRequestOptions'];
      /** @description The code that was sent at once, or why not */
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
      /** @description Until when this device refuses checks */
      lockedUntil: string | null;
      /** @description Whether the policy in force lets it answer; show it, but do not offer it */
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
      /** @description The device that it is about */
      deviceId: string;
      /** @description Id, `dlv_…` */
      deliveryId: string;
      /**
       * Format: int32
       * @description Seconds until another code may be asked for
       */
      resendAfter: number;
      /**
       * Format: date-time
       * @description When the code dies
       */
      expiresAt: string;
      /** @description SMS of this device today */
      quota?: components['schemas']['Quota'];
    };
    RefusedCode: {
      /** @description The device that it is about */
      deviceId: string;
      /**
       * @description Why no code was sent
       * @enum {string}
       */
      code:
        | 'invalid_request'
        | 'unauthenticated'
        | 'insufficient_scope'
        | 'not_found'
        | 'http_method_not_allowed'
        | 'challenge_not_pending'
        | 'device_not_verified'
        | 'device_already_verified'
        | 'method_conflict'
        | 'recovery_codes_not_acknowledged'
        | 'last_device'
        | 'two_factor_required'
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
      /** @description The same for the user, in the user's language */
      userMessage?: string;
      /** Format: int32 */
      retryAfter?: number;
    };
    /** @description No second factor is due: let the user in */
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
       * @description There with `grace_period`
       */
      graceUntil?: string;
    };
    /** @description The user has to enrol a device first */
    EnrollDecision: {
      /**
       * @description discriminator enum property added by openapi-typescript
       * @enum {string}
       */
      decision: 'enroll';
      /** @enum {string} */
      reason: 'required_by_policy';
      /** @description A verified enrolment approves it */
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
      /** @description The same for the user, in the user's language */
      userMessage: string;
      /**
       * Format: date-time
       * @description There with `locked`
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
      /** @description Approved, and what approved it still counts. False once its device was removed, replaced or disabled, got another number or is of a method that is no longer allowed, once its recovery codes were replaced, and after a reset: end the session that it opened then */
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
      /** @description JWT (EdDSA), five minutes; keys at /.well-known/jwks.json */
      proof: string;
      /** Format: int32 */
      recoveryCodesLeft?: number;
      /** @description For a cookie of this browser; sent with its next login. Shown this once */
      trustedBrowser?: string;
      /** @description What the user had better do; never a reason to refuse */
      advice: components['schemas']['Advice'][];
    };
    SendBlock: {
      /** @description Id, `sbl_…` */
      id: string;
      /** @enum {string} */
      rule: 'number_kind' | 'per_user' | 'per_prefix' | 'per_account' | 'approved_ratio' | 'per_tenant' | 'spend';
      /** @description What the rule counts: the panel's own id of an account, or of account and user; the first digits of phone numbers; a mail domain. Null for the tenant */
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
       * @description Codes that were not sent
       */
      refused: number;
      liftedAt: string | null;
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
       * @description `queued`: not sent yet. `sending`: under way, or tried without an answer, so that it may have arrived. `sent`: the provider has it. `delivered`: the provider says that it arrived. `failed`: certainly not sent. `expired`: the end of its life came first
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
        /** @description null: under way. `sent`: the provider has it. `transient`: not sent, to be tried again. `permanent`: refused for good. `unknown`: nobody can tell whether it was sent; a late answer may still settle it */
        outcome: ('sent' | 'transient' | 'permanent' | 'unknown') | null;
        error: string | null;
        price: string | null;
      }[];
    };
    AuditEvent: {
      /** @enum {string} */
      specversion: '1.0';
      /** @description Id, `evt_…` */
      id: string;
      /** @description `com.sallyport.` and the name */
      type: string;
      source: string;
      /** @description The panel's own ids: the account, or `account/user`. In each, `/` is written as `%2F` and `%` as `%25`, so that the one slash there is stands between the two */
      subject?: string;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      time: string;
      /** @enum {string} */
      datacontenttype: 'application/json';
      /** @description Facts; `accountId` and `userId` where it is about some; `personal` while the user has not been erased, or `personalUnreadable: true` where it or the key of its user is damaged */
      data: {
        [key: string]: unknown;
      };
      /**
       * Format: int64
       * @description Place in the tenant's hash chain, from 1
       */
      sequence: number;
      /** @description Hash of the chain up to here, base 64 */
      chainhash: string;
    };
    NewApiKey: {
      /** @description Id, `key_…` */
      id: string;
      /** @description Shown this once */
      key: string;
      name: string;
      scopes: ('accounts' | 'devices' | 'challenges' | 'audit' | 'admin')[];
      application: string | null;
      description: string | null;
      expiresAt: string | null;
    };
    ApiKey: {
      /** @description Id, `key_…` */
      id: string;
      name: string;
      scopes: ('accounts' | 'devices' | 'challenges' | 'audit' | 'admin')[];
      application: string | null;
      description: string | null;
      /**
       * Format: date-time
       * @description ISO 8601, UTC
       */
      createdAt: string;
      /** @description From then on it is refused */
      expiresAt: string | null;
      /** @description To the minute */
      lastUsedAt: string | null;
      revokedAt: string | null;
    };
    Tenant: {
      /** @description Id, `tnt_…` */
      id: string;
      name: string;
      /** @description The key of this call */
      apiKey: {
        /** @description Id, `key_…` */
        id: string;
        name: string;
        scopes: ('accounts' | 'devices' | 'challenges' | 'audit' | 'admin')[];
        /** @description Front door that the key is bound to */
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
        | 'not_found'
        | 'http_method_not_allowed'
        | 'challenge_not_pending'
        | 'device_not_verified'
        | 'device_already_verified'
        | 'method_conflict'
        | 'recovery_codes_not_acknowledged'
        | 'last_device'
        | 'two_factor_required'
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
      /** @description For the user, in the language of the user's or the account's locale, else Accept-Language */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
           * @description `person` where left out; it never changes
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
           * @description `person` where left out; it never changes
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description Proof with the right purpose */
        'Sallyport-Proof'?: string;
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description SMS only; the user's own where left out */
          phone?: string;
          /**
           * Format: idn-email
           * @description E-mail only; the user's own where left out
           */
          email?: string;
          /** @description The only applications whose challenges it may answer; all where left out, or those of the device that gave the proof */
          applications?: string[];
          /** @description Verified device that goes once the new one is verified */
          replaces?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      201: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description The seed in base 32: 128 bits (26 characters) or more, or 80 (16) where `totp.allowShortImport` is on; no call ever shows it again */
          secret: string;
          /**
           * @description `sha1` where left out
           * @enum {string}
           */
          algorithm?: 'sha1' | 'sha256' | 'sha512';
          /**
           * @description 6 where left out
           * @enum {number}
           */
          digits?: 6 | 8;
          /** @description Seconds; 30 where left out */
          period?: number;
        };
      };
    };
    responses: {
      /** @description Done */
      201: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description Proof with the right purpose */
        'Sallyport-Proof'?: string;
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
           * @description Offered first at login; the former default steps back
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description Proof with the right purpose */
        'Sallyport-Proof'?: string;
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description With its country code, or as it is dialled in `phone.defaultCountry` of the policy */
          phone: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Six digits, or eight where an imported seed has so many; nothing is charged for anything else */
          code?: string;
          webauthn?: components['schemas']['PasskeyRegistration'];
          /** @description Challenge of an `enroll` decision, approved by this enrolment */
          challengeId?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description Proof with the right purpose */
        'Sallyport-Proof'?: string;
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description The administrator who does it, for the audit trail; sealed there */
          actor?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Why, for the audit trail; sealed there */
          reason: string;
          /** @description The administrator who does it, for the audit trail; sealed there */
          actor?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description Proof with the right purpose */
        'Sallyport-Proof'?: string;
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description The front door that asks; a key that names its own decides */
          application?: string;
          /** @description The one device that may answer, besides recovery codes; its code is sent at once */
          deviceId?: string;
          /** @description Token of a browser that an earlier login made trusted; one that counts no more is passed over */
          trustedBrowser?: string;
          /** @description Where the login comes from, for the audit trail; by `ip`, guesses of strangers are told from the mistakes of the owner. What can not be read is left out */
          context?: {
            ip?: string | null;
            userAgent?: string | null;
          } | null;
          /** @description What a transaction does: shown in the SMS, whole or not at all, and bound into the proof. Refused where a text message has no room for it */
          detail?: string;
        };
      };
    };
    responses: {
      /** @description Done */
      201: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Six digits, or eight where an imported seed has so many; nothing is charged for anything else */
          code?: string;
          /** @description May be left out with only one usable device, or with the answer of a passkey, which names it */
          deviceId?: string;
          recoveryCode?: string;
          /** @description Ask this browser no more: heeded for a login by a device, where the policy allows it */
          rememberBrowser?: boolean;
          webauthn?: components['schemas']['PasskeyAssertion'];
        };
      };
    };
    responses: {
      /** @description Done */
      200: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description Last event already seen; `nextCursor` fits */
        cursor?: string;
        /** @description The same as `cursor` */
        after?: string;
        /** @description Which events come first */
        order?: 'oldest' | 'newest';
        limit?: number;
        /** @description Names of events, with or without `com.sallyport.`, or their beginning as in `challenge.*`; repeat it for several */
        type?: string | string[];
        /** @description The panel's own id */
        accountId?: string;
        /** @description The panel's own id */
        userId?: string;
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
        'Sallyport-Actor'?: string;
      };
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': {
          name: string;
          scopes: ('accounts' | 'devices' | 'challenges' | 'audit' | 'admin')[];
          /** @description Front door that uses it, and that it is bound to in every call */
          application?: string;
          /** @description What it is for */
          description?: string | null;
          /** @description When it ends by itself; never where left out, or with the key that makes it */
          expiresAt?: string | null;
        };
      };
    };
    responses: {
      /** @description Done */
      201: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
        /** @description The same key and body get the same answer */
        'Idempotency-Key'?: string;
        /** @description Who is behind this call, by an id of the panel: a note in its events */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
          'Idempotent-Replayed'?: 'true';
          [name: string]: unknown;
        };
        content?: never;
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          /** @description `true` where this is the stored answer of an earlier call with the same `Idempotency-Key` */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            status: 'ready' | 'not_ready';
            checks: {
              /** @description PostgreSQL answers and takes writes */
              database: boolean;
              /** @description The queue takes jobs, and the relay publishes to the same one */
              queue?: boolean;
              clock: boolean;
              /** @description The keys are those that the database was used with */
              keys?: boolean;
              /** @description There is room to write */
              disk?: boolean;
              /** @description Jobs get from the outbox to the queue in time */
              publishing?: boolean;
              /** @description Events get into the audit log in time */
              sealing?: boolean;
              /** @description Every audit log is signed */
              signing?: boolean;
            };
            /** @description What is wrong, and what mends it */
            reasons?: string[];
            /** @description What waits for an operator; the rest goes on */
            setAside?: {
              /**
               * Format: int32
               * @description Events that the audit log could not take
               */
              events?: number;
              /**
               * Format: int32
               * @description Jobs that always failed
               */
              jobs?: number;
            };
          };
        };
      };
      /** @description `invalid_request` */
      400: {
        headers: {
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
          'x-request-id': string;
          [name: string]: unknown;
        };
        content: {
          'application/json': {
            /** @enum {string} */
            status: 'ready' | 'not_ready';
            checks: {
              /** @description PostgreSQL answers and takes writes */
              database: boolean;
              /** @description The queue takes jobs, and the relay publishes to the same one */
              queue?: boolean;
              clock: boolean;
              /** @description The keys are those that the database was used with */
              keys?: boolean;
              /** @description There is room to write */
              disk?: boolean;
              /** @description Jobs get from the outbox to the queue in time */
              publishing?: boolean;
              /** @description Events get into the audit log in time */
              sealing?: boolean;
              /** @description Every audit log is signed */
              signing?: boolean;
            };
            /** @description What is wrong, and what mends it */
            reasons?: string[];
            /** @description What waits for an operator; the rest goes on */
            setAside?: {
              /**
               * Format: int32
               * @description Events that the audit log could not take
               */
              events?: number;
              /**
               * Format: int32
               * @description Jobs that always failed
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
          /** @description Id of this call, in logs and events too */
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
