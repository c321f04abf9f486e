package io.millstream.engine.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Definition.Binding;
import io.millstream.api.ExchangeKind;
import io.millstream.api.Message;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What choosing exchanges choose.
class RouteTableTest {
    private static final ChannelName NAME = ChannelName.of("e");

    private static Binding binding(String queue, String pattern) {
        return Binding.of(NAME, ChannelName.of(queue), pattern);
    }

    private static RouteTable table(ExchangeKind kind, List<Binding> bindings) {
        return new RouteTable(Definition.Exchange.of(NAME, kind), bindings);
    }

    private static String chosen(RouteTable table, String key, long chance) {
        List<Binding> taking = table.taking(new Subject(key, Message.of("")), chance);
        assertThat(taking).hasSize(1);
        return taking.getFirst().id().target().name().name();
    }

    @Test
    void a_hash_shares_keys_by_weight() {
        RouteTable table =
                table(
                        ExchangeKind.CONSISTENT_HASH,
                        List.of(binding("a", "1"), binding("b", "2"), binding("c", "7")));
        Map<String, Integer> counts = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            counts.merge(chosen(table, "key-" + i, 0), 1, Integer::sum);
        }

        assertThat(counts.get("a")).isBetween(1800, 2200);
        assertThat(counts.get("b")).isBetween(3700, 4300);
        assertThat(counts.get("c")).isBetween(13_600, 14_400);
    }

    @Test
    void with_one_binding_less_only_its_keys_go_elsewhere() {
        List<Binding> bindings = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            bindings.add(binding("q" + i, "1"));
        }
        RouteTable before = table(ExchangeKind.CONSISTENT_HASH, bindings);
        RouteTable after = table(ExchangeKind.CONSISTENT_HASH, bindings.subList(0, 9));
        for (int i = 0; i < 5000; i++) {
            String was = chosen(before, "key-" + i, 0);
            if (!was.equals("q9")) {
                assertThat(chosen(after, "key-" + i, 0)).isEqualTo(was);
            }
        }
    }

    @Test
    void chance_gives_each_the_same_share_whatever_the_numbers_are_like() {
        RouteTable table =
                table(
                        ExchangeKind.RANDOM,
                        List.of(binding("a", ""), binding("b", ""), binding("c", "")));
        Map<String, Integer> counts = new HashMap<>();
        for (long i = 0; i < 9000; i++) {
            counts.merge(chosen(table, "", i << 16), 1, Integer::sum);
        }

        assertThat(counts.values()).allMatch(count -> count > 2800 && count < 3200);
    }

    @Test
    void a_hash_without_bindings_takes_nothing() {
        assertThat(
                        table(ExchangeKind.CONSISTENT_HASH, List.of())
                                .taking(new Subject("k", Message.of("")), 0))
                .isEmpty();
    }
}
