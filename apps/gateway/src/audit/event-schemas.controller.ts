import { Controller, Get, Header, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { eventJsonSchema, eventNames, eventTypePrefix } from '#contracts';
import { z } from 'zod';
import { Operation } from '../http/operation.js';
import { noSuch } from '../refusals/refusals.js';

/** What the `data` of each type of event may hold: the same for all tenants, so that anybody may know. */
@ApiTags('audit')
@Controller('v1/event-schemas')
export class EventSchemasController {
  @Get(':type')
  @Operation({
    summary: 'Get the JSON Schema of the `data` of an event type',
    about: 'Events name it in `dataschema`. Types are explained in docs/events.md.',
    scope: null,
    status: 200,
    answer: z
      .object({
        $schema: z.string(),
        $id: z.string().meta({ description: 'As in `dataschema`' }),
        title: z.string().meta({ description: 'The event type' }),
        description: z.string(),
        type: z.literal('object'),
        properties: z.record(z.string(), z.unknown()),
        required: z.array(z.string()).optional(),
      })
      .meta({
        id: 'EventSchema',
        description: 'JSON Schema, draft 2020-12',
      }),
    refusals: ['not_found'],
  })
  @Header('cache-control', 'public, max-age=300')
  schema(@Param('type', { schema: z.string().max(100) }) type: string) {
    const name = eventNames.find((each) => `${eventTypePrefix}${each}` === type);
    if (!name) throw noSuch('event type');
    return eventJsonSchema(name);
  }
}
