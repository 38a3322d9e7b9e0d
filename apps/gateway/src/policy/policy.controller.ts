import { Body, Controller, Delete, Get, Param, Patch, Put } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { policyOverrideSchema, policyPatchSchema, type PolicyOverride, type PolicyPatch } from '#contracts';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { externalId } from '../http/schemas.js';
import { Policies, policyAnswer } from './policies.js';

@ApiTags('policy')
@Controller('v1')
export class PolicyController {
  constructor(private readonly policies: Policies) {}

  @Get('policy')
  @Operation({ summary: "Get the tenant's policy", scope: 'accounts', status: 200, answer: policyAnswer })
  getTenant(@CallerParam() caller: Caller) {
    return this.policies.get(caller, null);
  }

  @Put('policy')
  @Operation({
    summary: "Replace the tenant's policy",
    about: 'Values that are left out go back to their defaults. Use `PATCH` to merge.',
    scope: 'admin',
    status: 200,
    answer: policyAnswer,
  })
  putTenant(@CallerParam() caller: Caller, @Body({ schema: policyOverrideSchema }) body: PolicyOverride) {
    return this.policies.put(caller, null, body);
  }

  @Patch('policy')
  @Operation({
    summary: "Update the tenant's policy",
    about: 'Values that are left out stay unchanged. Use `PUT` to replace.',
    scope: 'admin',
    status: 200,
    answer: policyAnswer,
  })
  patchTenant(@CallerParam() caller: Caller, @Body({ schema: policyPatchSchema }) body: PolicyPatch) {
    return this.policies.patch(caller, null, body);
  }

  @Get('accounts/:accountId/policy')
  @Operation({ summary: "Get an account's policy", scope: 'accounts', status: 200, answer: policyAnswer })
  getAccount(@CallerParam() caller: Caller, @Param('accountId', { schema: externalId }) accountId: string) {
    return this.policies.get(caller, accountId);
  }

  @Put('accounts/:accountId/policy')
  @Operation({
    summary: "Replace an account's policy override",
    about: 'Values that are left out are inherited again. Use `PATCH` to merge.',
    scope: 'admin',
    status: 200,
    answer: policyAnswer,
  })
  putAccount(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Body({ schema: policyOverrideSchema }) body: PolicyOverride,
  ) {
    return this.policies.put(caller, accountId, body);
  }

  @Patch('accounts/:accountId/policy')
  @Operation({
    summary: "Update an account's policy override",
    about: 'Values that are left out stay unchanged. Use `PUT` to replace.',
    scope: 'admin',
    status: 200,
    answer: policyAnswer,
  })
  patchAccount(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Body({ schema: policyPatchSchema }) body: PolicyPatch,
  ) {
    return this.policies.patch(caller, accountId, body);
  }

  @Delete('accounts/:accountId/policy')
  @Operation({ summary: "Delete an account's policy override", scope: 'admin', status: 200, answer: policyAnswer })
  deleteAccount(@CallerParam() caller: Caller, @Param('accountId', { schema: externalId }) accountId: string) {
    return this.policies.put(caller, accountId, {});
  }
}
