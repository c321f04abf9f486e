package io.millstream.testkit.simulation;

import io.millstream.api.BackOff;
import io.millstream.api.Definition;
import io.millstream.api.Groups;
import io.millstream.api.Message;
import io.millstream.api.QueueBuilder;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/// What is special about the messages and queues of a run that uses what queues can do. It has dice
/// of its own, so that what else happens does not depend on it.
final class Specials {
    private static final int GROUPS = 4;

    private final Features features;
    private final boolean told;
    private final RandomGenerator random;

    /// @param told whether a topic is told what happens to messages
    Specials(Features features, boolean told, RandomGenerator random) {
        this.features = features;
        this.told = told;
        this.random = random;
    }

    Message.Builder with(Message.Builder message) {
        if (features.groups() && random.nextBoolean()) {
            message.group("g" + random.nextInt(GROUPS));
        } else if (features.delays() && random.nextInt(3) == 0) {
            message.delay(millis(random.nextInt(20) == 0 ? 10_000_000 : random.nextInt(1, 4000)));
        }
        if (features.delays() && random.nextInt(40) == 0) {
            // Refused where groups are worked in order.
            message.delay(millis(random.nextInt(1, 1000)));
        }
        if (features.priorities() && random.nextBoolean()) {
            message.priority(random.nextInt(10) == 0 ? Message.PRIORITY_MAX : random.nextInt(1, 4));
        }
        return message;
    }

    /// By its number a queue always works groups in order, or may change its mind.
    Definition.Queue with(Definition.Queue queue) {
        QueueBuilder with = queue.with();
        if (features.groups()) {
            int number = queue.name().name().charAt(1) - '0';
            with.groups(
                    switch (number) {
                        case 0 -> Groups.ORDERED;
                        case 1 -> either(Groups.ORDERED, Groups.ORDERED_SINGLY);
                        case 2 ->
                                List.of(Groups.values())
                                        .get(random.nextInt(Groups.values().length));
                        case 3 -> either(Groups.ORDERED, Groups.FAIR);
                        default -> Groups.FAIR;
                    });
        }
        if (features.priorities() && random.nextBoolean()) {
            with.ageing(millis(random.nextInt(1, 3000)));
        }
        if (features.backOffs() && random.nextInt(3) > 0) {
            with.backOff(
                    new BackOff(
                            millis(random.nextInt(1, 800)),
                            random.nextInt(1, 4),
                            millis(random.nextInt(800, 5000))));
        }
        return with.lifecycle(told ? Follower.TOPIC : null).build();
    }

    /// Whether it is handed out in the order of puts, among those of its kind.
    static boolean isPlain(Message message) {
        return message.group() == null && message.priority() == 0 && message.delay().isZero();
    }

    private Groups either(Groups one, Groups other) {
        return random.nextBoolean() ? one : other;
    }

    private static Duration millis(int millis) {
        return Duration.ofMillis(millis);
    }
}
