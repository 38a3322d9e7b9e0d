import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { explain, reaching } from './explain.js';
import { tryPorts } from './try-ports.js';

const fault = (code: string, message = '', more: object = {}) => Object.assign(new Error(message), { code, ...more });

describe('why a start failed', () => {
  it.each([
    [fault('ECONNREFUSED'), 'cannot be reached (ECONNREFUSED)'],
    [fault('EHOSTUNREACH'), 'cannot be reached'],
    [new Error('timeout exceeded when trying to connect'), 'cannot be reached'],
    [new Error('Connection terminated unexpectedly'), 'cannot be reached'],
    [new Error('The server does not support SSL connections'), 'does not support TLS'],
    [fault('SELF_SIGNED_CERT_IN_CHAIN'), 'is not trusted'],
    [
      fault('28000', 'no pg_hba.conf entry for host "::1", user "u", database "d", no encryption'),
      'sslmode=verify-full',
    ],
    [
      fault('28000', 'no pg_hba.conf entry for host "::1", user "u", database "d", SSL encryption'),
      'pg_hba.conf on the server',
    ],
    [fault('28P01'), 'rejected the login'],
    [new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'), 'requires a password'],
    [fault('3D000'), 'no database with this name'],
    [fault('53300', 'sorry, too many clients already'), 'no connections left'],
    [fault('53300', 'too many connections for role "sallyport_relay"'), 'no connections left'],
    [fault('53100'), 'disk'],
    [fault('57P03'), 'starting or stopping'],
    [fault('25006'), 'read-only'],
  ])('%s is one line that names the setting', async (cause, words) => {
    const failed = await reaching('QUEUE_URL', Promise.reject(cause)).catch((each: unknown) => each);
    const said = explain(failed);
    expect(said).toContain(words);
    expect(said).toContain('QUEUE_URL');
    expect(said).not.toContain('\n');
  });

  it('keeps the stack of what is a fault of ours', () => {
    expect(explain(new TypeError('x is undefined'))).toContain('\n    at ');
  });

  it('names a host that cannot be listened on by its setting, not the database', () => {
    const settings = { host: 'METRICS_HOST', port: 'METRICS_PORT' } as const;
    for (const code of ['ENOTFOUND', 'EADDRNOTAVAIL'])
      expect(explain(fault(code, '', { settings }))).toMatch(/^METRICS_HOST is /);
    expect(explain(fault('EACCES', '', { settings, port: 80 }))).toContain('Set METRICS_PORT to one above 1023');
  });
});

describe('ports', () => {
  it('are tried all at once, each under its own setting, and let go of', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port: taken } = other.address() as { port: number };
    const wanted = (port: number, setting: 'PORT' | 'PANEL_PORT' | 'INBOX_PORT' | 'HEALTH_PORT') => ({
      host: '127.0.0.1',
      port,
      settings: { port: setting },
    });
    try {
      await expect(
        tryPorts([wanted(taken, 'PANEL_PORT'), wanted(0, 'PORT'), wanted(taken, 'HEALTH_PORT')]),
      ).rejects.toThrow(
        new RegExp(`^port ${taken} is in use. Set PANEL_PORT to .* port ${taken} is in use. Set HEALTH_PORT to .*$`),
      );
    } finally {
      await new Promise((done) => other.close(done));
    }
    await tryPorts([wanted(taken, 'PORT')]);
    await tryPorts([wanted(taken, 'PORT')]);
    // Two settings with one port: the second is told.
    await expect(tryPorts([wanted(taken, 'PORT'), wanted(taken, 'INBOX_PORT')])).rejects.toThrow('Set INBOX_PORT');
  });
});
