package io.millstream.jobs;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Message;

import tools.jackson.databind.node.ObjectNode;

import java.time.DateTimeException;
import java.time.Duration;

/// A job that is to be submitted, as the text that an outbox keeps: as [JobJson] has it, and if it
/// is unique with what others are kept out by:
///
/// ```json
/// {"queue": "mail", "type": "mail.send", "payload": {"userId": 42},
///  "unique": {"key": "mail/mail.send/=42", "until": "done"}}
/// ```
///
/// `until` is `started`, `done`, `time` with a `time`, or `quiet` with `quiet` and `most`.
final class DraftJson {
    private DraftJson() {}

    /// In ASCII.
    static String write(Draft draft) {
        ObjectNode json;
        try {
            ObjectNode payload = Json.exactObject(draft.message().body());
            json = JobJson.write(draft.queue(), draft.message(), payload);
        } catch (Json.Unreadable unreadable) {
            throw new IllegalArgumentException(unreadable);
        }
        if (draft.scope() != null) {
            ObjectNode unique = json.putObject("unique").put("key", draft.key());
            switch (draft.scope()) {
                case Unique.Scope.UntilStarted _ -> unique.put("until", "started");
                case Unique.Scope.UntilDone _ -> unique.put("until", "done");
                case Unique.Scope.Within(Duration time) ->
                        unique.put("until", "time").put("time", time.toString());
                case Unique.Scope.Debounced(Duration quiet, Duration most) ->
                        unique.put("until", "quiet")
                                .put("quiet", quiet.toString())
                                .put("most", most.toString());
            }
        }
        return Json.ascii(json);
    }

    /// @param id the job's
    /// @throws Json.Unreadable if it is none, with why
    static Draft read(String id, String text) throws Json.Unreadable {
        ObjectNode json = Json.exactObject(Bytes.utf8(text));
        if (!(json.get("payload") instanceof ObjectNode payload)) {
            throw missing("payload");
        }
        String queue = text(json, "queue");
        var _ = text(json, "type");
        try {
            Message message =
                    JobJson.envelope(json).with().id(id).body(Json.bytes(payload)).build();
            Unique.Scope scope = null;
            String key = "";
            if (json.get("unique") instanceof ObjectNode unique) {
                scope = scope(unique);
                key = text(unique, "key");
            }
            return new Draft(ChannelName.of(queue), id, message, scope, key);
        } catch (IllegalArgumentException | DateTimeException wrong) {
            throw new Json.Unreadable("It makes no sense: " + wrong.getMessage(), wrong);
        }
    }

    private static Unique.Scope scope(ObjectNode unique) throws Json.Unreadable {
        String until = text(unique, "until");
        return switch (until) {
            case "started" -> new Unique.Scope.UntilStarted();
            case "done" -> new Unique.Scope.UntilDone();
            case "time" -> new Unique.Scope.Within(Duration.parse(text(unique, "time")));
            case "quiet" ->
                    new Unique.Scope.Debounced(
                            Duration.parse(text(unique, "quiet")),
                            Duration.parse(text(unique, "most")));
            default -> throw new IllegalArgumentException("nothing lasts until " + until);
        };
    }

    private static String text(ObjectNode json, String member) throws Json.Unreadable {
        String text = JobJson.optional(json, member);
        if (text == null) {
            throw missing(member);
        }
        return text;
    }

    private static Json.Unreadable missing(String member) {
        return new Json.Unreadable("There is no %s in it.".formatted(member), null);
    }
}
