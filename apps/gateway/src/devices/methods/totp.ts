import { Injectable } from '@nestjs/common';
import { newTotpSecret, systemRandom, totpDefaults, totpSecretText, totpUri } from '#auth-core';
import { deviceSeal, Sealer } from '#persistence';
import { toString as qrSvg } from 'qrcode';
import { UserContext } from '../../rows/user-row.js';
import type { EnrollDeviceAnswer } from '../enroll-device.schema.js';
import { shownCodes, viewNew, type Enrolment } from '../enrolment.js';
import { BeginEnrolment } from './begin-enrolment.js';

/** Authenticator apps: a new seed, shown once as text, address and QR code. */
@Injectable()
export class EnrollTotp {
  constructor(
    private readonly sealer: Sealer,
    private readonly users: UserContext,
    private readonly begin: BeginEnrolment,
  ) {}

  async run(enrolment: Enrolment): Promise<EnrollDeviceAnswer | undefined> {
    const { owner, policy, deviceId, recovery } = enrolment;
    const secret = newTotpSecret(systemRandom);
    const { algorithm, digits, period } = totpDefaults;
    const sealed = this.sealer.seal('seed', deviceSeal(owner.tenantId, deviceId), secret).toString('base64');
    const enrolled = await this.begin.run(enrolment, { secret: sealed, algorithm, digits, period });
    if (!enrolled) return undefined;
    const { displayName, email } = this.users.profile(owner);
    const uri = totpUri({ secret, ...totpDefaults }, policy.totp.issuer, email ?? displayName ?? owner.userId);
    const svg = await qrSvg(uri, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 });
    const qrCode = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
    return {
      ...viewNew(this.sealer, enrolment, enrolled),
      totp: { secret: totpSecretText(secret), uri, qrCode },
      ...shownCodes(recovery),
    };
  }
}
