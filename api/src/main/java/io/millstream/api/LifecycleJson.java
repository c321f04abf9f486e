package io.millstream.api;

import io.millstream.api.Lifecycle.Life;
import io.millstream.api.Lifecycle.Place;
import io.millstream.api.Lifecycle.Said;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The form of a [Lifecycle] record: a flat JSON object of texts and whole numbers, so that it is
/// written without a tree and read by anything. Members of another queue begin with `from_` or
/// `to_`, headers with `header.`.
final class LifecycleJson {
    private static final String HEADER = "header.";

    private LifecycleJson() {}

    static Bytes write(Lifecycle event) {
        FlatJson json = new FlatJson().put("event", wordOf(event));
        put(json, "", event.life());
        if (event instanceof Lifecycle.OfMessage ofMessage) {
            json.put("sequence", ofMessage.place().sequence());
        }
        switch (event) {
            case Lifecycle.Stored(_, Said said, Place from) -> {
                if (said != null) {
                    put(json, said);
                }
                if (from != null) {
                    put(json, "from_", from);
                }
            }
            case Lifecycle.Taken(_, int attempts, Instant until) ->
                    json.put("attempts", attempts).maybe("until_ms", millis(until));
            case Lifecycle.Returned(_, int attempts, Instant due) ->
                    json.put("attempts", attempts).maybe("due_ms", millis(due));
            case Lifecycle.Stranded(_, Via.Cause cause, String reason) ->
                    json.put("cause", word(cause)).put("reason", reason);
            case Lifecycle.Done _, Lifecycle.Left _, Lifecycle.Removed _ -> {}
            case Lifecycle.Dead(_, Via.Cause cause, String reason, Place to) ->
                    put(json.put("cause", word(cause)).put("reason", reason), "to_", to);
            case Lifecycle.Moved(_, Place to) -> put(json, "to_", to);
            case Lifecycle.Dropped(_, long first, long end) ->
                    json.put("sequence", first).put("end", end);
            case Lifecycle.Purged(_, long end) -> json.put("end", end);
            case Lifecycle.OfAttempt ofAttempt -> put(json, ofAttempt);
        }
        return Bytes.utf8(json.toString());
    }

    private static String wordOf(Lifecycle event) {
        return switch (event) {
            case Lifecycle.Stored _ -> "stored";
            case Lifecycle.Taken _ -> "taken";
            case Lifecycle.Returned _ -> "returned";
            case Lifecycle.Stranded _ -> "stranded";
            case Lifecycle.Done _ -> "done";
            case Lifecycle.Dead _ -> "dead";
            case Lifecycle.Moved _ -> "moved";
            case Lifecycle.Dropped _ -> "dropped";
            case Lifecycle.Purged _ -> "purged";
            case Lifecycle.Left _ -> "left";
            case Lifecycle.Removed _ -> "removed";
            case Lifecycle.Failed _ -> "failed";
            case Lifecycle.Progressed _ -> "progressed";
            case Lifecycle.Logged _ -> "logged";
            case Lifecycle.Ended _ -> "ended";
        };
    }

    private static void put(FlatJson json, Lifecycle.OfAttempt ofAttempt) {
        json.put("attempt", ofAttempt.attempt());
        switch (ofAttempt) {
            case Lifecycle.Failed(_, _, String reason, String fingerprint) ->
                    json.put("reason", reason).put("fingerprint", fingerprint);
            case Lifecycle.Progressed(_, _, long done, long total, String text) ->
                    json.put("done", done).put("total", total).put("text", text);
            case Lifecycle.Logged(_, _, String text) -> json.put("text", text);
            case Lifecycle.Ended(_, _, String how, String reason) ->
                    json.put("how", how).put("reason", reason);
        }
    }

    private static void put(FlatJson json, String prefix, Life life) {
        if (!life.queue().host().equals(ChannelName.DEFAULT_HOST)) {
            json.put(prefix + "host", life.queue().host());
        }
        json.put(prefix + "queue", life.queue().name()).put(prefix + "life", life.incarnation());
    }

    private static void put(FlatJson json, String prefix, Place place) {
        put(json, prefix, place.life());
        json.put(prefix + "sequence", place.sequence());
    }

    private static void put(FlatJson json, Said said) {
        json.maybe("id", said.id()).maybe("type", said.type()).maybe("group", said.group());
        if (said.priority() != 0) {
            json.put("priority", said.priority());
        }
        if (!said.delay().isZero()) {
            json.put("delay_ms", millis(said.delay()));
        }
        Duration timeToLive = said.timeToLive();
        if (timeToLive != null) {
            json.put("time_to_live_ms", millis(timeToLive));
        }
        said.headers().forEach((name, value) -> json.put(HEADER + name, value));
        // What says nothing is told apart from what is not known.
        json.put("said", 1);
    }

