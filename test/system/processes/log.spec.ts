import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

/** What a process of ours, as it was built, writes to its stdout when somebody logs what they should not have. */
test('a process shows no secret in its log', () => {
  const script = `
    import { createLoggers } from '#runtime';
    const logger = createLoggers()('relay');
    const device = { secret: '048213', phone: '048213', name: 'kept' };
    logger.info({ code: '048213', authorization: 'Bearer 048213', device, body: device, request: { device } }, 'one');
    logger.error({ err: Object.assign(new Error('two'), { code: 'E1', parameters: ['048213'] }) }, 'two');
  `;
  const root = join(import.meta.dirname, '../../..');
  const env = { PATH: process.env['PATH'], LOG_LEVEL: 'info' };
  const stdout = execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: root, env }).toString();
  expect(stdout).not.toContain('048213');
  const [one, two] = stdout.trim().split('\n');
  expect(JSON.parse(one ?? '')).toMatchObject({
    app: 'relay',
    code: '[redacted]',
    authorization: '[redacted]',
    body: '[redacted]',
    device: { secret: '[redacted]', phone: '[redacted]', name: 'kept' },
    request: { device: { secret: '[redacted]', phone: '[redacted]', name: 'kept' } },
  });
  expect(JSON.parse(two ?? '')).toMatchObject({ err: { type: 'Error', message: 'two', fault: 'E1' } });
});
