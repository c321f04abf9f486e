package io.millstream.api;

import org.jspecify.annotations.Nullable;

/// A look that changes nothing.
///
/// @param <V> what is seen
public sealed interface Query<V extends View> {

    /// The most items in one page.
    int PAGE_ITEMS_MAX = 1000;

    /// Where the last page ended, or null for the first.
    @Nullable String after();

    /// How many items at most, 1 to [#PAGE_ITEMS_MAX].
    int limit();

    /// Queues by name, in the order of their names.
    ///
    /// @param host the virtual host
    /// @param prefix of the names; empty for all
    /// @param after where the last page ended, or null
    /// @param limit how many at most
    record Queues(String host, String prefix, @Nullable String after, int limit)
            implements Query<View.QueueView> {}

    /// One queue; the page is empty if there is none.
    ///
    /// @param name which
    record QueueNamed(ChannelName name) implements Query<View.QueueView> {
        @Override
        public @Nullable String after() {
            return null;
        }

        @Override
        public int limit() {
            return 1;
        }
    }

    /// Topics by name, in the order of their names.
    ///
    /// @param host the virtual host
    /// @param prefix of the names; empty for all
    /// @param after where the last page ended, or null
    /// @param limit how many at most
    record Topics(String host, String prefix, @Nullable String after, int limit)
            implements Query<View.TopicView> {}

    /// One topic; the page is empty if there is none.
    ///
    /// @param name which
    record TopicNamed(ChannelName name) implements Query<View.TopicView> {
        @Override
        public @Nullable String after() {
            return null;
        }

        @Override
        public int limit() {
            return 1;
        }
    }

    /// The named cursors of a topic, in the order of their names; none if there is no such topic.
    ///
    /// @param topic which
    /// @param prefix of the names; empty for all
    /// @param after where the last page ended, or null
    /// @param limit how many at most
    record Cursors(ChannelName topic, String prefix, @Nullable String after, int limit)
            implements Query<View.CursorView> {}

    /// The messages in a queue, in the order they were stored, leased and waiting ones alike.
    ///
    /// @param queue which
    /// @param bodyBytesMax bodies are cut to this length
    /// @param after where the last page ended, or null
    /// @param limit how many at most
    record Browse(ChannelName queue, int bodyBytesMax, @Nullable String after, int limit)
            implements Query<View.MessageView> {}

    /// The messages of a queue that wait for their time, the one that is due first first.
    ///
    /// @param queue which
    /// @param bodyBytesMax bodies are cut to this length
    /// @param after where the last page ended, or null
    /// @param limit how many at most
    record Delayed(ChannelName queue, int bodyBytesMax, @Nullable String after, int limit)
            implements Query<View.MessageView> {}

    /// Rows of a table, in the order of their keys.
    ///
    /// @param table which
    /// @param prefix of the keys; empty for all
    /// @param after where the last page ended, or null
    /// @param limit how many at most
    record Rows(String table, String prefix, @Nullable String after, int limit)
            implements Query<View.RowView> {}

    /// Exchanges by name, in the order of their names.
    ///
    /// @param host the virtual host
    /// @param prefix of the names; empty for all
    /// @param after where the last page ended, or null
    /// @param limit how many at most
    record Exchanges(String host, String prefix, @Nullable String after, int limit)
            implements Query<View.ExchangeView> {}

    /// One exchange; the page is empty if there is none.
    ///
    /// @param name which
    record ExchangeNamed(ChannelName name) implements Query<View.ExchangeView> {
        @Override
        public @Nullable String after() {
            return null;
        }

        @Override
        public int limit() {
            return 1;
        }
    }

    /// Bindings, in the order of their names.
    ///
    /// @param host the virtual host of their exchanges
    /// @param exchange those from this exchange, or null for those from any
    /// @param target those to this target, or null for those to any
    /// @param after where the last page ended, or null
    /// @param limit how many at most
    record Bindings(
            String host,
            @Nullable ChannelName exchange,
            @Nullable Target target,
            @Nullable String after,
            int limit)
            implements Query<View.BindingView> {}

    /// Where a message would go that is published now, and what each binding that is asked says;
    /// one view, or none if there is no such exchange.
    ///
    /// @param exchange which
    /// @param routingKey what the bindings are matched against
    /// @param message what
    record Route(ChannelName exchange, String routingKey, Message message)
            implements Query<View.RouteView> {
        @Override
        public @Nullable String after() {
            return null;
        }

        @Override
        public int limit() {
            return 1;
        }
    }
}
