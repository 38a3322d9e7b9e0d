import { Injectable } from '@nestjs/common';
import { canonicalJson } from '#audit-log';
import { Database } from '#persistence';
import type { Caller } from '../http/caller.js';
import { inUtc } from '../http/schemas.js';
import { Proofs } from '../proofs/proofs.js';
import { readFacts } from './compliance-facts.sql.js';
import type { ComplianceQuery, Report } from './compliance-report.schema.js';
import { controlsOf, exemptionsOf, levelsOf } from './controls.js';
import { profiles } from './profiles.js';
import { verifiedSize } from './verified-size.js';

/** Whether sets of rules are kept, from what is there now. */
@Injectable()
export class ComplianceReports {
  constructor(
    private readonly database: Database,
    private readonly proofs: Proofs,
  ) {}

  async report({ tenantId }: Caller, { profile, asOf }: ComplianceQuery): Promise<{ report: Report; jws: string }> {
    const facts = await this.database.one(readFacts, { tenantId, asOf: asOf === undefined ? null : inUtc(asOf) });
    if (!facts) throw new Error('The tenant of an API key is not there.');
    const levels = levelsOf(facts);
    const verified = await verifiedSize(this.database, tenantId, facts);
    const controls = controlsOf(profiles[profile], { ...facts, verified }, levels);
    const has = (status: string) => controls.some((control) => control.status === status);
    const report: Report = {
      profile,
      tenantId,
      asOf: facts.asOf,
      status: has('not_met') ? 'not_met' : has('attention') ? 'attention' : 'met',
      exemptions: exemptionsOf(facts, levels),
      controls,
    };
    return { report, jws: this.proofs.signDocument(canonicalJson(report), 'compliance-report+jws') };
  }
}
