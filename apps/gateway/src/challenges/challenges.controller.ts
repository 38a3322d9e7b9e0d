import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { sendAnswer } from '../codes/code.schema.js';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { id } from '../http/schemas.js';
import { decisionAnswer } from './challenge-view.js';
import { Challenges } from './challenges.js';
import { challengeAnswer, sendChallengeCodeBody } from './challenges.schema.js';
import { CreateChallenge } from './create-challenge.js';
import { createChallengeBody, type CreateChallengeBody } from './create-challenge.schema.js';
import { VerifyChallenge } from './verify-challenge.js';
import { verifyChallengeAnswer, verifyChallengeBody, type VerifyChallengeBody } from './verify-challenge.schema.js';

const challengeId = id('chl');

@ApiTags('challenges')
@Controller('v1/challenges')
export class ChallengesController {
  constructor(
    private readonly createChallenge: CreateChallenge,
    private readonly challenges: Challenges,
    private readonly verifyChallenge: VerifyChallenge,
  ) {}

  @Post()
  @Operation({
    summary: 'Decide before login, and open a challenge if a second factor is due',
    scope: 'challenges',
    login: true,
    status: 201,
    answer: decisionAnswer,
    refusals: ['rate_limited'],
  })
  create(@CallerParam() caller: Caller, @Body({ schema: createChallengeBody }) body: CreateChallengeBody) {
    return this.createChallenge.run(caller, body);
  }

  @Get(':challengeId')
  @Operation({
    summary: 'Get a challenge and its deliveries',
    scope: 'challenges',
    login: true,
    status: 200,
    answer: challengeAnswer,
  })
  get(@CallerParam() caller: Caller, @Param('challengeId', { schema: challengeId }) challenge: string) {
    return this.challenges.get(caller, challenge);
  }

  @Post(':challengeId/cancel')
  @Operation({
    summary: 'Cancel a challenge',
    scope: 'challenges',
    login: true,
    status: 200,
    answer: challengeAnswer,
    refusals: ['challenge_not_pending', 'challenge_expired'],
  })
  cancel(@CallerParam() caller: Caller, @Param('challengeId', { schema: challengeId }) challenge: string) {
    return this.challenges.cancel(caller, challenge);
  }

  @Post(':challengeId/codes')
  @Operation({
    summary: 'Send a code to a device, or resend it',
    scope: 'challenges',
    login: true,
    status: 202,
    answer: sendAnswer,
    refusals: [
      'challenge_not_pending',
      'challenge_expired',
      'device_not_verified',
      'method_not_allowed',
      'locked',
      'resend_too_soon',
      'send_limit_reached',
      'sms_quota_exceeded',
      'sms_blocked',
    ],
  })
  sendCode(
    @CallerParam() caller: Caller,
    @Param('challengeId', { schema: challengeId }) challenge: string,
    @Body({ schema: sendChallengeCodeBody }) body: { deviceId: string },
  ) {
    return this.challenges.sendCode(caller, challenge, body.deviceId);
  }

  @Post(':challengeId/verify')
  @Operation({
    summary: 'Check a code, a passkey or a recovery code',
    scope: 'challenges',
    login: true,
    status: 200,
    answer: verifyChallengeAnswer,
    secret: true,
    refusals: [
      'challenge_not_pending',
      'challenge_expired',
      'device_not_verified',
      'method_not_allowed',
      'code_invalid',
      'code_already_used',
      'code_expired',
      'recovery_code_invalid',
      'locked',
    ],
  })
  verify(
    @CallerParam() caller: Caller,
    @Param('challengeId', { schema: challengeId }) challenge: string,
    @Body({ schema: verifyChallengeBody }) body: VerifyChallengeBody,
  ) {
    return this.verifyChallenge.run(caller, challenge, body);
  }
}
