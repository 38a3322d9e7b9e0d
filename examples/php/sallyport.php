<?php
/** What a panel needs of Sallyport: one call over HTTP, and the check of a proof. Plain PHP 8.1 or newer with sodium. */
declare(strict_types=1);

/** A refusal: `reason` is for programs, `getMessage()` for the person. */
final class Refusal extends Exception
{
    public function __construct(public string $reason, string $words, public int $status) { parent::__construct($words); }
}

/**
 * @param string|null $key of the form: a call that is repeated with the same key counts once
 * @return array the answer
 * @throws Refusal what Sallyport refuses; `unavailable` where it gives no answer, and then nobody may get in
 */
function sallyport(string $method, string $path, ?array $body = null, ?string $key = null): array
{
    $headers = ['Authorization: Bearer ' . getenv('SALLYPORT_API_KEY'), 'Content-Type: application/json'];
    if ($method !== 'GET') $headers[] = 'Idempotency-Key: ' . ($key ?? bin2hex(random_bytes(16)));
    $options = ['method' => $method, 'header' => $headers, 'timeout' => 10, 'ignore_errors' => true, 'follow_location' => 0];
    // An empty PHP array would become a JSON list.
    if ($body !== null) $options['content'] = json_encode((object) $body, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE);
    $gateway = getenv('SALLYPORT_URL') ?: 'http://127.0.0.1:3000';
    $stream = @fopen($gateway . $path, 'r', false, stream_context_create(['http' => $options]));
    $answer = $stream ? json_decode((string) stream_get_contents($stream), true) : null;
    $status = $stream ? (int) explode(' ', stream_get_meta_data($stream)['wrapper_data'][0])[1] : 503;
    if ($status < 300 && is_array($answer)) return $answer;
    // Neither a fault of Sallyport nor a wrong API key is for the person to know more of.
    $isForPerson = $status < 500 && !in_array($status, [401, 403], true) && isset($answer['code']);
    if ($isForPerson) throw new Refusal($answer['code'], $answer['userMessage'] ?? $answer['title'], $status);
    error_log("sallyport: $method $path: $status " . ($answer['code'] ?? 'no answer'));
    throw new Refusal('unavailable', 'This does not work at the moment. Please try again in a minute.', 503);
}
function from_base64url(string $text): string { return (string) base64_decode(strtr($text, '-_', '+/'), true); }

/**
 * Checks a proof by Sallyport's public keys, without asking Sallyport about it (RFC 8037, RFC 7519). A panel keeps the keys for
 * some minutes, and fetches them again for a `kid` that it does not know.
 * @throws Refusal `proof_invalid`
 */
function verify_proof(string $proof, array $user, string $purpose, string $challengeId): void
{
    $parts = explode('.', $proof);
    [$head, $body, $signature] = array_map(from_base64url(...), array_pad($parts, 3, ''));
    [$header, $claims] = [json_decode($head, true), json_decode($body, true)];
    $isSigned = false;
    foreach (sallyport('GET', '/.well-known/jwks.json')['keys'] as $jwk) {
        if (($header['alg'] ?? '') !== 'EdDSA' || $jwk['crv'] !== 'Ed25519' || $jwk['kid'] !== ($header['kid'] ?? null)) continue;
        $isSigned = count($parts) === 3 && strlen($signature) === SODIUM_CRYPTO_SIGN_BYTES
            && sodium_crypto_sign_verify_detached($signature, "$parts[0].$parts[1]", from_base64url($jwk['x']));
    }
    $wanted = ['iss' => 'sallyport', 'sub' => $user['userId'], 'acc' => $user['accountId'], 'purpose' => $purpose, 'chl' => $challengeId];
    // Where several panels share one Sallyport: the tenant that `GET /v1/tenant` names.
    if (getenv('SALLYPORT_TENANT')) $wanted['aud'] = getenv('SALLYPORT_TENANT');
    // `==` would take "1e3" for "1000": array_diff_assoc compares as strings. Clocks may differ by five seconds.
    $isRight = $isSigned && is_array($claims) && array_diff_assoc($wanted, $claims) === [];
    if (!$isRight || $claims['exp'] < time() - 5) throw new Refusal('proof_invalid', 'The proof is not valid.', 403);
}
