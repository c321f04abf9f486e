package io.millstream.index;

import io.millstream.api.ChannelName;
import io.millstream.api.Header;
import io.millstream.api.Lifecycle;
import io.millstream.api.Lifecycle.Life;
import io.millstream.api.Lifecycle.Place;
import io.millstream.api.Message;
import io.millstream.api.Via;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/// Histories at random, as stores and workers tell them.
final class Histories {
    private static final Life DEAD = new Life(ChannelName.of("jobs.dead"), 1);
    private static final Life ENDED = new Life(ChannelName.of("jobs.ended"), 1);
    private static final List<String> WORDS =
            List.of("timeout", "refused", "connection", "IllegalState", "disk", "full", "user");

    private final RandomGenerator random;
    private final List<Lifecycle> told = new ArrayList<>();
    private final Map<Place, String> there = new HashMap<>();
    private final List<Place> places = new ArrayList<>();
    private final Map<String, Long> lives = new HashMap<>();
    private final Map<Life, Long> sequences = new HashMap<>();
    private int ids;

    Histories(long seed) {
        random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    }

    /// What is told next, in about so many steps.
    List<Lifecycle> next(int steps) {
        told.clear();
        for (int i = 0; i < steps; i++) {
            step();
        }
        return List.copyOf(told);
    }

    private void step() {
        if (places.isEmpty() || random.nextInt(3) == 0) {
            comes();
            return;
        }
        Place place = places.get(random.nextInt(places.size()));
        if (place.life().equals(DEAD)) {
            inDeadSet(place);
        } else if (place.life().equals(ENDED)) {
            told.add(new Lifecycle.Taken(place, 1, null));
            told.add(new Lifecycle.Done(leave(place)));
            if (random.nextBoolean()) {
                told.add(put(DEAD, dead(lastId)));
            }
        } else {
            happens(place);
        }
    }

    private String lastId = "";

    private void comes() {
        Life life = life(random.nextInt(5) == 0 ? "reports" : "mail");
        Message.Builder message = Message.builder("").type("type." + random.nextInt(4));
        if (random.nextInt(10) > 0) {
            message.id("id" + (random.nextInt(20) == 0 ? ids : ids++));
        }
        if (random.nextInt(3) == 0) {
            message.group("key" + random.nextInt(10));
        }
        if (random.nextInt(3) == 0) {
            message.header(Header.text("millstream-tags", random.nextBoolean() ? "a,b" : "b"));
        }
        if (random.nextInt(6) == 0) {
            message.delay(Duration.ofDays(1));
        }
        told.add(put(life, message));
    }

    private Lifecycle put(Life life, Message.Builder message) {
        Place place = place(life);
        Message built = message.build();
        enter(
                place,
                built.id() == null ? life.queue().name() + "-" + place.sequence() : built.id());
        return Lifecycle.Stored.put(place, built);
    }

    private static Message.Builder dead(String id) {
        return Message.builder("").id(id).header(Header.text("millstream-dead-queue", "mail"));
    }

    private void happens(Place place) {
        int attempt = 1 + random.nextInt(3);
        switch (random.nextInt(14)) {
            case 0, 1, 2, 3 -> told.add(new Lifecycle.Taken(place, attempt, Instant.EPOCH));
            case 4 -> told.add(new Lifecycle.Returned(place, attempt, due()));
            case 5 -> {
                told.add(new Lifecycle.Failed(place, attempt, reason(), "f" + random.nextInt(5)));
                told.add(new Lifecycle.Returned(place, attempt, due()));
            }
            case 6 -> {
                told.add(new Lifecycle.Ended(place, attempt, "dead", reason()));
                told.add(new Lifecycle.Done(leave(place)));
                told.add(put(DEAD, dead(lastId)));
            }
            case 7 -> {
                told.add(new Lifecycle.Ended(place, 0, "cancelled", "It was cancelled."));
                told.add(Lifecycle.Dropped.one(leave(place)));
            }
            case 8 -> letter(place, ENDED);
            case 9 -> letter(place, life("grave"));
            case 10 -> rarely(place);
            default -> told.add(new Lifecycle.Done(leave(place)));
        }
    }

    private void letter(Place place, Life to) {
        Via.Cause[] causes = Via.Cause.values();
        Place target = place(to);
        told.add(
                new Lifecycle.Dead(
                        leave(place), causes[random.nextInt(causes.length)], reason(), target));
        told.add(Lifecycle.Stored.from(target, place));
        enter(target, lastId);
    }

    private void rarely(Place place) {
        switch (random.nextInt(5)) {
            case 0 -> move(place, life("reports"));
            case 1 -> told.add(new Lifecycle.Stranded(place, Via.Cause.REJECTED, reason()));
            case 2 -> {
                told.add(new Lifecycle.Purged(place.life(), place.sequence() + 1));
                leaveAll(place.life(), place.sequence());
            }
            case 3 -> {
                told.add(new Lifecycle.Removed(place.life()));
                leaveAll(place.life(), Long.MAX_VALUE);
                lives.merge(place.life().queue().name(), 1L, Long::sum);
            }
            default -> {
                told.add(new Lifecycle.Logged(place, 1, "a line"));
                told.add(new Lifecycle.Progressed(place, 1, 3, 10, "half"));
            }
        }
    }

    private void move(Place place, Life to) {
        Place target = place(to);
        told.add(new Lifecycle.Moved(leave(place), target));
        told.add(Lifecycle.Stored.from(target, place));
        enter(target, lastId);
    }

    private void inDeadSet(Place place) {
        switch (random.nextInt(4)) {
            case 0 -> {
                told.add(Lifecycle.Dropped.one(leave(place)));
                told.add(put(life("mail"), Message.builder("").id(lastId).type("type.1")));
            }
            case 1 -> told.add(Lifecycle.Dropped.one(leave(place)));
            case 2 -> move(place, life("mail"));
            default -> told.add(new Lifecycle.Taken(place, 1, Instant.EPOCH));
        }
    }

    private Instant due() {
        return random.nextBoolean() ? null : Instant.parse("2100-01-01T00:00:00Z");
    }

    private String reason() {
        StringBuilder text = new StringBuilder("java.lang.RuntimeException:");
        for (int i = 0; i < 3; i++) {
            text.append(' ').append(WORDS.get(random.nextInt(WORDS.size())));
        }
        return text.append(" 'x\"y' ").append(random.nextInt(50)).toString();
    }

    private Life life(String queue) {
        return new Life(ChannelName.of(queue), lives.computeIfAbsent(queue, _ -> 1L));
    }

    private Place place(Life life) {
        return new Place(life, sequences.merge(life, 1L, Long::sum));
    }

    private void enter(Place place, String id) {
        there.put(place, id);
        places.add(place);
    }

    private Place leave(Place place) {
        lastId = there.remove(place);
        places.remove(place);
        return place;
    }

    private void leaveAll(Life life, long last) {
        places.removeIf(place -> place.life().equals(life) && place.sequence() <= last);
        there.keySet().removeIf(place -> place.life().equals(life) && place.sequence() <= last);
    }
}
