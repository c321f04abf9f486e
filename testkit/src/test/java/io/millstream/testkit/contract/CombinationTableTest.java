package io.millstream.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Map.entry;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Each row of the table of how features combine, in `docs/queues.md`, has its tests in the
/// contracts: a row that comes without one fails here, and so does a test that goes.
class CombinationTableTest {
    private static final String PAGE = "docs/queues.md";
    private static final String SECTION = "## How it goes together";

    private record Held(Class<?> contract, String test) {
        boolean isThere() {
            Optional<Method> method =
                    Stream.of(contract.getDeclaredMethods())
                            .filter(one -> one.getName().equals(test))
                            .findFirst();
            return method.isPresent() && method.get().isAnnotationPresent(Test.class);
        }
    }

    private static final Map<String, List<Held>> ROWS =
            Map.ofEntries(
                    entry(
                            "priority and groups",
                            List.of(
                                    priority(
                                            "priority_and_group_the_head_competes_for_its_group_"
                                                    + "and_never_inside_it"),
                                    priority(
                                            "priority_and_group_a_locked_groups_best_does_not_"
                                                    + "slip_through"),
                                    priority("ageing_and_group_the_group_is_as_old_as_its_head"))),
                    entry(
                            "delay and groups",
                            List.of(
                                    group(
                                            "group_and_delay_a_head_that_waits_holds_its_group_up_"
                                                    + "and_no_other"),
                                    group(
                                            "group_and_delay_a_take_of_several_ends_before_the_one_"
                                                    + "that_waits"),
                                    group(
                                            "group_and_delay_is_taken_where_groups_are_not_"
                                                    + "ordered"))),
                    entry(
                            "delay and time to live",
                            List.of(
                                    any(
                                            "delay_and_time_to_live_it_ends_when_it_is_due_and_not_"
                                                    + "before"))),
                    entry(
                            "delay and retention",
                            List.of(
                                    any(
                                            "delay_and_retention_what_is_too_old_goes_though_it_"
                                                    + "waits"))),
                    entry(
                            "time to live and order",
                            List.of(
                                    new Held(
                                            TimeToLiveContract.class,
                                            "one_that_is_overdue_behind_another_goes_when_it_is_"
                                                    + "the_next"),
                                    priority("priority_and_time_to_live_each_lane_has_its_head"))),
                    entry(
                            "capacity and commits",
                            List.of(
                                    capacity("the_puts_of_a_commit_count_together"),
                                    any(
                                            "capacity_and_settle_a_commit_that_settles_is_taken_"
                                                    + "whatever_is_there"))),
                    entry(
                            "capacity, moves and replays",
                            List.of(
                                    any(
                                            "capacity_and_move_moved_messages_are_taken_"
                                                    + "whatever_is_there"),
                                    any(
                                            "capacity_and_replay_what_is_put_again_is_taken_"
                                                    + "whatever_is_there"))),
                    entry(
                            "capacity and dead letters",
                            List.of(
                                    capacity("what_made_room_is_dead_lettered_and_says_why"),
                                    capacity(
                                            "what_cannot_be_dead_lettered_for_want_of_a_target_"
                                                    + "is_refused"))),
                    entry(
                            "deduplication and dead letters",
                            List.of(
                                    new Held(
                                            DeduplicationContract.class,
                                            "dead_letters_are_neither_compared_nor_remembered"),
                                    any(
                                            "deduplication_and_move_a_moved_message_is_neither_"
                                                    + "compared_nor_remembered"))),
                    entry(
                            "dead letters and groups",
                            List.of(
                                    group(
                                            "group_and_dead_letters_a_dead_group_is_worked_in_"
                                                    + "order"),
                                    priority(
                                            "priority_and_dead_letters_a_dead_letter_keeps_its_"
                                                    + "priority"),
                                    any(
                                            "delay_and_dead_letters_a_dead_letter_does_not_wait_"
                                                    + "again"),
                                    new Held(
                                            TimeToLiveContract.class,
                                            "a_dead_letters_own_time_is_over"))),
                    entry(
                            "limits and order",
                            List.of(
                                    limits(
                                            "limits_and_priority_the_best_one_that_is_not_held_up_"
                                                    + "is_next"),
                                    limits("limits_and_ageing_what_is_held_up_ages"),
                                    new Held(
                                            LimitsContract.class,
                                            "where_groups_share_fairly_one_that_waits_for_a_slot_"
                                                    + "leaves_its_turns_to_the_others"),
                                    new Held(
                                            LimitsContract.class,
                                            "a_head_that_is_held_up_holds_up_what_is_behind_it_in_"
                                                    + "its_group_and_nobody_else"))),
                    entry(
                            "limits and waiting",
                            List.of(
                                    limits("limits_and_delay_what_has_waited_needs_a_slot"),
                                    limits(
                                            "limits_and_back_off_what_waits_after_its_lease_leaves_"
                                                    + "its_slot_to_others"))),
                    entry(
                            "limits, age and room",
                            List.of(
                                    limits(
                                            "limits_and_retention_what_is_held_up_for_too_long_"
                                                    + "goes"),
                                    limits(
                                            "limits_and_time_to_live_a_head_that_is_held_up_goes_"
                                                    + "in_its_time"),
                                    limits(
                                            "limits_and_capacity_what_is_held_up_counts_and_makes_"
                                                    + "room"))),
                    entry(
                            "limits and moves",
                            List.of(
                                    limits(
                                            "limits_and_moves_what_is_held_up_is_moved_and_uses_"
                                                    + "nothing"),
                                    limits("limits_and_moves_what_comes_takes_part_in_the_limits"),
                                    limits("limits_and_drops_what_is_held_up_can_be_called_off"),
                                    limits(
                                            "limits_and_dead_letters_they_take_part_in_the_limits_"
                                                    + "of_their_queue"),
                                    new Held(
                                            RatesContract.class,
                                            "what_goes_without_a_lease_uses_no_permit"))),
                    entry(
                            "dead letters whose target is missing",
                            List.of(
                                    new Held(
                                            DeadLetterContract.class,
                                            "while_its_target_is_missing_a_dead_message_stays_and_"
                                                    + "is_not_handed_out"),
                                    new Held(
                                            GroupContract.class,
                                            "a_message_whose_target_is_missing_holds_nobody_"
                                                    + "up"))));

    private static Held any(String test) {
        return new Held(CombinationContract.class, test);
    }

    private static Held priority(String test) {
        return new Held(PriorityCombinationContract.class, test);
    }

    private static Held group(String test) {
        return new Held(GroupCombinationContract.class, test);
    }

    private static Held limits(String test) {
        return new Held(LimitsCombinationContract.class, test);
    }

    private static Held capacity(String test) {
        return new Held(CapacityContract.class, test);
    }

    private static List<String> rows() throws IOException {
        // The tests run in their module's folder, some development environments in the root.
        Path page = Files.exists(Path.of(PAGE)) ? Path.of(PAGE) : Path.of("..", PAGE);
        return Files.readAllLines(page).stream()
                .dropWhile(line -> !line.equals(SECTION))
                .filter(line -> line.startsWith("| ") && !line.startsWith("| |"))
                .map(line -> line.substring(2, line.indexOf(" | ", 2)))
                .toList();
    }

    @Test
    void every_row_has_its_tests() throws IOException {
        assertThat(rows()).containsExactlyInAnyOrderElementsOf(ROWS.keySet());
    }

    @Test
    void every_test_is_there() {
        assertThat(ROWS.values().stream().flatMap(List::stream))
                .isNotEmpty()
                .allMatch(Held::isThere);
    }
}
