package io.millstream.wire;

import static io.millstream.wire.Kinds.CHANNEL;
import static io.millstream.wire.Kinds.FLAG;
import static io.millstream.wire.Kinds.SMALL;
import static io.millstream.wire.Kinds.SMALL_COUNT;
import static io.millstream.wire.Kinds.TEXT;

import io.millstream.api.ChannelName;
import io.millstream.api.Credit;
import io.millstream.api.Subscribe;
import io.millstream.api.Term;

import org.jspecify.annotations.Nullable;

/// What a consumer asks for, as a value: [Subscribe] has a window that lives in its session, this
/// one says what that window is to be.
///
/// @param queue see [Subscribe#queue]
/// @param term see [Subscribe#term]
/// @param window its window
/// @param priority see [Subscribe#priority]
/// @param exclusive see [Subscribe#exclusive]
/// @param label see [Subscribe#label]
public record Consume(
        ChannelName queue,
        Term term,
        Window window,
        int priority,
        boolean exclusive,
        String label) {

    static final Kind<Consume> KIND =
            Kind.object("a consumer, such as {\"queue\":\"mail\"}", Consume::write, Consume::read);

    /// A window: how much may be leased and unsettled at once.
    ///
    /// @param name windows of one name in one session are one window; null for one of its own
    /// @param messages how many messages, 0 or more
    /// @param bytes how many bytes, 0 or more
    public record Window(@Nullable String name, int messages, long bytes) {
        /// What a consumer has that names no other.
        public static final Window STANDARD = new Window(null, 100, Long.MAX_VALUE);

        static final Kind<Window> KIND =
                Kind.object(
                        "a window, such as {\"messages\":10}",
                        (out, window) ->
                                out.maybe("name", TEXT, window.name())
                                        .put("messages", SMALL_COUNT, window.messages())
                                        .or("bytes", Kinds.COUNT, window.bytes(), Long.MAX_VALUE),
                        in ->
                                new Window(
                                        in.maybe("name", TEXT),
                                        in.get("messages", SMALL_COUNT),
                                        in.or("bytes", Kinds.COUNT, Long.MAX_VALUE)));

        /// Refuses windows of less than nothing.
        public Window {
            if (messages < 0 || bytes < 0) {
                throw new IllegalArgumentException(
                        "A window has 0 or more messages and bytes, not %d and %d"
                                .formatted(messages, bytes));
            }
        }
    }

    /// What such a subscription is, with this window.
    public static Consume of(Subscribe what, Window window) {
        return new Consume(
                what.queue(), what.term(), window, what.priority(), what.exclusive(), what.label());
    }

    /// What to ask a session for, with the credit that its window has there.
    public Subscribe with(Credit credit) {
        return new Subscribe(queue, term, credit, priority, exclusive, label);
    }

    private static void write(Out out, Consume consume) {
        TermMembers.write(out.put("queue", CHANNEL, consume.queue()), consume.term())
                .or("credit", Window.KIND, consume.window(), Window.STANDARD)
                .or("priority", SMALL, consume.priority(), 0)
                .or("exclusive", FLAG, consume.exclusive(), false)
                .or("label", TEXT, consume.label(), "");
    }

    private static Consume read(In in) {
        return new Consume(
                in.get("queue", CHANNEL),
                TermMembers.read(in),
                in.or("credit", Window.KIND, Window.STANDARD),
                in.or("priority", SMALL, 0),
                in.or("exclusive", FLAG, false),
                in.or("label", TEXT, ""));
    }
}
