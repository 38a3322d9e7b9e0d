import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { Operation } from '../http/operation.js';
import { Proofs } from './proofs.js';

/** The keys with which a panel verifies proofs by itself (RFC 7517 §5). */
@ApiTags('operations')
@Controller()
export class JwksController {
  constructor(private readonly proofs: Proofs) {}

  @Get('.well-known/jwks.json')
  @Operation({
    summary: 'Public keys that verify proofs',
    scope: null,
    status: 200,
    answer: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
  })
  // Clients are generated from this name.
  @ApiOperation({ operationId: 'Health_jwks' })
  @Header('cache-control', 'public, max-age=300')
  jwks() {
    return this.proofs.jwks();
  }
}
