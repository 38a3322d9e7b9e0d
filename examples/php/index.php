<?php
/** A login with two-factor authentication in plain PHP. ../README.md says how to start it, and what a panel does besides. */
declare(strict_types=1);
require __DIR__ . '/sallyport.php';
ini_set('display_errors', '0'); // What goes wrong is for the log, not for the page.

/** The one person of this example; a panel has a table. The password is "correct horse". */
const JANE = ['accountId' => 'acme', 'userId' => 'jane'];
const USER_PATH = '/v1/accounts/acme/users/jane';
const PASSWORD_HASH = '$2y$10$5hnPsUjErlDm6U1NGZPkxOV111.KPcEQoNhzNfV6tpOLe9EXlXKau';
const CODE_FIELD = '<label>Code <input name="code" autocomplete="one-time-code" required></label>';

session_start(['use_strict_mode' => true, 'cookie_httponly' => true, 'cookie_samesite' => 'Lax']); // Behind HTTPS add `cookie_secure`.
function e(?string $text): string { return htmlspecialchars($text ?? '', ENT_QUOTES); }
function field(string $name): string { return is_string($_POST[$name] ?? null) ? $_POST[$name] : ''; }
/** As people type and paste codes: "123 456", "123-456". */
function code(): string { return (string) preg_replace('/[\s-]/', '', field('code')); }
/** Each form has a key of its own: pressed or loaded twice, it still counts as one call to Sallyport. */
function key_of_form(): ?string { return preg_match('/^[0-9a-f]{32}$/', field('key')) ? field('key') : null; }

/** A new session id whenever someone gets further: one that was known or planted before is worth nothing then. */
function go(array $session): never
{
    session_regenerate_id(true);
    $_SESSION = $session;
    header('Location: /', true, 303);
    exit;
}

function form(string $action, string $fields, string $button): string
{
    $key = bin2hex(random_bytes(16));
    return "<form method='post' action='$action'><input type='hidden' name='key' value='$key'>$fields<button>$button</button></form>";
}

function code_page(array $devices): string
{
    $choices = $sends = '';
    foreach ($devices as $device) {
        // A passkey needs a script in the page: see docs/passkeys.md.
        if (!$device['allowed'] || $device['method'] === 'webauthn') continue;
        $label = e(trim("$device[name] $device[maskedAddress]"));
        [$value, $checked] = ["name='deviceId' value='" . e($device['id']) . "'", $device['isDefault'] ? ' checked' : ''];
        $choices .= "<label><input type='radio' $value$checked> $label</label>";
        if ($device['method'] !== 'totp') $sends .= form('/send', "<input type='hidden' $value>", "Send code to $label");
    }
    return form('/code', $choices . CODE_FIELD, 'Verify') . $sends . form('/logout', '', 'Cancel');
}

/** What is shown follows from the session alone. */
function page(): string
{
    if (isset($_SESSION['enrolment'])) {
        $totp = $_SESSION['enrolment']['totp'];
        return '<p>Scan the QR code with your authenticator app, or type the key: <code>' . e($totp['secret']) . '</code></p>'
            . '<img alt="" width="240" src="' . e($totp['qrCode']) . '">' . form('/enrol/verify', CODE_FIELD, 'Verify');
    }
    if (isset($_SESSION['signedIn'])) {
        $codes = implode('', array_map(fn ($code) => '<li>' . e($code), $_SESSION['recoveryCodes'] ?? []));
        unset($_SESSION['recoveryCodes']);
        return '<p>You are signed in as Jane.</p>' . ($codes ? "<p>Save these recovery codes: they are shown only once.</p><ul>$codes</ul>" : '')
            . form('/enrol', '', 'Set up an authenticator app') . form('/logout', '', 'Sign out');
    }
    if (($_SESSION['decision'] ?? '') === 'enroll') return form('/enrol', '', 'Set up an authenticator app');
    if (isset($_SESSION['challenge'])) return code_page($_SESSION['challenge']['devices']);
    return form('/login', '<input name="name"><input name="password" type="password">', 'Sign in');
}

/** @return string words for the person */
function answer(string $action): string
{
    $challengeId = $_SESSION['challenge']['id'] ?? null;
    $mayEnrol = isset($_SESSION['signedIn']) || ($_SESSION['decision'] ?? '') === 'enroll';
    if ($action === '/login') {
        if (!password_verify(field('password'), PASSWORD_HASH) || field('name') !== 'jane') return 'Name or password is wrong.';
        // The person is known to Sallyport by the panel's own ids.
        sallyport('PUT', '/v1/accounts/acme', []);
        sallyport('PUT', USER_PATH, []);
        $context = ['ip' => $_SERVER['REMOTE_ADDR'], 'userAgent' => $_SERVER['HTTP_USER_AGENT'] ?? ''];
        $answer = sallyport('POST', '/v1/challenges', JANE + ['purpose' => 'login', 'context' => $context]);
        if ($answer['decision'] === 'deny') return $answer['userMessage'];
        if ($answer['decision'] === 'allow') go(['signedIn' => true]);
        // The challenge stays here, on the server. The browser gets a form.
        go(['decision' => $answer['decision'], 'challenge' => $answer['challenge']]);
    }
    if ($action === '/send' && $challengeId) {
        sallyport('POST', "/v1/challenges/$challengeId/codes", ['deviceId' => field('deviceId')], key_of_form());
        return 'The code is on its way.';
    }
    if ($action === '/code' && $challengeId) {
        // What is no code is a recovery code.
        $isCode = preg_match('/^(\d{6}|\d{8})$/D', code());
        $body = $isCode ? array_filter(['deviceId' => field('deviceId'), 'code' => code()]) : ['recoveryCode' => code()];
        $answer = sallyport('POST', "/v1/challenges/$challengeId/verify", $body, key_of_form());
        verify_proof($answer['proof'], JANE, 'login', $challengeId);
        go(['signedIn' => true]);
    }
    if ($action === '/enrol' && $mayEnrol) {
        // The first device. Another one needs a proof: see docs/integrating.md.
        $device = sallyport('POST', USER_PATH . '/devices', ['method' => 'totp', 'name' => 'Phone'], key_of_form());
        $_SESSION['enrolment'] = ['id' => $device['id'], 'totp' => $device['totp']];
    }
    if ($action === '/enrol/verify' && isset($_SESSION['enrolment']) && $mayEnrol) {
        $body = array_filter(['code' => code(), 'challengeId' => $challengeId]);
        $answer = sallyport('POST', "/v1/devices/{$_SESSION['enrolment']['id']}/verify", $body, key_of_form());
        // A login that had to enrol first ends here, with a proof like any other.
        if ($challengeId) verify_proof($answer['proof'], JANE, 'login', $challengeId);
        go(['signedIn' => true, 'recoveryCodes' => $answer['recoveryCodes'] ?? []]);
    }
    return $action === '/logout' ? go([]) : '';
}

try {
    $words = $_SERVER['REQUEST_METHOD'] === 'POST' ? answer((string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)) : '';
} catch (Refusal $refusal) {
    http_response_code($refusal->status);
    $words = $refusal->getMessage();
    $ends = ['challenge_expired', 'challenge_not_pending', 'enrolment_expired', 'not_found', 'proof_invalid'];
    if (in_array($refusal->reason, $ends, true)) unset($_SESSION['challenge'], $_SESSION['decision'], $_SESSION['enrolment']);
}
header('Content-Type: text/html; charset=utf-8');
echo '<!doctype html><html lang="en"><title>Example</title><h1>Example panel</h1><p role="alert">' . e($words) . '</p>' . page();
