import { Body, Controller, Delete, Get, Param, Patch, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { sendAnswer } from '../codes/code.schema.js';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { externalId, id } from '../http/schemas.js';
import { ChangePhone } from './change-phone.js';
import { changePhoneAnswer, changePhoneBody } from './change-phone.schema.js';
import { deviceAnswer } from './device.schema.js';
import { Devices } from './devices.js';
import { changeDeviceBody, type ChangeDeviceBody } from './devices.schema.js';
import { EnrollDevice } from './enroll-device.js';
import { enrollDeviceAnswer, enrollDeviceBody, type EnrollDeviceBody } from './enroll-device.schema.js';
import { ImportDevice } from './import-device.js';
import { importDeviceAnswer, importDeviceBody, type ImportDeviceBody } from './import-device.schema.js';
import { SmsQuota } from './sms-quota.js';
import { VerifyDevice } from './verify-device.js';
import { verifyDeviceAnswer, verifyDeviceBody, type VerifyDeviceBody } from './verify-device.schema.js';

const deviceId = id('dev');
const ofUser = 'accounts/:accountId/users/:userId/devices';

@ApiTags('devices')
@Controller('v1')
export class DevicesController {
  constructor(
    private readonly enrollDevice: EnrollDevice,
    private readonly verifyDevice: VerifyDevice,
    private readonly devices: Devices,
    private readonly quota: SmsQuota,
    private readonly phoneChange: ChangePhone,
    private readonly importDevice: ImportDevice,
  ) {}

  @Post(ofUser)
  @Operation({
    summary: 'Add a device; it can be used once it is verified',
    scope: 'devices',
    login: true,
    status: 201,
    answer: enrollDeviceAnswer,
    secret: true,
    proof: true,
    refusals: [
      'method_not_allowed',
      'method_conflict',
      'phone_invalid',
      'country_not_allowed',
      'proof_required',
      'proof_invalid',
      'sms_quota_exceeded',
      'sms_blocked',
      'send_limit_reached',
      'rate_limited',
    ],
  })
  enroll(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
    @Body({ schema: enrollDeviceBody }) body: EnrollDeviceBody,
  ) {
    return this.enrollDevice.run(caller, accountId, userId, body);
  }

  @Post(`${ofUser}/import`)
  @Operation({
    summary: 'Import an existing TOTP seed as a verified device',
    scope: 'admin',
    status: 201,
    answer: importDeviceAnswer,
    refusals: ['device_already_verified', 'method_conflict', 'method_not_allowed'],
  })
  importSeed(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
    @Body({ schema: importDeviceBody }) body: ImportDeviceBody,
  ) {
    return this.importDevice.run(caller, accountId, userId, body);
  }

  @Get(ofUser)
  @Operation({
    summary: "List a user's devices",
    scope: 'devices',
    status: 200,
    answer: z.object({ data: z.array(deviceAnswer), nextCursor: z.null() }),
  })
  async list(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
  ) {
    return { data: await this.devices.list(caller, accountId, userId), nextCursor: null };
  }

  @Get('devices/:deviceId')
  @Operation({ summary: 'Get a device', scope: 'devices', status: 200, answer: deviceAnswer })
  get(@CallerParam() caller: Caller, @Param('deviceId', { schema: deviceId }) device: string) {
    return this.devices.get(caller, device);
  }

  @Patch('devices/:deviceId')
  @Operation({
    summary: 'Rename a device or make it the default',
    scope: 'devices',
    status: 200,
    answer: deviceAnswer,
    refusals: ['device_not_verified'],
  })
  change(
    @CallerParam() caller: Caller,
    @Param('deviceId', { schema: deviceId }) device: string,
    @Body({ schema: changeDeviceBody }) body: ChangeDeviceBody,
  ) {
    return this.devices.change(caller, device, body);
  }

  @Delete('devices/:deviceId')
  @Operation({
    summary: 'Remove a device',
    scope: 'devices',
    status: 204,
    proof: true,
    refusals: ['proof_required', 'proof_invalid', 'last_device'],
  })
  async remove(@CallerParam() caller: Caller, @Param('deviceId', { schema: deviceId }) device: string): Promise<void> {
    await this.devices.remove(caller, device);
  }

  @Delete('devices/:deviceId/quota')
  @Operation({
    summary: "Reset a device's SMS quota for today",
    scope: 'admin',
    status: 204,
    refusals: ['method_not_allowed'],
  })
  async restoreQuota(
    @CallerParam() caller: Caller,
    @Param('deviceId', { schema: deviceId }) device: string,
  ): Promise<void> {
    await this.quota.restore(caller, device);
  }

  @Put('devices/:deviceId/phone')
  @Operation({
    summary: "Change a device's phone number; the old number stays in use until the new one is verified",
    scope: 'devices',
    status: 200,
    answer: changePhoneAnswer,
    proof: true,
    refusals: [
      'device_not_verified',
      'method_not_allowed',
      'phone_invalid',
      'country_not_allowed',
      'proof_required',
      'proof_invalid',
      'locked',
      'sms_quota_exceeded',
      'sms_blocked',
    ],
  })
  changePhone(
    @CallerParam() caller: Caller,
    @Param('deviceId', { schema: deviceId }) device: string,
    @Body({ schema: changePhoneBody }) body: { phone: string },
  ) {
    return this.phoneChange.begin(caller, device, body.phone);
  }

  @Post('devices/:deviceId/codes')
  @Operation({
    summary: 'Resend the verification code',
    scope: 'devices',
    login: true,
    status: 202,
    answer: sendAnswer,
    refusals: [
      'device_already_verified',
      'enrolment_expired',
      'method_not_allowed',
      'locked',
      'resend_too_soon',
      'send_limit_reached',
      'sms_quota_exceeded',
      'sms_blocked',
      'rate_limited',
    ],
  })
  resend(@CallerParam() caller: Caller, @Param('deviceId', { schema: deviceId }) device: string) {
    return this.devices.resend(caller, device);
  }

  @Post('devices/:deviceId/verify')
  @Operation({
    summary: 'Verify a device with a code, or a passkey with its registration',
    scope: 'devices',
    login: true,
    status: 200,
    answer: verifyDeviceAnswer,
    secret: true,
    refusals: [
      'device_already_verified',
      'enrolment_expired',
      'method_conflict',
      'method_not_allowed',
      'recovery_codes_not_acknowledged',
      'challenge_not_pending',
      'challenge_expired',
      'code_invalid',
      'code_already_used',
      'code_expired',
      'locked',
    ],
  })
  verify(
    @CallerParam() caller: Caller,
    @Param('deviceId', { schema: deviceId }) device: string,
    @Body({ schema: verifyDeviceBody }) body: VerifyDeviceBody,
  ) {
    return this.verifyDevice.run(caller, device, body);
  }
}
