package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Feature;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.Pending;
import io.millstream.api.Query;
import io.millstream.api.Receipt.Effect;
import io.millstream.api.Refusal;
import io.millstream.api.TopicReader;
import io.millstream.api.TopicRecord;
import io.millstream.api.View;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A topic called `events`, and what tests do with one.
abstract class TopicFixture extends BackendContract {
    static final int PLENTY = 1 << 20;

    final ChannelName events = ChannelName.of("events");

    @BeforeEach
    void define_the_topic() {
        needs(Feature.TOPICS);
        define(Definition.Topic.of(events));
    }

    void define(Definition.Topic topic) {
        commit(defining(topic));
    }

    static Operation appending(ChannelName topic, int partition, String... texts) {
        List<Message> messages = Arrays.stream(texts).map(Message::of).toList();
        return new Operation.Append(topic, partition, messages, null);
    }

    Effect append(String... texts) {
        return commit(appending(events, 0, texts)).effects().getFirst();
    }

    Operation appendingKeyed(String key, String text, @Nullable Long expected) {
        Message message = Message.builder(text).key(Bytes.utf8(key)).build();
        return new Operation.Append(events, 0, List.of(message), expected);
    }

    TopicReader readFrom(long offset) {
        return session().read(new From.Offset(events, 0, offset));
    }

    static Fetched.Records records(Pending<Fetched> pending) {
        Fetched fetched = await(pending.stage());
        assertThat(fetched).isInstanceOf(Fetched.Records.class);
        return (Fetched.Records) fetched;
    }

    static Refusal refusal(Pending<Fetched> pending) {
        Fetched fetched = await(pending.stage());
        assertThat(fetched).isInstanceOf(Fetched.Refused.class);
        return ((Fetched.Refused) fetched).refusal();
    }

    static List<TopicRecord> next(TopicReader reader, int messages) {
        return records(reader.next(messages, PLENTY, LONG)).records();
    }

    /// Reads exactly so many records, waiting for them in real time if need be.
    static List<TopicRecord> read(TopicReader reader, int records) {
        List<TopicRecord> read = new ArrayList<>();
        while (read.size() < records) {
            read.addAll(next(reader, records - read.size()));
        }
        return read;
    }

    static List<String> textsOf(List<TopicRecord> records) {
        return records.stream().map(record -> record.message().text()).toList();
    }

    View.TopicView topic() {
        List<View.TopicView> views = find(new Query.TopicNamed(events)).items();
        assertThat(views).hasSize(1);
        return views.getFirst();
    }

    View.PartitionView partition(int number) {
        return topic().partitions().get(number);
    }
}
