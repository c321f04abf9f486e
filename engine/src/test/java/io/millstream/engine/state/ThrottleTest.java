package io.millstream.engine.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.millstream.api.Bytes;
import io.millstream.api.ChannelName;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Limit;
import io.millstream.api.Limits;
import io.millstream.api.Message;
import io.millstream.api.QueueBuilder;
import io.millstream.api.Rate;
import io.millstream.engine.bytes.Output;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/// No take gets more than limits allow, and none gets less.
class ThrottleTest {
    private static final ChannelName MAIL = ChannelName.of("mail");

    private State state = new State(1 << 20);
    private long position = 4096;

    private void apply(Entry entry) {
        state.apply(entry, position, 100);
        position += 100;
    }

    private QueueState mail() {
        return state.queue(MAIL);
    }

    private void define(QueueBuilder queue) {
        apply(new Entry.QueueDefined(1, state.versions() + 1, queue.build()));
    }

    private static QueueBuilder queue() {
        return Definition.Queue.builder(MAIL);
    }

    private void put(String group, String type) {
        Message message = Message.builder(Bytes.EMPTY).group(group).type(type).build();
        long sequence = state.queue(1).end();
        apply(new Entry.Put(1, sequence, StoredMessage.encode(message)));
    }

    private List<Long> take(int messages) {
        return take(messages, TypeFilter.ALL);
    }

    private List<Long> take(int messages, TypeFilter filter) {
        TakeDecider.Decided decided =
                TakeDecider.decide(
                        state, mail(), messages, Long.MAX_VALUE, filter, Long.MAX_VALUE / 2, 100);
        if (decided.taken() == null) {
            return List.of();
        }
        apply(decided.taken());
        List<Long> sequences = new ArrayList<>();
        for (long sequence : decided.taken().sequences()) {
            sequences.add(sequence);
        }
        return sequences;
    }

    private void settle(long sequence) {
        apply(new Entry.Settled(1, sequence, false));
    }

    private void restart() {
        Output out = new Output(0);
        state.write(out);
        State loaded = new State(1 << 20);
        loaded.load(ByteBuffer.wrap(out.toArray()));
        loaded.loaded();
        state = loaded;
    }

    @Test
    void one_take_gets_as_many_of_a_type_as_there_are_slots_and_others_go_on() {
        define(queue().typed(true).limits(Limits.NONE.withTypes(Limit.concurrency(2))));
        for (int i = 0; i < 4; i++) {
            put(null, "slow");
        }
        put(null, "fast");
        put(null, null);

        assertThat(take(10)).containsExactly(1L, 2L, 5L, 6L);
        assertThat(mail().hasReady()).isFalse();
        settle(2);
        assertThat(mail().hasReady()).isTrue();
        assertThat(take(10)).containsExactly(3L);
        restart();
        assertThat(take(10)).isEmpty();
        settle(1);
        assertThat(take(10)).containsExactly(4L);
    }

    @Test
    void groups_with_messages_of_several_priorities_count_them_together() {
        define(queue().groups(Groups.FAIR).limits(Limits.NONE.withGroups(Limit.concurrency(2))));
        for (int i = 0; i < 6; i++) {
            Message message = Message.builder(Bytes.EMPTY).group("a").priority(i % 3).build();
            apply(new Entry.Put(1, i + 1, StoredMessage.encode(message)));
        }
        put("b", null);

        assertThat(take(10)).containsExactly(1L, 7L, 4L);
        assertThat(take(10)).isEmpty();
    }

    @Test
    void a_rate_holds_up_its_group_until_its_time_and_over_a_restart() {
        state.advance(1000);
        Limit slow = Limit.rate(Rate.of(1, Duration.ofSeconds(1)));
        define(queue().groups(Groups.FAIR).limits(Limits.NONE.withGroups(slow)));
        put("a", null);
        put("a", null);
        put("b", null);

        assertThat(take(10)).containsExactly(1L, 3L);
        settle(1);
        settle(3);
        put("b", null);
        restart();
        assertThat(take(10)).isEmpty();
        assertThat(state.nextDue()).isEqualTo(2000);
        assertThat(state.advance(1999)).isEmpty();
        assertThat(state.advance(2000)).containsOnly(mail());
        assertThat(take(10)).containsExactlyInAnyOrder(2L, 4L);
    }

