package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Expect;
import io.millstream.api.Feature;
import io.millstream.api.Lifecycle;
import io.millstream.api.Operation;
import io.millstream.api.Query;
import io.millstream.api.QueueBuilder;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;

import org.junit.jupiter.api.BeforeEach;

import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// A queue that tells the topic `events` what happens to its messages.
abstract class LifecycleFixture extends TopicFixture {
    final ChannelName mail = ChannelName.of("mail");

    @BeforeEach
    void define_a_queue_that_tells() {
        needs(Feature.QUEUES, Feature.LIFECYCLE);
        tell(mail, queue -> queue);
    }

    void tell(ChannelName name, UnaryOperator<QueueBuilder> change) {
        define(change.apply(Definition.Queue.builder(name).lifecycle(events)).build());
    }

    /// All that was told so far; what is no lifecycle is left out.
    List<Lifecycle> told() {
        return records().stream()
                .map(record -> Lifecycle.in(record.message()))
                .flatMap(Optional::stream)
                .toList();
    }

    /// All records of the topic, once what was decided before is stored.
    List<TopicRecord> records() {
        commit(new Operation.CheckDefinition(events, Expect.Anything.ANYTHING));
        int all = Math.toIntExact(partition(0).end());
        return all == 0 ? List.of() : read(readFrom(0), all);
    }

    Lifecycle.Life life(ChannelName queue) {
        return new Lifecycle.Life(queue, view(queue).incarnation());
    }

    Lifecycle.Place place(ChannelName queue, long sequence) {
        return new Lifecycle.Place(life(queue), sequence);
    }

    /// Whoever follows the topic knows what is in these queues.
    void assertFollowed(ChannelName... queues) {
        needs(Feature.BROWSE);
        LifecycleFold fold = new LifecycleFold();
        told().forEach(fold::add);
        for (ChannelName queue : queues) {
            NavigableMap<Long, Boolean> followed = new TreeMap<>();
            fold.of(life(queue)).forEach((at, held) -> followed.put(at, held.leased()));
            NavigableMap<Long, Boolean> there = new TreeMap<>();
            for (View.MessageView view : find(new Query.Browse(queue, 0, null, 1000)).items()) {
                there.put(view.sequence(), view.state() == View.MessageState.LEASED);
            }
            assertThat(followed)
                    .as("what is in %s, and whether it is leased", queue)
                    .isEqualTo(there);
        }
    }
}