    private static String word(Via.Cause cause) {
        return cause.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable Long millis(@Nullable Instant time) {
        return time == null ? null : (Long) time.toEpochMilli();
    }

    /// A time that is longer than can be told is as long as can be told.
    private static long millis(Duration time) {
        return time.compareTo(Duration.ofMillis(Long.MAX_VALUE)) > 0
                ? Long.MAX_VALUE
                : time.toMillis();
    }

    /// What is told of headers: the first of each name, as long as they fit.
    static Map<String, String> headers(List<Header> headers) {
        if (headers.isEmpty()) {
            return Map.of();
        }
        Map<String, String> told = new HashMap<>();
        int chars = 0;
        for (Header header : headers) {
            boolean isText =
                    header.type().startsWith(Header.TEXT)
                            || header.type().startsWith(Header.NUMBER);
            chars += header.name().length() + header.value().length();
            if (chars > Lifecycle.HEADERS_CHARS_MAX) {
                break;
            }
            if (isText) {
                told.putIfAbsent(header.name(), header.text());
            }
        }
        return told;
    }

    // Reading.

    static Optional<Lifecycle> read(String text) {
        try {
            return Optional.ofNullable(FlatJson.read(text))
                    .map(Members::new)
                    .map(LifecycleJson::read);
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static @Nullable Lifecycle read(Members in) {
        Life life = in.life("");
        return switch (in.text("event")) {
            case "stored" ->
                    new Lifecycle.Stored(
                            in.place(""),
                            in.has("said") ? said(in) : null,
                            in.has("from_queue") ? in.place("from_") : null);
            case "taken" ->
                    new Lifecycle.Taken(in.place(""), in.small("attempts"), in.time("until_ms"));
            case "returned" ->
                    new Lifecycle.Returned(in.place(""), in.small("attempts"), in.time("due_ms"));
            case "stranded" -> new Lifecycle.Stranded(in.place(""), in.cause(), in.text("reason"));
            case "done" -> new Lifecycle.Done(in.place(""));
            case "dead" ->
                    new Lifecycle.Dead(
                            in.place(""), in.cause(), in.text("reason"), in.place("to_"));
            case "moved" -> new Lifecycle.Moved(in.place(""), in.place("to_"));
            case "dropped" -> new Lifecycle.Dropped(life, in.number("sequence"), in.number("end"));
            case "purged" -> new Lifecycle.Purged(life, in.number("end"));
            case "left" -> new Lifecycle.Left(life);
            case "removed" -> new Lifecycle.Removed(life);
            default -> ofAttempt(in);
        };
    }

    private static Lifecycle.@Nullable OfAttempt ofAttempt(Members in) {
        return switch (in.text("event")) {
            case "failed" ->
                    new Lifecycle.Failed(
                            in.place(""),
                            in.small("attempt"),
                            in.text("reason"),
                            in.text("fingerprint"));
            case "progressed" ->
                    new Lifecycle.Progressed(
                            in.place(""),
                            in.small("attempt"),
                            in.number("done"),
                            in.number("total"),
                            in.text("text"));
            case "logged" ->
                    new Lifecycle.Logged(in.place(""), in.small("attempt"), in.text("text"));
            case "ended" ->
                    new Lifecycle.Ended(
                            in.place(""), in.small("attempt"), in.text("how"), in.text("reason"));
            default -> null;
        };
    }

    private static Said said(Members in) {
        Map<String, String> headers = new HashMap<>();
        in.members.forEach((name, value) -> {
            if (name.startsWith(HEADER)) {
                headers.put(name.substring(HEADER.length()), String.valueOf(value));
            }
        });
        return new Said(
                in.maybe("id"),
                in.maybe("type"),
                in.maybe("group"),
                in.has("priority") ? in.small("priority") : 0,
                Duration.ofMillis(in.has("delay_ms") ? in.number("delay_ms") : 0),
                in.has("time_to_live_ms") ? Duration.ofMillis(in.number("time_to_live_ms")) : null,
                headers);
    }

    /// What was read, by name.
    private record Members(Map<String, Object> members) {
        boolean has(String name) {
            return members.containsKey(name);
        }

        @Nullable String maybe(String name) {
            return members.get(name) instanceof String text ? text : null;
        }

        String text(String name) {
            if (members.get(name) instanceof String text) {
                return text;
            }
            throw new IllegalArgumentException(name + " is no text");
        }

        long number(String name) {
            if (members.get(name) instanceof Long number) {
                return number;
            }
            throw new IllegalArgumentException(name + " is no number");
        }

        int small(String name) {
            return Math.clamp(number(name), 0, Integer.MAX_VALUE);
        }

        @Nullable Instant time(String name) {
            return has(name) ? Instant.ofEpochMilli(number(name)) : null;
        }

        Via.Cause cause() {
            return Via.Cause.valueOf(text("cause").toUpperCase(Locale.ROOT));
        }

        Life life(String prefix) {
            String host = maybe(prefix + "host");
            ChannelName name =
                    new ChannelName(
                            host == null ? ChannelName.DEFAULT_HOST : host, text(prefix + "queue"));
            return new Life(name, number(prefix + "life"));
        }

        Place place(String prefix) {
            return new Place(life(prefix), number(prefix + "sequence"));
        }
    }
}