    @Test
    void a_takers_types_are_all_it_gets() {
        define(queue().typed(true));
        put(null, "a");
        put(null, "b");
        put(null, null);
        put(null, "a");

        TypeFilter b = TypeFilter.of(Set.of("b", "unknown"));
        assertThat(mail().hasReady(b)).isTrue();
        assertThat(take(10, b)).containsExactly(2L);
        assertThat(mail().hasReady(b)).isFalse();
        assertThat(take(10)).containsExactly(1L, 3L, 4L);
    }

    @Test
    void a_full_table_of_types_takes_those_again_that_nothing_depends_on() {
        define(queue().typed(true));
        Types types = mail().needThrottle().types();
        for (int i = 0; i < Definition.Queue.TYPES_MAX; i++) {
            put(null, "type " + i);
        }
        assertThat(types.haveRoomFor(1, state.now())).isFalse();
        take(3);
        settle(2);
        assertThat(types.haveRoomFor(1, state.now())).isTrue();
        assertThat(types.haveRoomFor(2, state.now())).isFalse();
        put(null, "new");
        assertThat(types.find("new").number).isEqualTo(2);
        assertThat(types.find("type 1")).isNull();
    }

    /// Whoever has a weight of three gets three of four.
    @Test
    void shares_follow_weights() {
        define(queue().groups(Groups.FAIR_ORDERED).weights(Map.of("heavy", 3)));
        for (int i = 0; i < 40; i++) {
            put("heavy", null);
            put("light", null);
        }
        int heavy = 0;
        for (int i = 0; i < 40; i++) {
            long sequence = take(1).getFirst();
            heavy += sequence % 2 == 1 ? 1 : 0;
            settle(sequence);
        }
        assertThat(heavy).isEqualTo(30);
    }

    /// Against counting it all by hand.
    @ParameterizedTest
    @EnumSource(names = {"ORDERED", "ORDERED_SINGLY", "FAIR", "FAIR_ORDERED"})
    void limits_hold_whatever_happens_and_hold_up_nothing_else(Groups groups) {
        for (int seed = 1; seed <= 20; seed++) {
            state = new State(1 << 20);
            check(groups, new Random(seed));
        }
    }

    private void check(Groups groups, Random random) {
        Limit ofType = new Limit(1 + random.nextInt(3), Rate.of(5, Duration.ofMillis(100)));
        Limit ofGroup = new Limit(1 + random.nextInt(3), Rate.of(3, Duration.ofMillis(200)));
        Limits limits = Limits.NONE.withTypes(ofType).withGroups(ofGroup);
        state.advance(1000);
        define(queue().typed(true).groups(groups).limits(limits));
        Map<Long, String> groupOf = new HashMap<>();
        Map<Long, String> typeOf = new HashMap<>();
        List<Long> leased = new ArrayList<>();
        Map<String, Long> next = new HashMap<>();
        for (int i = 0; i < 400; i++) {
            switch (random.nextInt(4)) {
                case 0 -> {
                    String group = random.nextInt(4) == 0 ? null : "g" + random.nextInt(4);
                    String type = random.nextInt(4) == 0 ? null : "t" + random.nextInt(3);
                    groupOf.put(mail().end(), group);
                    typeOf.put(mail().end(), type);
                    put(group, type);
                }
                case 1 -> {
                    for (long one : take(1 + random.nextInt(4))) {
                        leased.add(one);
                        started(next, ofType, typeOf.get(one));
                        started(next, ofGroup, groupOf.get(one));
                    }
                }
                case 2 -> {
                    if (!leased.isEmpty()) {
                        settle(leased.remove(random.nextInt(leased.size())));
                    }
                }
                default -> state.advance(state.now() + random.nextInt(40));
            }
            if (random.nextInt(30) == 0) {
                restart();
            }
            assertThat(leased.stream().filter(one -> "t0".equals(typeOf.get(one))).count())
                    .isLessThanOrEqualTo(ofType.concurrency());
            assertThat(leased.stream().filter(one -> "g0".equals(groupOf.get(one))).count())
                    .isLessThanOrEqualTo(ofGroup.concurrency());
            boolean any =
                    groupOf.keySet().stream()
                            .filter(one -> mail().holds(one) && !leased.contains(one))
                            .filter(one -> isFirst(groups, groupOf, leased, one))
                            .filter(one -> mayStart(next, leased, ofType, typeOf, one))
                            .anyMatch(one -> mayStart(next, leased, ofGroup, groupOf, one));
            assertThat(mail().hasReady()).isEqualTo(any);
        }
    }

