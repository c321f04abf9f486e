package io.millstream.wire;

import static io.millstream.wire.Kinds.CHANNEL;
import static io.millstream.wire.Kinds.COUNT;
import static io.millstream.wire.Kinds.FLAG;
import static io.millstream.wire.Kinds.MILLIS;
import static io.millstream.wire.Kinds.TEXT;
import static io.millstream.wire.Kinds.TEXTS;

import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Header;
import io.millstream.api.HeaderMatch;
import io.millstream.api.Retention;

import java.util.List;
import java.util.Map;

/// What channels and routes are declared to be; queues are in [QueueForm].
final class DefinitionForm {
    static final Kind<Definition> KIND =
            Kind.object(
                    "a definition, such as {\"type\":\"queue\",\"name\":\"mail\"}",
                    DefinitionForm::write,
                    DefinitionForm::read);

    static final Kind<Definition.Topic> TOPIC =
            Kind.object("a topic", DefinitionForm::writeTopic, DefinitionForm::readTopic);

    static final Kind<Definition.Exchange> EXCHANGE =
            Kind.object("an exchange", DefinitionForm::writeExchange, DefinitionForm::readExchange);

    static final Kind<Definition.Binding> BINDING =
            Kind.object("a binding", DefinitionForm::writeBinding, DefinitionForm::readBinding);

    private static final Kind<Tag> TAG = Kinds.word(Tag.class);
    private static final Kind<ExchangeKind> EXCHANGE_KIND = Kinds.word(ExchangeKind.class);
    private static final Kind<HeaderMatch.Mode> MODE = Kinds.word(HeaderMatch.Mode.class);
    private static final Kind<Integer> PARTITIONS = Kinds.small(1, Definition.Topic.PARTITIONS_MAX);
    private static final Kind<List<String>> NAMES = Kinds.list(TEXT);
    private static final Kind<Retention> RETENTION =
            Kind.object(
                    "how much is kept, such as {\"time_ms\":60000}; {} is everything",
                    DefinitionForm::writeRetention,
                    in -> new Retention(in.maybe("time_ms", MILLIS), in.or("bytes", COUNT, 0L)));
    private static final Kind<HeaderMatch> MATCH =
            Kind.object(
                    "which headers are taken, such as {\"present\":[\"tenant\"]}",
                    DefinitionForm::writeMatch,
                    DefinitionForm::readMatch);

    private enum Tag {
        QUEUE,
        TOPIC,
        EXCHANGE,
        BINDING
    }

    private DefinitionForm() {}

    private static void write(Out out, Definition definition) {
        switch (definition) {
            case Definition.Queue queue -> QueueForm.write(out.put("type", TAG, Tag.QUEUE), queue);
            case Definition.Topic topic -> writeTopic(out.put("type", TAG, Tag.TOPIC), topic);
            case Definition.Exchange exchange ->
                    writeExchange(out.put("type", TAG, Tag.EXCHANGE), exchange);
            case Definition.Binding binding ->
                    writeBinding(out.put("type", TAG, Tag.BINDING), binding);
        }
    }

    private static Definition read(In in) {
        return switch (in.get("type", TAG)) {
            case QUEUE -> QueueForm.read(in);
            case TOPIC -> readTopic(in);
            case EXCHANGE -> readExchange(in);
            case BINDING -> readBinding(in);
        };
    }

    private static void writeTopic(Out out, Definition.Topic topic) {
        out.put("name", CHANNEL, topic.name())
                .or("partitions", PARTITIONS, topic.partitions(), 1)
                .or("retention", RETENTION, topic.retention(), Retention.standard())
                .or("versioned_keys", Kinds.SMALL_COUNT, topic.versionedKeys(), 0)
                .or("arguments", TEXTS, topic.arguments(), Map.of());
    }

    private static Definition.Topic readTopic(In in) {
        return new Definition.Topic(
                in.get("name", CHANNEL),
                in.or("partitions", PARTITIONS, 1),
                in.or("retention", RETENTION, Retention.standard()),
                in.or("versioned_keys", Kinds.SMALL_COUNT, 0),
                in.or("arguments", TEXTS, Map.of()));
    }

    private static void writeRetention(Out out, Retention retention) {
        out.maybe("time_ms", MILLIS, retention.time()).or("bytes", COUNT, retention.bytes(), 0L);
    }

    private static void writeExchange(Out out, Definition.Exchange exchange) {
        out.put("name", CHANNEL, exchange.name())
                .put("kind", EXCHANGE_KIND, exchange.kind())
                .maybe("alternate", CHANNEL, exchange.alternate())
                .or("delayed", FLAG, exchange.delayed(), false)
                .maybe("hash_header", TEXT, exchange.hashHeader())
                .or("arguments", TEXTS, exchange.arguments(), Map.of());
    }

    private static Definition.Exchange readExchange(In in) {
        return new Definition.Exchange(
                in.get("name", CHANNEL),
                in.get("kind", EXCHANGE_KIND),
                in.maybe("alternate", CHANNEL),
                in.or("delayed", FLAG, false),
                in.maybe("hash_header", TEXT),
                in.or("arguments", TEXTS, Map.of()));
    }

    private static void writeBinding(Out out, Definition.Binding binding) {
        out.put("binding", TargetForm.BINDING, binding.id())
                .maybe("match", MATCH, binding.match())
                .maybe("filter", FilterForm.KIND, binding.filter())
                .or("adds", MessageForm.HEADERS, binding.adds(), List.of())
                .or("arguments", TEXTS, binding.arguments(), Map.of());
    }

    private static Definition.Binding readBinding(In in) {
        return new Definition.Binding(
                in.get("binding", TargetForm.BINDING),
                in.maybe("match", MATCH),
                in.maybe("filter", FilterForm.KIND),
                in.or("adds", MessageForm.HEADERS, List.<Header>of()),
                in.or("arguments", TEXTS, Map.of()));
    }

    private static void writeMatch(Out out, HeaderMatch match) {
        out.or("mode", MODE, match.mode(), HeaderMatch.Mode.ALL)
                .or("equal", MessageForm.HEADERS, match.equal(), List.of())
                .or("present", NAMES, match.present(), List.of());
    }

    private static HeaderMatch readMatch(In in) {
        return new HeaderMatch(
                in.or("mode", MODE, HeaderMatch.Mode.ALL),
                in.or("equal", MessageForm.HEADERS, List.of()),
                in.or("present", NAMES, List.of()));
    }
}
