import { Module } from '@nestjs/common';
import { Challenges } from './challenges.js';
import { ChallengesController } from './challenges.controller.js';
import { CheckAnswer } from './check-answer.js';
import { CreateChallenge } from './create-challenge.js';
import { OpenChallenge } from './open-challenge.js';
import { VerifyByDevice } from './verify-by-device.js';
import { VerifyByRecoveryCode } from './verify-by-recovery-code.js';
import { VerifyChallenge } from './verify-challenge.js';

@Module({
  controllers: [ChallengesController],
  providers: [
    Challenges,
    CreateChallenge,
    OpenChallenge,
    VerifyChallenge,
    VerifyByDevice,
    VerifyByRecoveryCode,
    CheckAnswer,
  ],
})
export class ChallengesModule {}
