package io.millstream.jobs;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Header;
import io.millstream.api.Message;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.time.DateTimeException;
import java.time.Duration;
import java.util.Base64;

/// A job that is kept somewhere else than in its queue:
///
/// ```json
/// {"queue": "jobs", "type": "report#2", "payload": {}, "group": "7", "deduplication": "x",
///  "priority": 0, "delay": "PT1S", "time_to_live": "PT5M", "trace": "00-…-01",
///  "headers": [["millstream-keep-result", "text", "PT1H"]]}
/// ```
///
/// What is null, empty or zero may be left out. The value of a header is in Base64 unless its type
/// is text or number.
final class JobJson {
    private JobJson() {}

    /// @param envelope the job without its id and its body
    /// @param payload what it is given
    static ObjectNode write(ChannelName queue, Message envelope, ObjectNode payload) {
        ObjectNode json = Json.newObject().put("queue", queue.name());
        json.put("type", envelope.type());
        json.set("payload", payload);
        if (envelope.group() != null) {
            json.put("group", envelope.group());
        }
        if (envelope.deduplication() != null) {
            json.put("deduplication", envelope.deduplication());
        }
        if (envelope.priority() != 0) {
            json.put("priority", envelope.priority());
        }
        if (!envelope.delay().isZero()) {
            json.put("delay", envelope.delay().toString());
        }
        if (envelope.timeToLive() != null) {
            json.put("time_to_live", envelope.timeToLive().toString());
        }
        if (envelope.trace() != null) {
            json.put("trace", envelope.trace());
        }
        if (!envelope.headers().isEmpty()) {
            ArrayNode headers = json.putArray("headers");
            for (Header header : envelope.headers()) {
                headers.addArray().add(header.name()).add(header.type()).add(shown(header));
            }
        }
        return json;
    }

    private static boolean isShown(String headerType) {
        return headerType.equals(Header.TEXT) || headerType.equals(Header.NUMBER);
    }

    private static String shown(Header header) {
        return isShown(header.type())
                ? header.text()
                : Base64.getEncoder().encodeToString(header.value().toArray());
    }

    /// The job without its id and its body.
    ///
    /// @throws IllegalArgumentException if something in it is out of bounds
    /// @throws DateTimeException if a time is none
    static Message envelope(ObjectNode job) {
        Message.Builder message =
                Message.builder(Bytes.EMPTY)
                        .type(optional(job, "type"))
                        .contentType(Json.CONTENT_TYPE)
                        .group(optional(job, "group"))
                        .deduplication(optional(job, "deduplication"))
                        .trace(optional(job, "trace"))
                        .priority(job.path("priority").asInt(0));
        String delay = optional(job, "delay");
        String timeToLive = optional(job, "time_to_live");
        message.delay(delay == null ? Duration.ZERO : Duration.parse(delay));
        message.timeToLive(timeToLive == null ? null : Duration.parse(timeToLive));
        for (JsonNode header : job.path("headers")) {
            String type = header.path(1).asString();
            String value = header.path(2).asString();
            Bytes bytes =
                    isShown(type) ? Bytes.utf8(value) : Bytes.of(Base64.getDecoder().decode(value));
            message.header(new Header(header.path(0).asString(), type, bytes));
        }
        return message.build();
    }

    static @Nullable String optional(ObjectNode json, String member) {
        JsonNode node = json.get(member);
        return node == null || !node.isString() ? null : node.asString();
    }
}
