package io.millstream.server.command;

import io.millstream.api.MillstreamException;
import io.millstream.server.users.Listed;
import io.millstream.server.users.NewKey;
import io.millstream.server.users.Roster;
import io.millstream.server.users.UserChange;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The users of a server that runs, over its status port.
final class ServedRoster implements Roster {
    private static final String PATH = "/api/v1/users";
    private static final int STATUS_GOOD = 200;
    private static final int STATUS_REFUSED = 300;

    private final StatusPort server;

    /// What the list is in JSON.
    record Listing(List<Listed> users) {}

    ServedRoster(StatusPort server) {
        this.server = server;
    }

    @Override
    public List<Listed> list() {
        return read(send(server.request(PATH).GET()), Listing.class).users();
    }

    @Override
    public void put(String name, UserChange change, boolean mustBeNew) {
        HttpRequest.Builder request =
                server.request(PATH + '/' + encoded(name))
                        .header("Content-Type", "application/json")
                        .header(mustBeNew ? "If-None-Match" : "If-Match", "*")
                        .PUT(
                                BodyPublishers.ofByteArray(
                                        JsonMapper.shared().writeValueAsBytes(change)));
        send(request);
    }

    @Override
    public void remove(String name) {
        send(server.request(PATH + '/' + encoded(name)).DELETE());
    }

    @Override
    public NewKey addKey(String name) {
        return read(
                send(
                        server.request(PATH + '/' + encoded(name) + "/keys")
                                .POST(BodyPublishers.noBody())),
                NewKey.class);
    }

    @Override
    public void removeKey(String name, String id) {
        send(server.request(PATH + '/' + encoded(name) + "/keys/" + encoded(id)).DELETE());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static <T> T read(byte[] body, Class<T> type) {
        try {
            return JsonMapper.shared().readValue(body, type);
        } catch (JacksonException e) {
            throw new MillstreamException(
                    "The server's answer is not that of this version: " + e.getOriginalMessage(),
                    e);
        }
    }

    private byte[] send(HttpRequest.Builder request) {
        try (HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            HttpResponse<byte[]> answer = client.send(request.build(), BodyHandlers.ofByteArray());
            if (answer.statusCode() < STATUS_GOOD || answer.statusCode() >= STATUS_REFUSED) {
                throw new MillstreamException(
                        StatusPort.explain(answer.statusCode(), answer.body()) + ".");
            }
            return answer.body();
        } catch (ConnectException nobody) {
            throw new MillstreamException(
                    "Nobody answers at "
                            + server.base()
                            + ". Start the server, give the address of its status port (--server),"
                            + " or name the data directory of a server that is stopped (--data).",
                    nobody);
        } catch (IOException e) {
            throw new MillstreamException(
                    "There is no answer from " + server.base() + ": " + e.getMessage() + ".", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MillstreamException("It was interrupted.", e);
        }
    }
}
