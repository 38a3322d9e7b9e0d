import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CallerParam, type Caller } from '../http/caller.js';
import { Operation } from '../http/operation.js';
import { externalId } from '../http/schemas.js';
import { UserProofs } from './user-proofs.js';
import { userProofs, userProofsQuery, type UserProofsQuery } from './user-proofs.schema.js';

@ApiTags('audit')
@Controller('v1/accounts/:accountId/users/:userId/audit')
export class UserProofsController {
  constructor(private readonly proofs: UserProofs) {}

  @Get('proofs')
  @Operation({
    summary: "List a user's own events, with a proof of each",
    about:
      'For the user to see and to keep: what is personal is opened, and each event comes with a file that `npm run audit:verify --proof` and other programs verify without the log. Ask only for the user who is signed in. Events that are not sealed yet are not listed.',
    scope: 'audit:personal',
    status: 200,
    answer: userProofs,
  })
  list(
    @CallerParam() caller: Caller,
    @Param('accountId', { schema: externalId }) accountId: string,
    @Param('userId', { schema: externalId }) userId: string,
    @Query({ schema: userProofsQuery }) query: UserProofsQuery,
  ) {
    return this.proofs.list(caller, accountId, userId, query);
  }
}
