import type { Method } from '#contracts';
import type { ProfileName } from './compliance-report.schema.js';

export const controlTitles = {
  'second-factor': 'Everybody has a second factor',
  exemptions: 'Exemptions have an owner, a reason and an end',
  lockout: 'Wrong codes lock a device',
  methods: 'Methods are strong enough',
  replay: 'A code is accepted once',
  'dynamic-linking': 'A payment is confirmed by amount and payee',
  log: 'The log is sealed, signed and witnessed',
  'log-readers': 'Reading the log is told',
  retention: 'The log is kept long enough',
} as const;
export type ControlId = keyof typeof controlTitles;

/** What a set of rules asks of a policy. */
export interface Profile {
  /** Where it asks for each control; a control without a clause does not apply. docs/compliance says what was read. */
  readonly clauses: Partial<Readonly<Record<ControlId, string>>>;
  readonly lockout: { readonly free?: number; readonly baseSeconds?: number; readonly disableAt: number };
  readonly methods: { readonly never: readonly Method[]; readonly notAlone: readonly Method[] };
  /** Days that events are kept at least. */
  readonly retentionDays: number;
}

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  'pci-dss': {
    clauses: {
      'second-factor': 'PCI DSS 4.0.1, 8.5.1',
      exemptions: 'PCI DSS 4.0.1, 8.5.1',
      lockout: 'PCI DSS 4.0.1, 8.3.4',
      methods: 'PCI DSS 4.0.1, 8.5.1',
      replay: 'PCI DSS 4.0.1, 8.5.1',
      log: 'PCI DSS 4.0.1, 10.3.2 to 10.3.4',
      'log-readers': 'PCI DSS 4.0.1, 10.2.1.3',
      retention: 'PCI DSS 4.0.1, 10.5.1',
    },
    lockout: { free: 10, baseSeconds: 1800, disableAt: 100 },
    methods: { never: ['email'], notAlone: ['sms'] },
    retentionDays: 365,
  },
  nis2: {
    clauses: {
      'second-factor': 'Regulation (EU) 2024/2690, 11.7',
      exemptions: 'Regulation (EU) 2024/2690, 11.7',
      lockout: 'Regulation (EU) 2024/2690, 11.6',
      methods: 'Regulation (EU) 2024/2690, 11.6',
      replay: 'Regulation (EU) 2024/2690, 11.6',
      log: 'Regulation (EU) 2024/2690, 3.2',
      'log-readers': 'Regulation (EU) 2024/2690, 3.2',
      retention: 'Regulation (EU) 2024/2690, 3.2',
    },
    lockout: { disableAt: 100 },
    methods: { never: ['email'], notAlone: ['sms'] },
    retentionDays: 365,
  },
  psd2: {
    clauses: { 'dynamic-linking': 'Delegated Regulation (EU) 2018/389, art. 5' },
    lockout: { disableAt: 100 },
    methods: { never: ['totp', 'email'], notAlone: [] },
    retentionDays: 0,
  },
  nist: {
    clauses: {
      lockout: 'NIST SP 800-63B-4, 3.2.2',
      methods: 'NIST SP 800-63B-4, 3.1.3',
      replay: 'NIST SP 800-63B-4, 3.1.4.2',
    },
    lockout: { disableAt: 100 },
    methods: { never: ['email'], notAlone: ['sms'] },
    retentionDays: 0,
  },
};
