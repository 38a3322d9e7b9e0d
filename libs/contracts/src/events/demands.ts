/**
 * What laws and standards ask of a log, as far as an event of ours can answer it. PCI DSS 4.0.1; the annex of Implementing Regulation
 * (EU) 2024/2690 to NIS2; ISO/IEC 27001:2022, annex A; OWASP ASVS 5.0.0.
 */
export const demands = {
  authentication: {
    about: 'Authentication that was asked for, or succeeded',
    pciDss: ['8.5.1'],
    nis2: ['3.2', '11.6', '11.7'],
    iso27001: ['A.8.5', 'A.8.15'],
    asvs: ['16.3.1'],
  },
  refusal: {
    about: 'Invalid attempts to get access',
    pciDss: ['10.2.1.4'],
    nis2: ['3.2', '11.6'],
    iso27001: ['A.8.5', 'A.8.15', 'A.8.16'],
    asvs: ['16.3.1', '16.3.3'],
  },
  authorization: {
    about: 'Calls that were not allowed',
    pciDss: ['10.2.1.4'],
    nis2: ['3.2'],
    iso27001: ['A.8.15', 'A.8.16'],
    asvs: ['16.3.2'],
  },
  identity: {
    about: 'Creation, change and deletion of identities',
    pciDss: ['10.2.1.5'],
    nis2: ['3.2'],
    iso27001: ['A.5.16', 'A.8.15'],
    asvs: ['16.3.3'],
  },
  credential: {
    about: 'Changes of what somebody authenticates with',
    pciDss: ['10.2.1.5'],
    nis2: ['3.2', '11.6'],
    iso27001: ['A.5.17', 'A.8.15'],
    asvs: ['16.3.3'],
  },
  administration: {
    about: 'What an administrator does',
    pciDss: ['10.2.1.2'],
    nis2: ['3.2'],
    iso27001: ['A.8.2', 'A.8.15'],
    asvs: ['16.3.3'],
  },
  log_access: {
    about: 'Access to the log',
    pciDss: ['10.2.1.3'],
    nis2: ['3.2'],
    iso27001: ['A.5.33', 'A.8.15'],
    asvs: ['16.4.2'],
  },
  log_state: {
    about: 'Start, stop and gaps of the log',
    pciDss: ['10.2.1.6'],
    nis2: ['3.2'],
    iso27001: ['A.8.15'],
    asvs: ['16.4.2'],
  },
  operation: {
    about: 'What the system did by itself, to follow an incident',
    pciDss: [],
    nis2: ['3.2'],
    iso27001: ['A.8.15', 'A.8.16'],
    asvs: [],
  },
} as const;

export type Demand = keyof typeof demands;
