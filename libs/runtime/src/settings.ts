import { z } from 'zod';
import { smsRoutes } from './route-order.js';
import {
  allowPrivate,
  baseUrl,
  ownUrl,
  port,
  postgresUrl,
  queueUrl,
  sender,
  signingSecret,
  smsSender,
  smtpUrls,
  twilioSender,
  wholeNumber,
} from './setting-values.js';
import { traceSettings } from './traces/settings-of-traces.js';

const signatureMethods = ['md5hash', 'md5hmac', 'sha1hmac', 'sha256hmac', 'sha512hmac'] as const;
const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

interface Setting {
  readonly schema: z.ZodType;
  readonly help: string;
  /** A process that reads it starts without it, too. */
  readonly mayBeLeftOut?: true;
  /** Holds a password or a key: for a store of secrets, not for a file that others read. */
  readonly secret?: true;
}

/** Every environment variable that Sallyport reads. No other file looks at `process.env`. */
export const settings = {
  PORT: { schema: port.default(3000), help: 'port of the gateway' },
  PANEL_PORT: {
    schema: port,
    help: 'port of the reference panel. Default: 3001, or any free port if npm start finds it in use',
    mayBeLeftOut: true,
  },
  PANEL_URL: {
    schema: baseUrl,
    help: 'public address of the panel, if it is not its port on localhost',
    mayBeLeftOut: true,
  },
  PANEL_API_KEY: {
    schema: z.string().min(1),
    help: 'API key with the scopes accounts, devices, challenges and audit:personal',
    secret: true,
  },
  PANEL_ADMIN_API_KEY: {
    schema: z.string().min(1),
    help: 'API key that also has the scopes audit and admin',
    secret: true,
  },
  PANEL_PEOPLE: {
    schema: z.string().min(1).default('panel-people.json'),
    help: 'file with the users of the panel. Created with some test users if it does not exist',
  },
  SALLYPORT_URL: { schema: baseUrl, help: 'address of the gateway' },
  HOST: { schema: z.string().min(1).default('127.0.0.1'), help: 'address to listen on' },
  HEALTH_PORT: {
    schema: port.default(0),
    help: 'port for /healthz, /readyz and /metrics of a worker; 0 for any free port',
  },
  METRICS_HOST: {
    schema: z.string().min(1).default('127.0.0.1'),
    help: 'address to listen on for /metrics of the gateway or the witness; must not be public',
  },
  METRICS_PORT: {
    schema: port.default(0),
    help: 'port for /metrics of the gateway or the witness; 0 for any free port',
  },
  INBOX_PORT: {
    schema: port,
    help: 'port of the inbox of npm start. Default: 3002, or any free port if it is in use',
    mayBeLeftOut: true,
  },
  WITNESS_NAME: {
    schema: z.string().regex(/^[^\p{White_Space}\p{Cc}+]{1,255}$/u, 'must have no spaces and no plus'),
    help: 'name of the witness, an address without scheme such as witness.example/w1. Part of its key: it never changes',
  },
  WITNESS_LOGS: {
    schema: z.string().min(1),
    help: 'file with the public keys of the logs that the witness watches, a line for each (docs/witness.md)',
  },
  WITNESS_DATA_DIR: {
    schema: z.string().min(1).default('.witness'),
    help: 'folder for the key of the witness and what it has cosigned; on a disk of this machine',
  },
  WITNESS_PORT: { schema: port.default(3003), help: 'port of the witness' },
  SALLYPORT_DATA_DIR: {
    schema: z.string().min(1).default('.sallyport'),
    help: 'folder for the embedded database, generated keys and the quickstart file',
  },
  AUDIT_ORIGIN: {
    // As `logOrigin` of the audit log wants it, with room for the id of a tenant.
    schema: z
      .string()
      .max(200)
      .regex(
        /^[a-z0-9]([a-z0-9._~-]*[a-z0-9])?(:\d+)?(\/[A-Za-z0-9._~-]+)*$/,
        'must be an address without scheme, such as 2fa.example.com/audit',
      ),
    help: 'name of this installation in the checkpoints of its audit logs: an address of a domain of yours without scheme, such as 2fa.example.com/audit. It need not answer, and must never change. Default of npm start: localhost/audit',
  },
  AUDIT_STATE_DIR: {
    schema: z.string().min(1),
    help: 'folder for the last checkpoint of each tenant, outside the database. Default: "audit" in SALLYPORT_DATA_DIR',
    mayBeLeftOut: true,
  },
  AUDIT_WITNESSES: {
    schema: z.string().min(1),
    help: 'witnesses that cosign the checkpoints of the audit logs: for each its public key, a space and its address, with commas or new lines between witnesses (docs/witness.md)',
    mayBeLeftOut: true,
  },
  AUDIT_WITNESS_QUORUM: {
    schema: wholeNumber(1, 64),
    help: 'how many of AUDIT_WITNESSES have to cosign a checkpoint until the API calls it witnessed. Default: all',
    mayBeLeftOut: true,
  },
  AUDIT_COLLECTORS: {
    schema: z.string().min(1),
    help: 'file, in JSON, that lists the syslog servers and HTTP event collectors to send the audit logs to (docs/collectors.md)',
    mayBeLeftOut: true,
  },
  DATABASE_URL: {
    schema: postgresUrl,
    help: 'PostgreSQL, as postgres://user:password@host/database',
    secret: true,
  },
  QUEUE_URL: {
    schema: queueUrl,
    help: 'queue, as postgres://…, redis://… or rediss://…, with ?sentinel=NAME or ?cluster=true for several hosts. Default: the database',
    mayBeLeftOut: true,
    secret: true,
  },
  SALLYPORT_KEYS: { schema: z.string().min(1), help: 'keys: the path of a file, or the JSON itself', secret: true },
  SMTP_URL: {
    schema: smtpUrls,
    help: 'mail server, as smtp://user:password@host:587; several with spaces or commas between them, the first choice first (docs/routes.md)',
    secret: true,
  },
  MAIL_FROM: { schema: sender, help: 'sender of mail, as "Panel <2fa@panel.example>"' },
  SMS_ROUTES: {
    schema: smsRoutes,
    help: 'by which providers SMS go, the first choice first, by country where they differ: vonage,http or NL,BE=http,vonage; *=vonage,twilio (docs/routes.md). Default: those whose settings are given, in the order vonage, twilio, http',
    mayBeLeftOut: true,
  },
  VONAGE_API_KEY: { schema: z.string().min(1), help: 'Vonage account, for the route vonage', mayBeLeftOut: true },
  VONAGE_API_SECRET: {
    schema: z.string().min(1),
    help: 'Vonage secret, for the route vonage',
    mayBeLeftOut: true,
    secret: true,
  },
  VONAGE_SIGNATURE_SECRET: {
    schema: z.string().min(1),
    help: 'Vonage signature secret, for receipts',
    mayBeLeftOut: true,
    secret: true,
  },
  VONAGE_SIGNATURE_METHOD: {
    schema: z.enum(signatureMethods, `must be one of ${signatureMethods.join(', ')}`).default('md5hash'),
    help: 'how Vonage signs its receipts, as chosen in its dashboard',
  },
  VONAGE_FROM: {
    schema: smsSender,
    help: 'sender of SMS of the route vonage: a number, or up to 11 letters',
    mayBeLeftOut: true,
  },
  VONAGE_API_HOST: {
    schema: baseUrl,
    help: 'address of the Vonage API, if it is not the usual one',
    mayBeLeftOut: true,
  },
  TWILIO_ACCOUNT_SID: {
    schema: z.string().regex(/^AC[0-9a-f]{32}$/, 'must be AC and 32 hexadecimal digits'),
    help: 'Twilio account, for the route twilio',
    mayBeLeftOut: true,
  },
  TWILIO_AUTH_TOKEN: {
    schema: z.string().min(1),
    help: 'Twilio auth token, for the route twilio',
    mayBeLeftOut: true,
    secret: true,
  },
  TWILIO_FROM: {
    schema: twilioSender,
    help: 'sender of SMS of the route twilio: a number with its plus sign, up to 11 letters, or a messaging service (MG…)',
    mayBeLeftOut: true,
  },
  TWILIO_API_HOST: {
    schema: baseUrl,
    help: 'address of the Twilio API, if it is not the usual one',
    mayBeLeftOut: true,
  },
  SMS_HTTP_URL: {
    schema: ownUrl,
    help: 'address of a sender of your own that takes SMS in signed POST requests, for the route http (docs/routes.md)',
    mayBeLeftOut: true,
  },
  SMS_HTTP_SECRET: {
    schema: signingSecret,
    help: 'secret that signs what SMS_HTTP_URL is sent: whsec_ and at least 24 bytes in base64, as by: echo "whsec_$(openssl rand -base64 32)"',
    mayBeLeftOut: true,
    secret: true,
  },
  SMS_CONCURRENCY: {
    schema: wholeNumber(1, 500).default(50),
    help: 'how many SMS a process sends at a time. With an answer in 100 ms, 50 are up to 500 SMS/s. Up to four times as many wait for an answer that is late',
  },
  RECEIPT_WAIT_SECONDS: {
    schema: wholeNumber(0, 600).default(60),
    help: 'how long the delivery receipt of a code is waited for before the code goes out by the next route (docs/receipts.md); 0 never',
  },
  PUBLIC_URL: {
    schema: baseUrl,
    help: 'public address of the gateway, as providers call it with receipts; Twilio signs it (docs/receipts.md)',
    mayBeLeftOut: true,
  },
  ROUTE_LEARNING: {
    schema: z.enum(['on', 'off'], 'must be on or off').default('on'),
    help: 'whether the order of several routes follows the codes that people enter (docs/routes-learning.md), or stays as configured',
  },
  SHUTDOWN_DELAY_SECONDS: {
    // What a stop takes besides has to fit into its 30 s.
    schema: wholeNumber(0, 15),
    help: 'how long the gateway still accepts calls after SIGTERM, while /readyz tells load balancers that it is not ready. Default: 3',
    mayBeLeftOut: true,
  },
  WEBHOOK_ALLOW_PRIVATE: {
    schema: allowPrivate.default(false),
    help: 'which addresses that are not public webhooks may go to: networks with commas between (10.0.0.0/8, fd00::/8), or true for all',
  },
  LOG_LEVEL: {
    schema: z.enum(levels, `must be one of ${levels.join(', ')}`).default('info'),
    help: 'lowest level that is logged',
  },
  ...traceSettings,
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
/** The settings that say where a server listens. */
export interface ListenSettings {
  /** Left out where that can't be chosen. */
  readonly host?: SettingName;
  readonly port: SettingName;
}
