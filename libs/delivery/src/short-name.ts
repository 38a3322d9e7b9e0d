/** What a channel calls an error is kept, logged and published only if it looks like a name of ours. */
export function shortName(error: string): string {
  return /^[a-z][a-z0-9_-]{0,63}$/.test(error) ? error : 'provider-error';
}
