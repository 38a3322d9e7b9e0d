import type { INestApplication } from '@nestjs/common';
import { SwaggerModule } from '@nestjs/swagger';
import { describeApi } from './openapi.js';

/** `/docs`, `/openapi.json` and `/openapi.yaml`. */
export function serveDocs(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => describeApi(app), {
    jsonDocumentUrl: 'openapi.json',
    customSiteTitle: 'Sallyport API',
    yamlDocumentUrl: 'openapi.yaml',
    // Swagger UI would ask a server of its makers whether the description is valid.
    swaggerOptions: { validatorUrl: null },
  });
}

/** No answer of the API is a page: whatever comes to stand in one, a browser runs none of it and shows it in no frame. */
const answerPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/**
 * The page that shows the API. Its scripts are files; of style it has three elements and one attribute of its own
 * (@nestjs/swagger 12.0.2, `htmlTemplateString`; swagger-ui-dist, in its logo), known by their hashes: another release may
 * have others, and the test in a browser shows which.
 */
const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  [
    "style-src 'self' 'unsafe-hashes'",
    "'sha256-/jDKvbQ8cdux+c5epDIqkjHbXDaIY8RucT1PmAe8FG4='",
    "'sha256-ezdv1bOGcoOD7FKudKN0Y2Mb763O6qVtM8LT2mtanIU='",
    "'sha256-eaPyLWVdqMc60xuz5bTp2yBRgVpQSoUggte1+40ONPU='",
    "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='",
  ].join(' '),
  "img-src 'self' data:",
  // For "Try it out".
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

/** Content-Security-Policy of the answer to a request. */
export function contentPolicy(url: string): string {
  return /^\/docs(?:$|[/?])/.test(url) ? docsPolicy : answerPolicy;
}
