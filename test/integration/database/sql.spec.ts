import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

const root = join(import.meta.dirname, '../../..');

test('sql/ shows every statement and the schema as they are', () => {
  const script = join(root, 'scripts/write-sql.js');
  const { status, stderr } = spawnSync('node', ['--conditions=source', '--no-warnings', script, '--check'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${join(root, 'node_modules/.bin')}:${process.env['PATH']}` },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
