package io.millstream.testkit.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// What happened in a run, in words. A run is told only when it is repeated to be explained, so
/// that telling costs the others nothing.
final class Trace {
    private static final int SHOWN_MAX = 60;

    private final boolean told;
    private final List<Event> events = new ArrayList<>();
    private long step;

    private record Event(long step, String subject, String what) {}

    Trace(boolean told) {
        this.told = told;
    }

    void step() {
        step++;
    }

    /// Something that concerns everything.
    void tell(Supplier<String> what) {
        tell("", what);
    }

    /// Something that concerns `subject`.
    void tell(String subject, Supplier<String> what) {
        if (told) {
            events.add(new Event(step, subject, what.get()));
        }
    }

    /// The last events that concern `subject` or everything.
    String about(String subject) {
        List<Event> concerning =
                events.stream()
                        .filter(event ->
                                event.subject.isEmpty()
                                        || event.subject.equals(subject)
                                        || event.what.matches("(?s).*\\b" + subject + "\\b.*"))
                        .toList();
        StringBuilder text = new StringBuilder();
        int from = Math.max(0, concerning.size() - SHOWN_MAX);
        for (Event event : concerning.subList(from, concerning.size())) {
            text.append("%8d  %-8s %s%n".formatted(event.step, event.subject, event.what));
        }
        return text.toString();
    }
}
