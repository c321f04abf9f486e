package io.millstream.testkit.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millstream.Codec;
import io.millstream.Event;
import io.millstream.Millstream;
import io.millstream.StoredEvent;
import io.millstream.Topic;
import io.millstream.api.Bytes;
import io.millstream.api.Fetched;
import io.millstream.api.From;
import io.millstream.api.Header;
import io.millstream.api.Message;
import io.millstream.api.Operation;
import io.millstream.api.SessionSpec;
import io.millstream.api.TopicReader;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Events are CloudEvents 1.0 in the binary mode of the binding for Kafka.
class CloudEventsTest {
    private static final Instant TIME = Instant.parse("2018-04-05T03:56:24.123456Z");

    private final Millstream millstream = Millstream.inMemory();
    private final Topic<String> topic = millstream.topic("orders", Codec.text());

    @AfterEach
    void close() {
        millstream.close();
    }

    private Message stored() {
        return stored(topic);
    }

    private Message stored(Topic<String> topic) {
        try (TopicReader reader =
                millstream
                        .backend()
                        .session(SessionSpec.of("test"))
                        .read(new From.Offset(topic.name(), 0, 0))) {
            var fetched = reader.next(1, 1000, Duration.ZERO).stage().toCompletableFuture().join();
            return ((Fetched.Records) fetched).records().getFirst().message();
        }
    }

    private StoredEvent<String> event() {
        List<StoredEvent<String>> events = new ArrayList<>();
        topic.replay(events::add);
        assertThat(events).hasSize(1);
        return events.getFirst();
    }

    private static Map<String, String> headers(Message message) {
        Map<String, String> headers = new TreeMap<>();
        message.headers().forEach(header -> headers.put(header.name(), header.text()));
        assertThat(headers).hasSize(message.headers().size());
        return headers;
    }

    private void append(Message message) {
        millstream.commit(new Operation.Append(topic.name(), 0, List.of(message), null));
    }

    @Test
    void each_attribute_is_a_header_and_the_data_is_the_value() {
        topic.publish(
                Event.of("paid")
                        .withId("1234-1234")
                        .withSource("/mycontext/subcontext")
                        .withType("com.example.someevent")
                        .withSubject("order 7")
                        .withTime(TIME)
                        .withDataSchema("https://example.com/order.json")
                        .withExtension("partitionkey", "mykey")
                        .withExtension("sampledrate", "30")
                        .withKey("mykey"));

        Message stored = stored();
        assertThat(headers(stored))
                .containsOnly(
                        Map.entry("ce_specversion", "1.0"),
                        Map.entry("ce_id", "1234-1234"),
                        Map.entry("ce_source", "/mycontext/subcontext"),
                        Map.entry("ce_type", "com.example.someevent"),
                        Map.entry("ce_subject", "order 7"),
                        Map.entry("ce_time", "2018-04-05T03:56:24.123456Z"),
                        Map.entry("ce_dataschema", "https://example.com/order.json"),
                        Map.entry("ce_partitionkey", "mykey"),
                        Map.entry("ce_sampledrate", "30"),
                        Map.entry("content-type", "text/plain; charset=utf-8"));
        assertThat(stored.key()).isEqualTo(Bytes.utf8("mykey"));
        assertThat(stored.text()).isEqualTo("paid");
    }

    @Test
    void the_required_attributes_have_a_value_and_the_others_no_header_without_one() {
        topic.publish(Event.of("paid").withTime(null));

        Map<String, String> headers = headers(stored());
        assertThat(headers)
                .containsOnlyKeys(
                        "ce_specversion", "ce_id", "ce_source", "ce_type", "content-type");
        assertThat(headers).containsEntry("ce_source", "orders").containsEntry("ce_type", "text");
    }

    @Test
    void an_event_comes_back_as_it_was_published() {
        Event<String> published =
                Event.of("ünpaid")
                        .withSource("/shop")
                        .withType("t")
                        .withSubject("s")
                        .withTime(TIME)
                        .withContentType("text/markdown")
                        .withDataSchema("#schema")
                        .withExtension("comexample", "ä")
                        .withExtension("traceparent", "00-0af7651916cd43dd8448eb211c80319c-1-01")
                        .withExtension("empty", "")
                        .withKey("k");
        topic.publish(published);

        assertThat(event().event()).isEqualTo(published);
    }

    @Test
    void an_event_that_is_read_and_published_again_is_stored_as_it_was() {
        topic.publish(
                Event.of("paid")
                        .withSubject("s")
                        .withTime(TIME)
                        .withDataSchema("#schema")
                        .withExtension("comexample", "x")
                        .withKey("k"));
        Message stored = stored();
        Topic<String> copy = millstream.topic("copy", Codec.text());

        copy.publish(event().event());

        assertThat(stored(copy)).isEqualTo(stored);
    }

    @Test
    void a_content_type_of_its_own_is_that_of_the_message_too() {
        topic.publish(Event.of("# paid").withContentType("text/markdown"));

        assertThat(stored().contentType()).isEqualTo("text/markdown");
        assertThat(headers(stored())).containsEntry("content-type", "text/markdown");
    }

    @Test
    void what_strangers_stored_without_attributes_is_an_event_named_by_its_place() {
        append(Message.of("plain"));

        assertThat(event().event())
                .isEqualTo(
                        new Event<>(
                                "0:0", "orders", "", null, null, "", null, Map.of(), null,
                                "plain"));
    }

    @Test
    void what_kafka_s_clients_stored_is_an_event_with_their_attributes() {
        Message.Builder message =
                Message.builder("data").key(Bytes.utf8("k")).header("ce_no-name", "x");
        Map.of(
                        "ce_specversion", "1.0",
                        "ce_id", "i",
                        "ce_source", "/s",
                        "ce_type", "t",
                        "ce_subject", "",
                        "ce_time", "2018-04-05T05:56:24+02:00",
                        "ce_dataschema", "/schema",
                        "ce_partitionkey", "p",
                        "ce_datacontenttype", "no/such",
                        "content-type", "application/avro")
                .forEach((name, value) ->
                        message.header(new Header(name, Header.BYTES, Bytes.utf8(value))));
        append(message.build());

        assertThat(event().event())
                .isEqualTo(
                        new Event<>(
                                "i",
                                "/s",
                                "t",
                                null,
                                Instant.parse("2018-04-05T03:56:24Z"),
                                "application/avro",
                                "/schema",
                                Map.of("partitionkey", "p"),
                                "k",
                                "data"));
    }

    @Test
    void a_time_that_is_none_is_that_of_the_message() {
        append(Message.builder("data").header("ce_time", "yesterday").build());

        assertThat(event().event().time()).isNull();
    }

    @Test
    void an_id_that_is_none_does_not_make_an_event_unreadable() {
        append(Message.builder("data").header("ce_id", "").id("").build());

        assertThat(event().event().id()).isEqualTo("0:0");
    }

    @Test
    void an_extension_has_a_name_that_no_other_attribute_has() {
        Event<String> event = Event.of("x");
        for (String name : List.of("", "Upper", "with_score", "ä", "id", "data", "dataschema")) {
            assertThatThrownBy(() -> event.withExtension(name, "value"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("extension");
        }
    }

    @Test
    void an_event_without_an_id_is_refused() {
        assertThatThrownBy(() -> Event.of("x").withId(""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Event.of("x").withSubject(""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Event.of("x").withDataSchema(""))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