    private boolean isFirst(
            Groups groups, Map<Long, String> groupOf, List<Long> leased, long sequence) {
        String group = groupOf.get(sequence);
        return !groups.isOrdered()
                || group == null
                || groupOf.entrySet().stream()
                        .filter(one -> group.equals(one.getValue()))
                        .noneMatch(one ->
                                leased.contains(one.getKey())
                                        || (one.getKey() < sequence && mail().holds(one.getKey())));
    }

    private void started(Map<String, Long> next, Limit limit, String key) {
        if (key != null) {
            long before = next.getOrDefault(key, 0L);
            assertThat(Pace.allowed(limit.rate(), before, state.now())).isPositive();
            next.put(key, Pace.started(limit.rate(), before, state.now()));
        }
    }

    private boolean mayStart(
            Map<String, Long> next,
            List<Long> leased,
            Limit limit,
            Map<Long, String> keys,
            long sequence) {
        String key = keys.get(sequence);
        if (key == null) {
            return true;
        }
        int held = (int) leased.stream().filter(one -> key.equals(keys.get(one))).count();
        return Pace.left(limit, held, next.getOrDefault(key, 0L), state.now()) > 0;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_purge_leaves_nobody_waiting_but_keeps_what_was_used(boolean snapshot) {
        state.advance(1000);
        Limit slow = Limit.rate(Rate.of(1, Duration.ofSeconds(1)));
        define(queue().groups(Groups.FAIR).limits(Limits.NONE.withGroups(slow)));
        put("a", null);
        put("a", null);
        take(1);
        if (snapshot) {
            state.beginSnapshot(100);
        }
        apply(new Entry.Purged(1, mail().end()));
        state.advance(1500);
        put("a", null);
        assertThat(take(1)).isEmpty();
        state.advance(2000);
        assertThat(take(1)).containsExactly(3L);
    }

    @Test
    void a_definition_looks_at_all_groups_only_if_limits_or_weights_are_others() {
        Limits limits = Limits.NONE.withGroups(Limit.concurrency(1));
        Definition.Queue declared = queue().groups(Groups.FAIR).typed(true).limits(limits).build();
        define(declared.with());
        put("a", null);
        Group group = mail().lanes().members().groups().all().iterator().next();
        int untouched = 99;

        for (QueueBuilder same :
                List.of(
                        declared.with().paused(true),
                        declared.with(),
                        declared.with().limits(limits.withRate(Rate.of(1, Duration.ofHours(1)))),
                        declared.with().limits(limits.withTypes(Limit.concurrency(1))))) {
            group.weight = untouched;
            define(same);
            assertThat(group.weight).isEqualTo(untouched);
        }
        define(declared.with().limits(limits.withGroups(Limit.concurrency(2))));
        assertThat(group.weight).isEqualTo(1);
        define(declared.with().weights(Map.of("a", 3)));
        assertThat(group.weight).isEqualTo(3);
    }
}
