package io.millstream.jobs;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Header;
import io.millstream.api.Message;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.time.Duration;
import java.time.Instant;

/// A debounced job while it is put off, as its row has it:
///
/// `{"job":…,"due":millis,"last":millis,"queue":…,"type":…,"group":…,"priority":…,"startWithin":
/// millis,"trace":…,"headers":{…},"payload":{…}}`
///
/// @param job its id, the one of the first that was submitted
/// @param due when it is submitted, by the backend's clock
/// @param last when it is submitted in any case
/// @param queue where to
/// @param message what
record Postponed(String job, Instant due, Instant last, ChannelName queue, Message message) {
    Postponed(String job, Instant due, Instant last, Draft draft) {
        this(job, due, last, draft.queue(), draft.message().with().id(job).build());
    }

    /// @throws IllegalArgumentException if what it is given is no JSON object
    Bytes toBytes() {
        ObjectNode object = Json.newObject();
        object.put("job", job);
        object.put("due", due.toEpochMilli());
        object.put("last", last.toEpochMilli());
        object.put("queue", queue.name());
        object.put("type", message.type());
        object.put("group", message.group());
        object.put("priority", message.priority());
        Duration startWithin = message.timeToLive();
        if (startWithin != null) {
            object.put("startWithin", startWithin.toMillis());
        }
        if (message.trace() != null) {
            object.put("trace", message.trace());
        }
        ObjectNode headers = object.putObject("headers");
        message.headers().forEach(header -> headers.put(header.name(), header.value().utf8()));
        try {
            object.set("payload", Json.object(message.body()));
        } catch (Json.Unreadable unreadable) {
            throw new IllegalArgumentException(unreadable);
        }
        return Json.bytes(object);
    }

    /// Null if the row is not one of ours.
    static @Nullable Postponed from(Bytes value) {
        try {
            return read(Json.object(value));
        } catch (Json.Unreadable | IllegalArgumentException _) {
            return null;
        }
    }

    private static Postponed read(ObjectNode row) {
        String job = row.path("job").asString("");
        Message.Builder message =
                Message.builder(Json.bytes(row.path("payload")))
                        .id(job)
                        .contentType(Json.CONTENT_TYPE)
                        .type(text(row, "type"))
                        .group(text(row, "group"))
                        .trace(text(row, "trace"))
                        .priority(row.path("priority").asInt(0));
        if (row.has("startWithin")) {
            message.timeToLive(Duration.ofMillis(row.path("startWithin").asLong(0)));
        }
        row.path("headers")
                .properties()
                .forEach(header ->
                        message.header(
                                Header.text(header.getKey(), header.getValue().asString(""))));
        return new Postponed(
                job,
                Instant.ofEpochMilli(row.path("due").asLong(0)),
                Instant.ofEpochMilli(row.path("last").asLong(0)),
                ChannelName.of(row.path("queue").asString("")),
                message.build());
    }

    private static @Nullable String text(ObjectNode row, String name) {
        JsonNode value = row.get(name);
        return value == null || value.isNull() ? null : value.asString();
    }
}
