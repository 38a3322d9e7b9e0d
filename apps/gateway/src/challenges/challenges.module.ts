import { Module } from '@nestjs/common';
import { Challenges } from './challenges.js';
import { ChallengesController } from './challenges.controller.js';
import { CreateChallenges } from './create-challenge.js';
import { VerifyChallenges } from './verify-challenge.js';

@Module({
  controllers: [ChallengesController],
  providers: [Challenges, CreateChallenges, VerifyChallenges],
})
export class ChallengesModule {}
