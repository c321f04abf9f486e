package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Filter;
import io.millstream.api.Message;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.Refusal;
import io.millstream.api.Target;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Whatever is looked for is answered, be it with nothing, and harms nobody else.
public abstract class HostileLooksContract extends RoutingFixture {
    private final ChannelName mail = name("mail");
    private final ChannelName topic = name("topic");
    private final ChannelName exchange = name("exchange");

    @BeforeEach
    void define_one_of_each() {
        needs(Feature.QUEUES, Feature.ROWS, Feature.BROWSE, Feature.TOPICS, Feature.ROUTING);
        define("mail");
        commit(defining(Definition.Topic.of(topic)));
        exchange("exchange", ExchangeKind.TOPIC);
        bind(exchange, "mail", "#");
        commit(writing("row", "1", Expect.Anything.ANYTHING));
    }

    /// What is stored before and after is there.
    private void assertWorks() {
        put(mail, "hello");
        assertReadyInOrder(mail, "hello");
    }

    @Test
    void a_message_with_which_too_much_would_be_compared_is_refused() {
        List<String> wanted = IntStream.range(0, 9000).mapToObj(i -> "wanted" + i).toList();
        bind(
                Definition.Binding.of(exchange, mail, "many")
                        .withFilter(Filter.onBody(Map.of("of", wanted))));
        String body = "{\"of\":[%s\"a\"]}".formatted("\"a\",".repeat(9000));

        refusal(Refusal.Invalid.class, publishing(exchange, "many", body));

        assertNothing(new Query.Browse(mail, 0, null, 10));
        assertReaches(exchange, "many", Message.of("{\"of\":[\"a\",\"wanted8999\"]}"), "mail");
        assertReaches(exchange, "other", Message.of(body), "mail");
    }

    // Looking.

    @Test
    void what_nothing_can_be_called_is_not_found() {
        for (String host : List.of("", "other", Extremes.OVERLONG, Extremes.HUGE)) {
            assertNothing(new Query.Queues(host, "", null, 10));
            assertNothing(new Query.Topics(host, "", null, 10));
            assertNothing(new Query.Exchanges(host, "", null, 10));
            assertNothing(new Query.Bindings(host, null, null, null, 10));
            assertNothing(new Query.Bindings(host, exchange, null, null, 10));
        }
        for (String prefix :
                List.of(Extremes.OVERLONG, Extremes.HUGE, "mail" + Extremes.OVERLONG)) {
            assertNothing(new Query.Queues("/", prefix, null, 10));
            assertNothing(new Query.Topics("/", prefix, null, 10));
            assertNothing(new Query.Exchanges("/", prefix, null, 10));
            assertNothing(new Query.Rows("table", prefix, null, 10));
            assertNothing(new Query.Rows(prefix, "", null, 10));
            assertNothing(new Query.Cursors(topic, prefix, null, 10));
        }
        assertWorks();
    }

    private void assertNothing(Query<?> query) {
        Page<?> page = find(query);
        assertThat(page.items()).isEmpty();
        assertThat(page.next()).isNull();
    }

    @Test
    void a_page_begins_behind_a_name_that_is_longer_than_any() {
        String longest = "n".repeat(ChannelName.NAME_CHARS_MAX);
        define(longest);
        define("o");

        assertThat(names(longest + "n")).containsExactly("o");
        assertThat(names(longest.substring(1) + "mm")).containsExactly(longest, "o");
        assertThat(names(longest.substring(1) + "\uffff")).containsExactly("o");
    }

    private List<String> names(String after) {
        return find(new Query.Queues("/", "", after, 10)).items().stream()
                .map(view -> view.definition().name().name())
                .toList();
    }

    @Test
    void pages_of_bindings_go_on_behind_the_first_name_there_can_be() {
        ChannelName lowest = new ChannelName("\0", "\0");
        define(Definition.Queue.of(lowest));
        commit(defining(Definition.Binding.of(exchange, lowest, "")));
        List<String> seen = new ArrayList<>();
        String after = null;
        do {
            Page<View.BindingView> page = find(new Query.Bindings("/", exchange, null, after, 1));
            page.items().forEach(item -> seen.add(item.definition().id().target().name().name()));
            after = page.next();
        } while (after != null && seen.size() < 10);

        assertThat(seen).containsExactly("\0", "mail");
    }

    @Test
    void every_look_is_answered_whatever_it_says() {
        // Elsewhere the longest ones take minutes on their way.
        List<String> texts =
                Extremes.TEXTS.stream()
                        .filter(text -> !harness().isElsewhere() || text.length() < 1_000)
                        .toList();
        for (String text : texts) {
            for (@Nullable String after : Extremes.andNull(texts)) {
                for (int number : Extremes.INTS) {
                    looks(text, after, number).forEach(this::find);
                }
            }
        }
        for (String key : Extremes.TEXTS) {
            answered(() -> find(new Query.Route(exchange, key, Message.of(""))));
        }
        assertWorks();
    }

    private List<Query<?>> looks(String text, @Nullable String after, int number) {
        BindingName binding = new BindingName(exchange, new Target.Channel(mail), "#", "");
        return Arrays.asList(
                new Query.Queues(text, "", after, number),
                new Query.Queues("/", text, after, number),
                new Query.Topics(text, "", after, number),
                new Query.Topics("/", text, after, number),
                new Query.Exchanges(text, "", after, number),
                new Query.Exchanges("/", text, after, number),
                new Query.Bindings(text, null, null, after, number),
                new Query.Bindings(text, exchange, binding.target(), after, number),
                new Query.Bindings("/", exchange, null, after, number),
                new Query.Bindings("/", null, binding.target(), after, number),
                new Query.Cursors(topic, text, after, number),
                new Query.Cursors(name("absent"), text, after, number),
                new Query.Rows(text, text, after, number),
                new Query.Rows("table", text, after, number),
                new Query.Browse(mail, number, after, number),
                new Query.Browse(name("absent"), number, after, number),
                new Query.Delayed(mail, number, after, number));
    }

    /// It may be refused on the caller's side.
    private static void answered(Runnable call) {
        try {
            call.run();
        } catch (IllegalArgumentException refused) {
            assertThat(refused).hasMessageNotContaining("null");
        }
    }
}
