import { randomBytes } from 'node:crypto';
import { chown, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { description as auditWorker } from '../../../audit-worker/src/description.js';
import { description as emailWorker } from '../../../email-worker/src/description.js';
import { description as gateway } from '../../../gateway/src/description.js';
import { description as lockoutWorker } from '../../../lockout-worker/src/description.js';
import { description as relay } from '../../../relay/src/description.js';
import { description as smsWorker } from '../../../sms-worker/src/description.js';
import { description as webhookWorker } from '../../../webhook-worker/src/description.js';
import {
  codeOf,
  createWhole,
  exists,
  generateKeyFile,
  makeFolder,
  replaceWhole,
  selectKeys,
  SettingsError,
  withWebhookKey,
} from '#runtime';

const processes = [gateway, relay, smsWorker, emailWorker, auditWorker, lockoutWorker, webhookWorker];

/** The user of the official Node images, for whoever makes the files as root: no process runs as root. */
const imageUser = { uid: 1000, gid: 1000 };

export interface CreatedKeyFiles {
  readonly keys: readonly string[];
  readonly environment: string;
  /** Folder in which the audit worker keeps its checkpoints. */
  readonly auditState: string;
}

/**
 * Makes what the separate processes of docker-compose.yml share: one key file for each process with the kinds that it
 * needs, and a file of settings with a password for each database role. All of mode 0600. Beside the settings, the folder
 * of the audit worker.
 * @throws {SettingsError} where any of them is there already: new keys could not read what the old ones sealed
 */
export async function createKeyFiles(options: { dir: string; environment: string }): Promise<CreatedKeyFiles> {
  const { dir, environment } = options;
  const text = generateKeyFile();
  const keys = processes
    .filter(({ keys: kinds }) => kinds.length > 0)
    .map(({ name, keys: kinds }) => ({ file: join(dir, `${name}.json`), text: selectKeys(text, kinds) }));
  const owner = ownUser();
  const auditState = join(dirname(environment), '.audit');
  const files = [...keys, { file: environment, text: environmentFile(dir, auditState, owner ?? imageUser) }];
  for (const { file } of files) if (await exists(file)) throw inTheWay(file);

  for (const folder of [dir, auditState]) {
    await makeFolder(folder).catch((error: unknown) => {
      throw new SettingsError(
        `the folder ${folder} cannot be created (${codeOf(error)}). Check its path and permissions.`,
      );
    });
  }
  for (const { file, text } of files) if (!(await createWhole(file, text))) throw inTheWay(file);
  if (!owner) {
    for (const path of [...keys.map(({ file }) => file), auditState]) await chown(path, imageUser.uid, imageUser.gid);
  }
  return { keys: keys.map(({ file }) => file), environment, auditState };
}

/**
 * Gives key files of before there were webhooks a key of them: the same for all, and the one of a file that has one.
 * @param files those that do not exist are created, with nothing else
 * @returns the files
 * @throws {SettingsError} where one cannot be read or written
 */
export async function addWebhookKey(files: readonly string[]): Promise<readonly string[]> {
  const texts = withWebhookKey(...(await Promise.all(files.map(readKeyFile))));
  const [first] = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  const owner = first ?? imageUser;
  for (const [index, file] of files.entries()) {
    await replaceWhole(file, texts[index] ?? '');
    if (!ownUser()) await chown(file, owner.uid, owner.gid);
  }
  return files;
}

/** The text of a key file; of one that does not exist, that of one without keys. */
async function readKeyFile(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '{}';
    throw new SettingsError(`the key file ${file} cannot be read (${codeOf(error)}). Check its path and permissions.`);
  });
}

/** Undefined for root. Where there are no user ids, files in containers belong to whoever asks. */
function ownUser(): typeof imageUser | undefined {
  const [uid, gid] = [process.getuid?.() ?? imageUser.uid, process.getgid?.() ?? imageUser.gid];
  return uid === 0 ? undefined : { uid, gid };
}

function environmentFile(dir: string, auditState: string, user: typeof imageUser): string {
  // Hexadecimal: it stands in addresses and on command lines.
  const password = () => randomBytes(24).toString('hex');
  const roles = processes.map(({ name }) => name.toUpperCase().replaceAll('-', '_'));
  return `# Settings of docker-compose.yml. Secret: back it up with the key files, apart from the database.

# How SMS go: fill in the settings of at least one route. With several, SMS_ROUTES says which goes first (docs/routes.md).
SMS_ROUTES=
# Vonage: the account, and the sender (a number, or up to 11 letters).
VONAGE_API_KEY=
VONAGE_API_SECRET=
VONAGE_FROM=
# Twilio: the account, and the sender (a number with its plus sign, up to 11 letters, or a messaging service, MG…).
TWILIO_ACCOUNT_SID=
TWILIO_AUTH_TOKEN=
TWILIO_FROM=
# A sender of your own, and the secret that it shares with Sallyport, as by: echo "whsec_$(openssl rand -base64 32)"
SMS_HTTP_URL=
SMS_HTTP_SECRET=

# Your mail server and the sender, as smtp://user:password@mail.example:587 and "Panel <2fa@panel.example>".
# To try things without one: smtp://mailpit:1025/?requireTLS=false, and "docker compose --profile mailpit up".
SMTP_URL=
MAIL_FROM=

# What this installation is called in the checkpoints of its audit logs: an address of a domain of yours, without scheme,
# such as 2fa.example.com/audit. It need not answer, and must never change.
AUDIT_ORIGIN=

# Key files, and who may read them: compose hands files over with the owner that they have here.
# Under rootless Docker the owner is 0:0.
SALLYPORT_KEYS_DIR='${dir}'
SALLYPORT_USER=${user.uid}:${user.gid}

# Where the audit worker keeps its last checkpoints, apart from the database: back it up apart from that, too.
SALLYPORT_AUDIT_DIR='${auditState}'

# Passwords: of the owner of the tables, of each process's role, of the queue. PostgreSQL takes them at its first start.
DATABASE_PASSWORD=${password()}
${roles.map((role) => `${role}_DATABASE_PASSWORD=${password()}`).join('\n')}
QUEUE_PASSWORD=${password()}
`;
}

function inTheWay(file: string): SettingsError {
  return new SettingsError(
    `${file} already exists and was not changed: new keys could not read what the old ones sealed. To start over, move the key files and the environment file away.`,
  );
}
