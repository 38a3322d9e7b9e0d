import { z } from 'zod';

/** What the panel told of a user; sealed in the user's row. */
export const profileSchema = z.strictObject({
  displayName: z.string().nullable(),
  email: z.string().nullable(),
  /** E.164 with its `+`. */
  phone: z.string().nullable(),
  /** Those that the user had until lately, with the time until which notices go there too. */
  formerEmails: z.array(z.strictObject({ address: z.string(), until: z.iso.datetime() })).optional(),
});
export type Profile = z.infer<typeof profileSchema>;
