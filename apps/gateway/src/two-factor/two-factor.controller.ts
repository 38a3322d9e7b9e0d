import { Body, Controller, Param, Post, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { externalId } from '../http/schemas.js';
import {
  resetBody,
  switchBody,
  TwoFactor,
  twoFactorAnswer,
  type ResetTwoFactor,
  type SwitchTwoFactor,
} from './two-factor.js';

@ApiTags('two-factor')
@Controller('v1/accounts/:accountId/users/:userId/two-factor')
export class TwoFactorController {
  constructor(private readonly twoFactor: TwoFactor) {}

  @Put()
  @Operation({
    summary: 'Turn two-factor authentication off, or on again with the devices that were kept',
    scope: 'devices',
    status: 200,
    answer: twoFactorAnswer,
    proof: true,
    refusals: ['device_not_verified', 'method_not_allowed', 'two_factor_required', 'proof_required', 'proof_invalid'],
  })
  switch(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
    @Body({ schema: switchBody }) body: SwitchTwoFactor,
  ) {
    return this.twoFactor.switch(caller, accountId, userId, body);
  }

  @Post('reset')
  @Operation({
    summary: 'Reset two-factor authentication of a user who has lost every second factor',
    scope: 'admin',
    status: 200,
    answer: twoFactorAnswer,
  })
  reset(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
    @Body({ schema: resetBody }) body: ResetTwoFactor,
  ) {
    return this.twoFactor.reset(caller, accountId, userId, body);
  }
}
