import { Module } from '@nestjs/common';
import { ChangePhone } from './change-phone.js';
import { Devices } from './devices.js';
import { DevicesController } from './devices.controller.js';
import { DeviceEnrolment } from './enroll-device.js';
import { FindDevices } from './find-devices.js';
import { ImportDevices } from './import-device.js';
import { SmsQuota } from './sms-quota.js';
import { VerifyDevices } from './verify-device.js';

@Module({
  controllers: [DevicesController],
  providers: [Devices, DeviceEnrolment, VerifyDevices, ChangePhone, ImportDevices, FindDevices, SmsQuota],
})
export class DevicesModule {}
