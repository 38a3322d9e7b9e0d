import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createApiKey, createTenant, findApiKeyOwner, scopes, type Database, type Scope } from '#persistence';
import { replaceWhole } from '#runtime';
import { findOwnTenant } from './quickstart.sql.js';

const quickstartSchema = z.object({ apiKey: z.string(), adminApiKey: z.string() });

export interface QuickstartKeys {
  readonly tenantId: string;
  /** Every scope but `admin`. */
  readonly apiKey: string;
  readonly adminApiKey: string;
}

/** The keys of a tenant that is made if absent: those in the file if they still open the door, new ones otherwise. */
export async function keysOfTenant(database: Database, tenantName: string, file: string): Promise<QuickstartKeys> {
  const known = await readKeys(file);
  const owners = await Promise.all(
    [known?.apiKey, known?.adminApiKey].map((key) => (key === undefined ? undefined : findApiKeyOwner(database, key))),
  );
  const [owner, adminOwner] = owners;
  if (known && owner && adminOwner) return { ...known, tenantId: owner.tenantId };

  const found = await database.one(findOwnTenant, { name: tenantName });
  const tenantId = found?.id ?? (await createTenant(database, { name: tenantName })).tenantId;
  const make = async (name: string, granted: readonly Scope[]) => {
    const created = await createApiKey(database, { tenantId, name, scopes: granted });
    if (!created) throw new Error(`The tenant "${tenantName}" has gone.`);
    return created.key;
  };
  return {
    tenantId,
    apiKey: await make(
      tenantName,
      scopes.filter((scope) => scope !== 'admin'),
    ),
    adminApiKey: await make(`${tenantName} admin`, scopes),
  };
}

interface Addresses {
  readonly gatewayUrl: string;
  readonly docsUrl: string;
  readonly panelUrl: string;
  readonly inboxUrl: string | null;
  readonly metricsUrl: string;
}

/** Writes `quickstart.json`, whole or not at all, for its owner only. */
export async function writeQuickstart(dataDir: string, content: QuickstartKeys & Addresses): Promise<string> {
  const file = quickstartPath(dataDir);
  const { gatewayUrl, tenantId, apiKey, adminApiKey, inboxUrl, docsUrl, panelUrl, metricsUrl } = content;
  const inbox = inboxUrl !== null && { inboxUrl };
  const fields = { gatewayUrl, tenantId, apiKey, adminApiKey, ...inbox, docsUrl, panelUrl, metricsUrl };
  await replaceWhole(file, `${JSON.stringify(fields, null, 2)}\n`);
  return file;
}

async function readKeys(file: string): Promise<z.infer<typeof quickstartSchema> | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    return quickstartSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function quickstartPath(dataDir: string): string {
  return join(dataDir, 'quickstart.json');
}
