package io.millstream.engine.topic;

import io.millstream.api.Bytes;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.Output;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// How many records each key of a partition has had. Bounded by the topic's definition, which
/// refuses another key when there are as many as it allows.
public final class KeyVersions {
    private final Map<Bytes, Long> byKey = new HashMap<>();

    /// How many records this key has had.
    public long of(Bytes key) {
        return byKey.getOrDefault(key, 0L);
    }

    /// How many keys there are.
    public int size() {
        return byKey.size();
    }

    /// Another record of this key.
    public void count(Bytes key) {
        byKey.merge(key, 1L, Long::sum);
    }

    /// Counts no keys any more.
    void clear() {
        byKey.clear();
    }

    /// In the order of the keys, so that equal counts have equal bytes.
    void write(Output out) {
        byte[][] keys = byKey.keySet().stream().map(Bytes::toArray).toArray(byte[][]::new);
        Arrays.sort(keys, Arrays::compareUnsigned);
        out.varint(keys.length);
        for (byte[] key : keys) {
            Bytes bytes = Bytes.of(key);
            out.bytes(bytes);
            out.varint(of(bytes));
        }
    }

    static KeyVersions read(Input in) {
        KeyVersions versions = new KeyVersions();
        for (int i = in.size(); i > 0; i--) {
            versions.byKey.put(in.bytes(), in.varint());
        }
        return versions;
    }
}
