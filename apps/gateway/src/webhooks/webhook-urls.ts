import { invalidRequest } from '#contracts';
import { longestUrl, urlOfEndpoint, type AllowPrivate, type UrlRefusal } from '#runtime';

const words: Readonly<Record<UrlRefusal, string>> = {
  not_a_url: 'must be a URL, as in https://panel.example/hooks',
  too_long: `must have at most ${longestUrl} characters`,
  not_https: 'must begin with https://',
  credentials: 'must not hold a user name or a password',
  private_address: 'must not name an address of a private network or of this machine',
};

/** Which addresses an endpoint may have. */
export class WebhookUrls {
  constructor(private readonly allowPrivate: AllowPrivate) {}

  /**
   * @returns the address as it is called: its name in ASCII, without a fragment
   * @throws {Problem} `invalid_request`
   */
  read(text: string): string {
    const url = urlOfEndpoint(text, { allowPrivate: this.allowPrivate });
    if (typeof url === 'string') throw invalidRequest('/url', words[url]);
    return url.href;
  }
}
