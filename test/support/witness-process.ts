import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadKeys } from '#runtime';
import { LogKeys } from '../../apps/audit-worker/src/log-keys.js';
import { runProgram } from './system.js';
import { anyTenantLine } from './witness.js';

export interface WitnessProcess {
  readonly url: string;
  readonly vkey: string;
  stop(): Promise<void>;
}

interface Watched {
  /** For its memory. */
  readonly folder: string;
  /** Text of the key file that the logs are signed with. */
  readonly keys: string;
  readonly origin: string;
  readonly tenantId: string;
}

/** A witness as somebody else runs it, of the logs of one key. */
export async function startWitnessProcess({ folder, keys, origin, tenantId }: Watched): Promise<WitnessProcess> {
  const { checkpoint } = loadKeys(['checkpoint'], { SALLYPORT_KEYS: keys });
  const [logKey] = new LogKeys(origin, checkpoint).of(tenantId).keys;
  if (!logKey) throw new Error('The log has a key.');
  await writeFile(join(folder, 'logs.txt'), `${anyTenantLine(logKey)}\n`);
  const program = runProgram('witness/main', [], {
    WITNESS_NAME: 'witness.example/w1',
    WITNESS_LOGS: join(folder, 'logs.txt'),
    WITNESS_DATA_DIR: join(folder, 'witness'),
    WITNESS_PORT: '0',
  });
  const ready = await new Promise<{ url: string; vkey: string }>((done, fail) => {
    program.process.stdout?.on('data', () => {
      const line = program.output.stdout.split('\n').find((each) => each.includes('"msg":"ready"'));
      if (line !== undefined) done(JSON.parse(line) as { url: string; vkey: string });
    });
    void program.ended.then(() => fail(new Error(program.output.stderr)));
  });
  return {
    ...ready,
    async stop() {
      program.process.kill('SIGTERM');
      await program.ended;
    },
  };
}
