import type { FastifyInstance } from 'fastify';

/**
 * Which methods there are at an address that has none of the asked kind. Fastify's router tells only whether a method
 * fits, so the addresses are written down as they are declared.
 */
export class AllowedMethods {
  private readonly routes: { readonly fits: RegExp; readonly methods: readonly string[] }[] = [];

  /** Before the first address is declared. */
  watch(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', ({ url, method }) => {
      const pattern = url
        .split('/')
        .map((part) => (part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[^\w-]/g, '\\$&')))
        .join('/');
      this.routes.push({ fits: new RegExp(`^${pattern}$`), methods: [method].flat() });
    });
  }

  /** Sorted, as for the header `Allow` (RFC 9110 §10.2.1); none where there is nothing at this address. */
  at(url: string): string[] {
    const path = url.split('?', 1)[0] ?? '';
    const found = this.routes.filter(({ fits }) => fits.test(path)).flatMap(({ methods }) => methods);
    return [...new Set(found)].toSorted();
  }
}
