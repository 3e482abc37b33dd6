// What a household owes, and whether its water may be cut: `java Assess.java`, Java 11 or newer, nothing to install.
// DUNNING_URL and DUNNING_KEY say where the service is and who asks. Read the answers with the JSON library you have.

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

public class Assess {
    static final String URL = System.getenv().getOrDefault("DUNNING_URL", "http://127.0.0.1:8765");
    static final String KEY = System.getenv().getOrDefault("DUNNING_KEY", "");
    static final HttpClient CLIENT = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    /** The answer; whatever is no answer is a problem (application/problem+json), with its findings. */
    static String ask(String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(URL + path))
            .timeout(Duration.ofSeconds(60))
            .header("Authorization", "Bearer " + KEY)
            .header("Content-Type", "application/json")
            .header("Accept-Language", "en")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
        HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(response.statusCode() + " " + response.body());
        }
        return response.body();
    }

    public static void main(String[] arguments) throws Exception {
        String household = Files.readString(Path.of(arguments.length > 0 ? arguments[0] : "household.json"));
        System.out.println(ask("/v1/assess", household));

        String verdict = ask("/v1/may", "{\"action\": \"cut_water\", \"on\": \"2026-03-31\", \"place\": \"CN-3301\"}");
        System.out.println(verdict);
        // Only "allowed" is a yes; "conditional" says what is still needed.
        boolean button = verdict.contains("\"verdict\":\"allowed\"");
        System.out.println(button ? "the button may be shown" : "the button stays away");
    }
}
