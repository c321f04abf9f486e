package io.millstream.engine.state;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Header;
import io.millstream.api.HeaderMatch;
import io.millstream.api.Target;
import io.millstream.engine.bytes.Input;
import io.millstream.engine.bytes.MalformedException;
import io.millstream.engine.bytes.Output;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;

/// The bytes of exchanges and bindings, and of the entries that say what happens to them: a type, a
/// version, then a definition or a name.
///
/// ```
///   exchange                                                              binding
///   +------+------+-----------+---------+-------------+-----------+     +------+-------+--------+
///   | name | kind | alternate | delayed | hash header | arguments |     | name | match | filter |
///   |      | 1    | optional  | 1       | optional    |           |     | adds | arguments      |
///   +------+------+-----------+---------+-------------+-----------+     +------+----------------+
///
///   binding's name                                match                      headers
///   +----------+---------+---------+-------+     +-----------+---------+    +------------------+
///   | exchange | 0 or 1, | pattern | label |     | 0, or     | headers |    | count, then each |
///   |          | target  |         |       |     | 1 + mode  | names   |    | name type value  |
///   +----------+---------+---------+-------+     +-----------+---------+    +------------------+
/// ```
///
/// A target behind 0 is a channel, behind 1 an exchange. Filters are in [FilterCodec].
final class RouteCodec {
    private static final int EXCHANGE_DEFINED = 30;
    private static final int EXCHANGE_REMOVED = 31;
    private static final int BINDING_DEFINED = 32;
    private static final int BINDING_REMOVED = 33;

    // Their places are what the bytes say: only ever added to at the end.
    private static final List<ExchangeKind> KINDS =
            List.of(
                    ExchangeKind.DIRECT,
                    ExchangeKind.FANOUT,
                    ExchangeKind.TOPIC,
                    ExchangeKind.HEADERS,
                    ExchangeKind.CONSISTENT_HASH,
                    ExchangeKind.RANDOM);
    private static final List<HeaderMatch.Mode> MODES =
            List.of(
                    HeaderMatch.Mode.ALL,
                    HeaderMatch.Mode.ANY,
                    HeaderMatch.Mode.ALL_WITH_X,
                    HeaderMatch.Mode.ANY_WITH_X);

    private RouteCodec() {}

    static void encode(Definition.Exchange exchange, Output out) {
        EntryCodec.encodeName(exchange.name(), out);
        out.byteValue(KINDS.indexOf(exchange.kind()));
        ChannelName alternate = exchange.alternate();
        out.bool(alternate != null);
        if (alternate != null) {
            EntryCodec.encodeName(alternate, out);
        }
        out.bool(exchange.delayed());
        out.optionalText(exchange.hashHeader());
        out.texts(exchange.arguments());
    }

    static Definition.Exchange decodeExchange(Input in) {
        return new Definition.Exchange(
                EntryCodec.decodeName(in),
                of(KINDS, in),
                in.bool() ? EntryCodec.decodeName(in) : null,
                in.bool(),
                in.optionalText(),
                in.texts());
    }

    static void encode(Definition.Binding binding, Output out) {
        encode(binding.id(), out);
        HeaderMatch match = binding.match();
        out.byteValue(match == null ? 0 : 1 + MODES.indexOf(match.mode()));
        if (match != null) {
            encode(match.equal(), out);
            out.varint(match.present().size());
            match.present().forEach(out::text);
        }
        FilterCodec.encode(binding.filter(), out);
        encode(binding.adds(), out);
        out.texts(binding.arguments());
    }

    static Definition.Binding decodeBinding(Input in) {
        return new Definition.Binding(
                decodeName(in),
                decodeMatch(in),
                FilterCodec.decode(in),
                decodeHeaders(in),
                in.texts());
    }

    static void encode(BindingName id, Output out) {
        EntryCodec.encodeName(id.exchange(), out);
        out.bool(id.target() instanceof Target.Exchange);
        EntryCodec.encodeName(id.target().name(), out);
        out.text(id.pattern());
        out.text(id.label());
    }

    static BindingName decodeName(Input in) {
        ChannelName exchange = EntryCodec.decodeName(in);
        boolean isExchange = in.bool();
        ChannelName name = EntryCodec.decodeName(in);
        Target target = isExchange ? new Target.Exchange(name) : new Target.Channel(name);
        return new BindingName(exchange, target, in.text(), in.text());
    }

    private static @Nullable HeaderMatch decodeMatch(Input in) {
        int mode = in.byteValue();
        if (mode == 0) {
            return null;
        }
        if (mode > MODES.size()) {
            throw new MalformedException("A binding matches headers by " + mode);
        }
        List<Header> equal = decodeHeaders(in);
        List<String> present = new ArrayList<>();
        for (int i = in.size(); i > 0; i--) {
            present.add(in.text());
        }
        return new HeaderMatch(MODES.get(mode - 1), equal, present);
    }

    private static void encode(List<Header> headers, Output out) {
        out.varint(headers.size());
        for (Header header : headers) {
            out.text(header.name());
            out.text(header.type());
            out.bytes(header.value());
        }
    }

    private static List<Header> decodeHeaders(Input in) {
        List<Header> headers = new ArrayList<>();
        for (int i = in.size(); i > 0; i--) {
            headers.add(new Header(in.text(), in.text(), in.bytes()));
        }
        return headers;
    }

    private static ExchangeKind of(List<ExchangeKind> kinds, Input in) {
        int code = in.byteValue();
        if (code >= kinds.size()) {
            throw new MalformedException("An exchange is of kind " + code);
        }
        return kinds.get(code);
    }

    static void encode(Entry.OfRoute entry, Output out) {
        switch (entry) {
            case Entry.ExchangeDefined(long version, Definition.Exchange definition) -> {
                out.byteValue(EXCHANGE_DEFINED);
                out.varint(version);
                encode(definition, out);
            }
            case Entry.ExchangeRemoved(long version, ChannelName name) -> {
                out.byteValue(EXCHANGE_REMOVED);
                out.varint(version);
                EntryCodec.encodeName(name, out);
            }
            case Entry.BindingDefined(long version, Definition.Binding definition) -> {
                out.byteValue(BINDING_DEFINED);
                out.varint(version);
                encode(definition, out);
            }
            case Entry.BindingRemoved(long version, BindingName id) -> {
                out.byteValue(BINDING_REMOVED);
                out.varint(version);
                encode(id, out);
            }
        }
    }

    /// Whether entries of this type are about exchanges and bindings.
    static boolean isOfRoute(int type) {
        return type >= EXCHANGE_DEFINED && type <= BINDING_REMOVED;
    }

    static Entry.OfRoute decode(int type, Input in) {
        long version = in.varint();
        return switch (type) {
            case EXCHANGE_DEFINED -> new Entry.ExchangeDefined(version, decodeExchange(in));
            case EXCHANGE_REMOVED -> new Entry.ExchangeRemoved(version, EntryCodec.decodeName(in));
            case BINDING_DEFINED -> new Entry.BindingDefined(version, decodeBinding(in));
            case BINDING_REMOVED -> new Entry.BindingRemoved(version, decodeName(in));
            default -> throw new MalformedException("No entry of a route has type " + type);
        };
    }

    /// How long a definition is.
    static int bytesOf(Definition definition) {
        Output out = new Output(256);
        switch (definition) {
            case Definition.Exchange exchange -> encode(exchange, out);
            case Definition.Binding binding -> encode(binding, out);
            case Definition.Queue _, Definition.Topic _ -> {}
        }
        return out.length();
    }
}
