import { Module } from '@nestjs/common';
import { DevicesController } from './devices.controller.js';
import { Devices } from './devices.js';
import { DeviceEnrolment } from './enroll-device.js';
import { VerifyDevices } from './verify-device.js';
import { ChangePhone } from './change-phone.js';
import { ImportDevices } from './import-device.js';
import { FindDevices } from './find-devices.js';
import { SmsQuota } from './sms-quota.js';

@Module({
  controllers: [DevicesController],
  providers: [Devices, DeviceEnrolment, VerifyDevices, ChangePhone, ImportDevices, FindDevices, SmsQuota],
})
export class DevicesModule {}
