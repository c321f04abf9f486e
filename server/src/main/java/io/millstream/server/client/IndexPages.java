package io.millstream.server.client;

import io.millstream.api.MillstreamException;
import io.millstream.backends.remote.RemoteOptions;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;

/// What the server's search index says, which is asked by its HTTP API: it is beside the store, and
/// the store knows nothing of it.
final class IndexPages {
    private static final Duration WAIT = Duration.ofSeconds(15);
    private static final int GOOD = 200;

    private final RemoteOptions server;

    IndexPages(RemoteOptions server) {
        this.server = server;
    }

    /// A page. Blocks for seconds at most.
    ///
    /// @param path below `/api/v1`, its parts encoded
    /// @param asked what follows the question mark
    /// @throws MillstreamException if the server refuses, or does not answer
    JsonNode get(String path, Map<String, String> asked) {
        String query =
                asked.entrySet().stream()
                        .map(one -> one.getKey() + "=" + encoded(one.getValue()))
                        .collect(Collectors.joining("&"));
        URI address =
                URI.create(
                        server.address() + "/api/v1" + path + (query.isEmpty() ? "" : "?" + query));
        HttpRequest.Builder request =
                HttpRequest.newBuilder(address).timeout(WAIT).header("Accept", "application/json");
        if (server.authorization() != null) {
            request.header("Authorization", server.authorization());
        }
        HttpClient.Builder client = HttpClient.newBuilder().connectTimeout(WAIT);
        if (server.tls() != null) {
            client.sslContext(server.tls());
        }
        try (HttpClient http = client.build()) {
            HttpResponse<byte[]> answer =
                    http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            JsonNode body = Json.tree(answer.body());
            if (answer.statusCode() != GOOD) {
                throw new MillstreamException(
                        body.path("detail").asString("The server answers " + answer.statusCode()));
            }
            return body;
        } catch (IOException | JacksonException failed) {
            throw new MillstreamException(
                    "The server at %s does not answer: %s"
                            .formatted(server.address(), failed.getMessage()),
                    failed);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new MillstreamException("Interrupted", stop);
        }
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
