package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Lease;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Outcome;
import io.millstream.api.Page;
import io.millstream.api.Query;
import io.millstream.api.View;
import io.millstream.api.View.MessageState;
import io.millstream.api.View.MessageView;
import io.millstream.api.View.QueueCounts;
import io.millstream.api.View.QueueView;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/// Looking shows what is there, page by page, and changes nothing.
public abstract class BrowseContract extends BackendContract {

    private final ChannelName mail = ChannelName.of("mail");

    @BeforeEach
    void define_the_queue() {
        needs(Feature.QUEUES);
        define("mail");
    }

    private Page<MessageView> browse(@Nullable String after, int limit) {
        return find(new Query.Browse(mail, Integer.MAX_VALUE, after, limit));
    }

    private static List<String> shown(Page<MessageView> page) {
        return page.items().stream().map(view -> view.message().text()).toList();
    }

    @Test
    void browsing_shows_every_message_by_sequence_and_what_it_waits_for() {
        needs(Feature.BROWSE, Feature.RETRY_AFTER);
        Instant begun = now();
        List<Long> sequences = put(mail, "1", "2", "3");
        List<Lease> leases = take(mail, 2);
        settle(leases.getFirst(), Outcome.retry(SECOND));

        Page<MessageView> page = browse(null, 10);

        assertThat(page.items())
                .extracting(MessageView::sequence)
                .containsExactlyElementsOf(sequences);
        assertThat(page.items())
                .extracting(MessageView::state)
                .containsExactly(MessageState.DELAYED, MessageState.LEASED, MessageState.READY);
        assertThat(page.items()).extracting(MessageView::deliveries).containsExactly(1, 1, 0);
        assertThat(page.items()).allMatch(view -> view.stored().equals(begun));
        assertThat(page.asOf()).isEqualTo(now());
    }

    @Test
    void browsing_takes_nothing() {
        needs(Feature.BROWSE);
        put(mail, "1");
        browse(null, 10);

        assertThat(takeOne(mail).deliveries()).isEqualTo(1);
    }

    @Test
    void browsing_goes_page_by_page() {
        needs(Feature.BROWSE);
        put(mail, "1", "2", "3", "4", "5");

        Page<MessageView> first = browse(null, 2);
        finish(take(mail, 2).toArray(Lease[]::new));
        Page<MessageView> second = browse(first.next(), 2);
        Page<MessageView> third = browse(second.next(), 2);

        assertThat(shown(first)).containsExactly("1", "2");
        assertThat(shown(second)).containsExactly("3", "4");
        assertThat(shown(third)).containsExactly("5");
        assertThat(third.next()).isNull();
    }

    @Test
    void a_page_that_ends_with_the_last_message_has_no_next() {
        needs(Feature.BROWSE);
        put(mail, "1", "2");

        assertThat(browse(null, 2).next()).isNull();
    }

    @Test
    void bodies_are_cut_to_what_was_asked_for_and_nothing_else_is() {
        needs(Feature.BROWSE);
        Message message = Message.builder("0123456789").id("id").header("a", "b").build();
        commit(new Operation.Put(mail, message));

        MessageView view = find(new Query.Browse(mail, 4, null, 1)).items().getFirst();

        assertThat(view.bodyBytes()).isEqualTo(10);
        assertThat(view.message())
                .isEqualTo(Message.builder("0123").id("id").header("a", "b").build());
    }

    @Test
    void an_unknown_queue_has_nothing_to_show() {
        needs(Feature.BROWSE);
        ChannelName absent = ChannelName.of("absent");

        assertThat(find(new Query.Browse(absent, 10, null, 10)).items()).isEmpty();
        assertThat(find(new Query.QueueNamed(absent)).items()).isEmpty();
    }

    @Test
    void a_page_has_at_least_one_and_at_most_a_thousand_items() {
        needs(Feature.BROWSE);
        String[] texts = new String[Query.PAGE_ITEMS_MAX + 1];
        Arrays.fill(texts, "x");
        put(mail, texts);

        assertThat(browse(null, 0).items()).hasSize(1);
        assertThat(browse(null, -7).items()).hasSize(1);
        Page<MessageView> largest = browse(null, Integer.MAX_VALUE);
        if (harness().isElsewhere()) {
            // As many as fit into an answer; the next page goes on behind them.
            assertThat(largest.items()).isNotEmpty();
            assertThat(browse(largest.next(), 1).items().getFirst().sequence())
                    .isEqualTo(largest.items().getLast().sequence() + 1);
            return;
        }
        assertThat(largest.items()).hasSize(Query.PAGE_ITEMS_MAX);
        assertThat(browse(largest.next(), 10).items()).hasSize(1);
    }

    @Test
    void queues_are_listed_by_name_and_prefix_within_their_host() {
        for (String name : List.of("mail-3", "post", "mail-1", "mail-2")) define(name);
        define(Definition.Queue.of(new ChannelName("elsewhere", "mail-9")));

        Page<QueueView> first = find(new Query.Queues("/", "mail", null, 3));
        Page<QueueView> second = find(new Query.Queues("/", "mail", first.next(), 3));

        assertThat(names(first)).containsExactly("mail", "mail-1", "mail-2");
        assertThat(names(second)).containsExactly("mail-3");
        assertThat(second.next()).isNull();
        assertThat(names(find(new Query.Queues("elsewhere", "", null, 10))))
                .containsExactly("mail-9");
    }

    private static List<String> names(Page<QueueView> page) {
        return page.items().stream().map(view -> view.definition().name().name()).toList();
    }

    @Test
    void a_queue_shows_when_it_began_and_when_it_changed() {
        Instant begun = now();
        advance(SECOND);
        put(mail, "1");
        assertThat(view(mail).modified()).isEqualTo(begun);

        define(Definition.Queue.of(mail).withMaxInFlight(7));

        assertThat(view(mail).created()).isEqualTo(begun);
        assertThat(view(mail).modified()).isEqualTo(begun.plus(SECOND));
    }

    @Test
    void a_queue_counts_what_is_in_it_and_what_has_passed() {
        needs(Feature.RETRY_AFTER);
        String kilobyte = "x".repeat(1024);
        put(mail, kilobyte, kilobyte, kilobyte, kilobyte, kilobyte);
        List<Lease> leases = take(mail, 4);
        finish(leases.get(0));
        settle(leases.get(1), Outcome.dead("no"));
        settle(leases.get(2), Outcome.retry(SECOND));

        QueueCounts counts = counts(mail);

        assertThat(counts.ready()).isEqualTo(1);
        assertThat(counts.leased()).isEqualTo(1);
        assertThat(counts.delayed()).isEqualTo(1);
        assertThat(counts.messages()).isEqualTo(3);
        assertThat(counts.bytes()).isBetween(3 * 1024L, 4 * 1024L);
        assertThat(counts.stored()).isEqualTo(5);
        assertThat(counts.done()).isEqualTo(1);
        assertThat(counts.dead()).isEqualTo(1);
    }

    @Test
    void an_empty_queue_counts_no_bytes() {
        put(mail, "1", "2");
        take(mail, 2).forEach(this::finish);

        assertThat(view(mail))
                .extracting(View.QueueView::counts)
                .isEqualTo(new QueueCounts(0, 0, 0, 0, 2, 2, 0, 0, 0));
    }
}
