<?php
// What a household owes, and whether its water may be cut: `php assess.php`, PHP 8 with the curl extension.
// DUNNING_URL and DUNNING_KEY say where the service is and who asks.
declare(strict_types=1);

/** The answer as an array; whatever is no answer is a problem (application/problem+json), with its findings. */
function ask(string $path, array $question): array
{
    $call = curl_init((getenv('DUNNING_URL') ?: 'http://127.0.0.1:8765') . $path);
    curl_setopt_array($call, [
        CURLOPT_POST => true,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 60,
        CURLOPT_HTTPHEADER => [
            'Authorization: Bearer ' . getenv('DUNNING_KEY'),
            'Content-Type: application/json',
            'Accept-Language: en',
        ],
        CURLOPT_POSTFIELDS => json_encode($question, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE),
    ]);
    $body = curl_exec($call);
    if ($body === false) {
        throw new RuntimeException(curl_error($call));
    }
    $answer = json_decode($body, true, flags: JSON_THROW_ON_ERROR);
    if (curl_getinfo($call, CURLINFO_RESPONSE_CODE) !== 200) {
        foreach ($answer['findings'] as $finding) {
            fwrite(STDERR, "{$finding['code']} {$finding['at']}: {$finding['message_en']}\n");
        }
        throw new RuntimeException($answer['detail']);
    }
    return $answer;
}

$question = json_decode(file_get_contents(__DIR__ . '/household.json'), true, flags: JSON_THROW_ON_ERROR);

// Amounts travel as text, there and back: bcadd() and the like take them as they are, floats would not.
$balance = ask('/v1/assess', $question)['balance'];
echo "owed {$balance['total']}, of it late fee {$balance['late_fee']}\n";

$may = ask('/v1/may', ['action' => 'cut_water', 'on' => $question['on'], 'account' => $question['account']]);
echo "{$may['verdict']['verdict']}: {$may['verdict']['reason']}\n";

// Only "allowed" is a yes; "conditional" says what is still needed.
echo $may['verdict']['verdict'] === 'allowed' ? "the button may be shown\n" : "the button stays away\n";
