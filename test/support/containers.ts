import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

// The test run loads this file also as it stands, with its types erased: no imports of ours, no TypeScript-only syntax.

/** Whether a container runtime answers. Asked of its client, which knows where to look: it takes 50 ms to say no. */
export function containersAreHere(): boolean {
  const asked = spawnSync('docker', ['version', '--format', '{{.Server.Version}}'], { stdio: 'ignore', timeout: 2000 });
  return asked.status === 0;
}

/** The image of a service of docker-compose.yml: what is tested on is what is run on. */
export function imageOf(service: string): string {
  const text = readFileSync(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8');
  const { services } = parse(text, { merge: true }) as { services: Record<string, { image: string } | undefined> };
  const image = services[service]?.image;
  if (image === undefined) throw new Error(`docker-compose.yml has no service ${service}.`);
  return image;
}
