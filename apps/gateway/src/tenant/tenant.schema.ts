import { scopes } from '#persistence';
import { z } from 'zod';
import { id } from '../http/schemas.js';

export const tenantAnswer = z
  .object({
    id: id('tnt'),
    name: z.string(),
    apiKey: z
      .object({
        id: id('key'),
        name: z.string(),
        scopes: z.array(z.enum(scopes)),
        application: z.string().nullable().meta({ description: 'The application that the key is bound to' }),
      })
      .meta({ description: 'The API key of this call' }),
  })
  .meta({ id: 'Tenant' });

export type TenantAnswer = z.infer<typeof tenantAnswer>;
