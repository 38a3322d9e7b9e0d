<?php
// Keeps each event once, as a file of the folder INBOX, and then says yes. WEBHOOK_SECRET=whsec_… php -S 127.0.0.1:8080 receiver.php
$secret = base64_decode(preg_replace('/^whsec_/', '', getenv('WEBHOOK_SECRET') ?: ''), true);
$inbox = getenv('INBOX') ?: 'inbox';
$body = file_get_contents('php://input', false, null, 0, 1048576);
$id = $_SERVER['HTTP_WEBHOOK_ID'] ?? '';
$time = $_SERVER['HTTP_WEBHOOK_TIMESTAMP'] ?? '';

function isGenuine(string $secret, string $id, string $time, string $body): bool {
    if (strlen($secret) < 16 || !preg_match('/^[\w-]{1,100}$/D', $id) || !preg_match('/^\d{1,12}$/D', $time)) return false;
    if (abs(time() - (int) $time) > 300) return false;
    $right = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$time.$body", $secret, true));
    // Two of them while the secret is being changed.
    foreach (explode(' ', $_SERVER['HTTP_WEBHOOK_SIGNATURE'] ?? '') as $given) {
        if (hash_equals($right, $given)) return true;
    }
    return false;
}

if (!isGenuine($secret ?: '', $id, $time, $body)) {
    http_response_code(401);
    return;
}
if (!is_dir($inbox)) mkdir($inbox, 0700, true);
$aside = tempnam($inbox, 'new');
$kept = file_put_contents($aside, $body) === strlen($body);
// Sent again: it is here already.
$kept = $kept && (@link($aside, "$inbox/$id.json") || file_exists("$inbox/$id.json"));
unlink($aside);
http_response_code($kept ? 204 : 500);
