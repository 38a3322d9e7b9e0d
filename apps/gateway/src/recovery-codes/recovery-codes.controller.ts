import { Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { externalId } from '../http/schemas.js';
import { newRecoveryCodesAnswer, RecoveryCodes, recoveryCodesAnswer } from './recovery-codes.js';

@ApiTags('recovery codes')
@Controller('v1/accounts/:accountId/users/:userId/recovery-codes')
export class RecoveryCodesController {
  constructor(private readonly codes: RecoveryCodes) {}

  @Get()
  @Operation({
    summary: 'Get the number of recovery codes left',
    scope: 'devices',
    status: 200,
    answer: recoveryCodesAnswer,
  })
  show(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
  ) {
    return this.codes.show(caller, accountId, userId);
  }

  @Post()
  @Operation({
    summary: 'Generate a new set of recovery codes; the old set stops working',
    scope: 'devices',
    status: 201,
    answer: newRecoveryCodesAnswer,
    secret: true,
    proof: true,
    refusals: ['proof_required', 'proof_invalid', 'method_not_allowed'],
  })
  replace(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
  ) {
    return this.codes.replace(caller, accountId, userId);
  }

  @Post('acknowledge')
  @Operation({
    summary: 'Confirm that the recovery codes have been saved',
    scope: 'devices',
    login: true,
    status: 200,
    answer: recoveryCodesAnswer,
  })
  acknowledge(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
  ) {
    return this.codes.acknowledge(caller, accountId, userId);
  }
}
