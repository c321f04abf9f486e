package io.millstream.engine.state;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Retention;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;

import java.time.Duration;

/// The bytes of a topic's definition.
///
/// ```
///  +------+------------+----------------+----------------+---------------+-----------+
///  | name | partitions | time to keep   | bytes to keep, | counted keys, | arguments |
///  |      |            | in ms, or zero | or zero        | or zero       |           |
///  +------+------------+----------------+----------------+---------------+-----------+
/// ```
final class TopicCodec {
    private TopicCodec() {}

    static void encode(Definition.Topic topic, Output out) {
        EntryCodec.encodeName(topic.name(), out);
        out.varint(topic.partitions());
        Duration time = topic.retention().time();
        out.varint(time == null ? 0 : time.toMillis());
        out.varint(topic.retention().bytes());
        out.varint(topic.versionedKeys());
        out.texts(topic.arguments());
    }

    static Definition.Topic decode(Input in) {
        ChannelName name = EntryCodec.decodeName(in);
        int partitions = in.intValue();
        long millis = in.varint();
        Retention retention =
                new Retention(millis == 0 ? null : Duration.ofMillis(millis), in.varint());
        return new Definition.Topic(name, partitions, retention, in.intValue(), in.texts());
    }
}
