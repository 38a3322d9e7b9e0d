import { Module } from '@nestjs/common';
import { ChangePhone } from './change-phone.js';
import { Devices } from './devices.js';
import { DevicesController } from './devices.controller.js';
import { EnrollDevice } from './enroll-device.js';
import { FindDevices } from './find-devices.js';
import { ImportDevice } from './import-device.js';
import { BeginEnrolment } from './methods/begin-enrolment.js';
import { EnrollByMessage } from './methods/message.js';
import { EnrollPasskey } from './methods/passkey.js';
import { ReuseProvenNumber } from './methods/proven-number.js';
import { EnrollTotp } from './methods/totp.js';
import { ProvePhone } from './prove-phone.js';
import { SmsQuota } from './sms-quota.js';
import { VerifyDevice } from './verify-device.js';

const enrolment = [EnrollDevice, BeginEnrolment, EnrollTotp, EnrollPasskey, EnrollByMessage, ReuseProvenNumber];

@Module({
  controllers: [DevicesController],
  providers: [Devices, FindDevices, ...enrolment, VerifyDevice, ChangePhone, ProvePhone, ImportDevice, SmsQuota],
})
export class DevicesModule {}
