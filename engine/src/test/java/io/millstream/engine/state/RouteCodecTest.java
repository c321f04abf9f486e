package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.BindingName;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Filter;
import io.millstream.api.Header;
import io.millstream.api.HeaderMatch;
import io.millstream.api.Target;
import io.millstream.engine.bytes.Output;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/// What an entry about exchanges and bindings says comes back from its bytes.
class RouteCodecTest {
    private static final ChannelName E = ChannelName.of("e");
    private static final ChannelName Q = ChannelName.of("q");
    private static final BindingName ID = new BindingName(E, new Target.Channel(Q), "k.#", "label");

    private static void assertComesBack(Entry entry) {
        Output out = new Output(16);
        EntryCodec.encode(entry, out);
        assertThat(EntryCodec.decode(out.view())).isEqualTo(entry);
    }

    private static void assertComesBack(Filter filter) {
        assertComesBack(new Entry.BindingDefined(7, Definition.Binding.of(ID).withFilter(filter)));
    }

    private static String hex(Entry entry) {
        Output out = new Output(16);
        EntryCodec.encode(entry, out);
        return HexFormat.of().formatHex(out.toArray());
    }

    @ParameterizedTest
    @EnumSource(ExchangeKind.class)
    void exchanges_of_every_kind(ExchangeKind kind) {
        assertComesBack(new Entry.ExchangeDefined(3, Definition.Exchange.of(E, kind)));
        assertComesBack(
                new Entry.ExchangeDefined(
                        4,
                        new Definition.Exchange(
                                E,
                                kind,
                                Q,
                                true,
                                kind == ExchangeKind.CONSISTENT_HASH ? "h" : null,
                                Map.of("a", "b"))));
        assertComesBack(new Entry.ExchangeRemoved(5, new ChannelName("host", "e")));
    }

    @ParameterizedTest
    @EnumSource(HeaderMatch.Mode.class)
    void bindings_of_every_kind(HeaderMatch.Mode mode) {
        assertComesBack(new Entry.BindingRemoved(5, ID));
        assertComesBack(
                new Entry.BindingRemoved(5, new BindingName(E, new Target.Exchange(E), "", "")));
        assertComesBack(
                new Entry.BindingDefined(
                        6,
                        new Definition.Binding(
                                ID,
                                new HeaderMatch(
                                        mode, List.of(Header.text("h", "v")), List.of("there")),
                                null,
                                List.of(Header.text("added", "x")),
                                Map.of("a", "b"))));
    }

    @Test
    void filters_of_every_kind() {
        assertComesBack(
                Filter.onHeaders(
                        Map.of(
                                "a",
                                Arrays.asList(
                                        "text",
                                        5,
                                        1.25,
                                        true,
                                        false,
                                        null,
                                        Map.of("prefix", "p"),
                                        Map.of("suffix", "s"),
                                        Map.of("equals-ignore-case", "i"),
                                        Map.of("wildcard", "w*"),
                                        Map.of("exists", false),
                                        Map.of("cidr", "10.0.0.0/8"),
                                        Map.of("numeric", List.of("=", 3)),
                                        Map.of("numeric", List.of(">=", 3)),
                                        Map.of("numeric", List.of(">", -3, "<", 0.5)),
                                        Map.of("anything-but", List.of("x", 4)),
                                        Map.of("anything-but", Map.of("prefix", "x"))))));
        assertComesBack(
                Filter.onBody(
                        Map.of(
                                "a",
                                Map.of("b", List.of("c"), "d", List.of("e")),
                                "$or",
                                List.of(Map.of("f", List.of("g")), Map.of("h", List.of("i"))))));
    }

    @Test
    void the_bytes_are_these() {
        assertThat(
                        hex(
                                new Entry.FannedOut(
                                        List.of(
                                                new Entry.FannedOut.Slot(1, 2),
                                                new Entry.FannedOut.Slot(3, 300)),
                                        new byte[] {9})))
                .isEqualTo("22" + "02" + "0102" + "03ac02" + "09");
        assertThat(hex(new Entry.ExchangeRemoved(5, E))).isEqualTo("1f05" + "012f" + "0165");
        assertThat(hex(new Entry.ExchangeDefined(5, Definition.Exchange.of(E, ExchangeKind.TOPIC))))
                .isEqualTo("1e05" + "012f0165" + "02" + "00" + "00" + "00" + "00");
        assertThat(hex(new Entry.BindingDefined(5, Definition.Binding.of(E, Q, "k"))))
                .isEqualTo(
                        "2005"
                                + "012f0165"
                                + "00"
                                + "012f0171"
                                + "016b"
                                + "00"
                                + "00"
                                + "00"
                                + "00"
                                + "00");
        assertThat(hex(new Entry.BindingRemoved(5, Definition.Binding.of(E, Q, "k").id())))
                .isEqualTo("2105" + "012f0165" + "00" + "012f0171" + "016b" + "00");
        assertThat(
                        hex(
                                new Entry.BindingDefined(
                                        5,
                                        Definition.Binding.of(E, Q, "k")
                                                .withFilter(
                                                        Filter.onHeaders(
                                                                Map.of("a", List.of("b")))))))
                .isEqualTo(
                        "2005"
                                + "012f0165"
                                + "00"
                                + "012f0171"
                                + "016b"
                                + "00"
                                + "00"
                                + "01"
                                + "03"
                                + "0161"
                                + "01"
                                + "010162"
                                + "00"
                                + "00");
    }
}
